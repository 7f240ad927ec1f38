"""Finds `sql/`, `data/` and `pipelines/` in an installed wheel and in a checkout."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from gpai_scan.errors import UnknownName

_PACKAGE = Path(__file__).parent


@cache
def root() -> Path:
    """The folder that holds `sql/`, `data/` and `pipelines/`."""
    return _PACKAGE if (_PACKAGE / "sql").is_dir() else _PACKAGE.parent


def folder(name: str) -> Path:
    """One of the three asset folders, or a folder below it: `folder("sql/ask")`."""
    return root() / name


def names(folder_name: str, suffix: str) -> list[str]:
    """The names of the assets in a folder, without suffix, sorted."""
    return sorted(p.name.removesuffix(suffix) for p in folder(folder_name).glob(f"*{suffix}"))


def find(folder_name: str, name: str, suffix: str) -> Path:
    """The asset `name` in a folder; `UnknownName` lists what there is."""
    known = names(folder_name, suffix)
    if name not in known:
        raise UnknownName(folder_name, name, known)
    return folder(folder_name) / f"{name}{suffix}"


def digest(folder_name: str, pattern: str = "**/*") -> str:
    """A short SHA-256 over paths and contents of an asset folder: the version of its facts."""
    base = folder(folder_name)
    state = hashlib.sha256()
    for path in sorted(p for p in base.glob(pattern) if p.is_file()):
        state.update(path.relative_to(base).as_posix().encode())
        state.update(hashlib.sha256(path.read_bytes()).digest())
    return state.hexdigest()[:16]
