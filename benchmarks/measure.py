"""Time and memory of a command with all its processes, and the record of a measurement.

Memory is the sum over the process tree of what each process holds alone plus its share of what
several hold (`Pss` of Linux), looked at five times a second; elsewhere it is not measured.
"""

from __future__ import annotations

import csv
import os
import platform
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from pathlib import Path
from typing import Final

RESULTS: Final = Path(__file__).parent / "results"
_PROC: Final = Path("/proc")
_PERIOD_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Result:
    """One measured figure: what was done, on how much, how fast, against what.

    `units` is the amount of work (`unit` says of what), `seconds` the wall time, `baseline_seconds`
    the wall time of the named baseline on the same work in the same run, `peak_bytes` the peak
    memory of the whole process tree, `cpu_seconds` the processor time of all its processes: on a
    shared machine the steadier figure.
    """

    benchmark: str
    variant: str
    units: float
    unit: str
    seconds: float
    baseline: str = ""
    baseline_seconds: float | None = None
    peak_bytes: float | None = None
    note: str = ""
    cpu_seconds: float | None = None
    machine: str = field(default_factory=lambda: machine())
    versions: str = field(default_factory=lambda: versions())

    @property
    def ratio(self) -> float | None:
        """How many times faster than the baseline; null without one."""
        return None if self.baseline_seconds is None else self.baseline_seconds / self.seconds

    def line(self) -> str:
        """The result as a line for a reader."""
        rate = f"{self.units / self.seconds:,.0f} {self.unit}/s"
        peak = "" if self.peak_bytes is None else f", peak {self.peak_bytes / 1e9:.2f} GB"
        used = "" if self.cpu_seconds is None else f", {self.cpu_seconds:.1f} s of processors"
        against = "" if self.ratio is None else f", {self.ratio:.1f}x {self.baseline}"
        what = f"{self.benchmark:<12} {self.variant:<28} {self.seconds:8.2f} s"
        return f"{what}  {rate}{used}{against}{peak}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command took: seconds, processor seconds, peak bytes of its tree, and what it said."""

    seconds: float
    cpu_seconds: float
    peak_bytes: float | None
    exit_code: int
    output: str


def command(
    words: Sequence[str], cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> Measured:
    """Runs a command and measures it with every process it starts."""
    before, start = os.times(), time.perf_counter()
    process = subprocess.Popen(
        list(words),
        cwd=cwd,
        env=os.environ | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watch = Watch(process.pid)
    output, _ = process.communicate()
    seconds = time.perf_counter() - start
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Measured(seconds, cpu, watch.stop(), process.returncode, output)


class Watch:
    """Looks at the memory of a process and its descendants until stopped."""

    def __init__(self, pid: int) -> None:
        self.peak_bytes: float | None = None
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float | None:
        """Ends the watch; the highest sum seen, None where the system does not tell."""
        self._over.set()
        self._thread.join()
        return self.peak_bytes

    def _look(self) -> None:
        if not (_PROC / "self/smaps_rollup").exists():
            return
        while not self._over.wait(_PERIOD_SECONDS):
            held = float(sum(_held(pid) for pid in tree(self._pid)))
            self.peak_bytes = max(self.peak_bytes or 0.0, held)


def tree(pid: int) -> list[int]:
    """A process and its descendants, as Linux lists them."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def _held(pid: int) -> int:
    """Bytes a process holds, shared pages counted by share; 0 where it has gone."""
    try:
        text = (_PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0
    lines = (line.split() for line in text.splitlines())
    return next((int(words[1]) * 1024 for words in lines if words[0] == "Pss:"), 0)


def machine() -> str:
    """The machine in general words: processors, memory, system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def versions() -> str:
    """Versions of what does the work."""
    names = ("polars", "duckdb", "pyarrow")
    found = [f"{name} {version(name)}" for name in names]
    return ", ".join([f"Python {platform.python_version()}", *found])


def record(results: Iterable[Result], name: str) -> Path:
    """Appends results to `results/<name>.csv`, one row each."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.csv"
    names = [*(one.name for one in fields(Result)), "ratio"]
    rows: list[dict[str, object]] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{key: row.get(key) for key in names} for row in csv.DictReader(file)]
    for result in results:
        ratio = None if result.ratio is None else round(result.ratio, 3)
        rows.append(_rounded(asdict(result)) | {"ratio": ratio})
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def _rounded(row: dict[str, object]) -> dict[str, object]:
    return {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}
