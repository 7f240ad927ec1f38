"""The README says what the program does."""

import re

from tests.readme import README, ROOT, rendered


def test_every_example_has_the_output_it_shows() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.count("<!-- output:") >= 5
    assert rendered(text) == text, "run `make docs`"


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
