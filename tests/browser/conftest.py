"""A real Chromium for the tests of the page; without one they are skipped, and say why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
MISSING = (
    "needs Chromium (Debian: apt-get install chromium) and "
    "`pip install playwright axe-playwright-python`"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason=MISSING)
    if CHROMIUM is None:
        pytest.skip(MISSING)
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield chromium
        chromium.close()


class Visit:
    """An open page, with everything it complained of and every address it asked for."""

    def __init__(self, context: Any, path: Path) -> None:  # noqa: ANN401
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page = context.new_page()
        self.page.on("console", lambda m: self.complaints.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.complaints.append(f"error: {e}"))
        self.page.on("dialog", lambda d: self.complaints.append(f"dialog: {d.message}"))
        context.on("request", lambda r: self.requests.append(r.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready=yes]", timeout=60_000)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def move(self, position: int) -> None:
        """Put the slider at a position, as a person's hand does."""
        self.page.locator("#slider").evaluate(
            "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('input')); }",
            str(position),
        )


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:  # noqa: ANN401
    contexts = []

    def open_page(path: Path, **options: Any) -> Visit:  # noqa: ANN401
        context = browser.new_context(**options)
        contexts.append(context)
        return Visit(context, path)

    yield open_page
    for context in contexts:
        context.close()
