"""Where shards are worked on: this process, worker processes, or a cluster.

The only seam is the standard `concurrent.futures.Executor`. A step over a shard is pure, reads
files and leaves a file that is whole or absent, so an engine has only to call a function and to
survive a lost worker. We write no scheduler: beyond one machine Dask does the work, whose client
offers the same interface on Slurm, Kubernetes and clouds (`docs/clusters.md`).
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from multiprocessing import connection, get_context, parent_process
from typing import Any, Final, ParamSpec, TypeVar

import polars as pl

from gpai_scan.errors import Interrupted, InvalidInput, UnknownName

KNOWN: Final = ("serial", "processes", "processes:N", "dask", "dask:FILE", "dask://HOST:PORT")
"""What an executor may be called; see `open_executor`."""

_ALLOCATOR: Final = "_RJEM_MALLOC_CONF"
_KEEPING: Final = "dirty_decay_ms:10000"
"""The allocator of a worker's Polars keeps what was freed for ten seconds, for half a second
otherwise: the next frames take it again, which halves the page faults of reading a shard for a
twentieth more memory. Polars sets the variable as it is imported; of one option the last counts."""

_P = ParamSpec("_P")
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class SerialExecutor(Executor):
    """Calls every function at once in this process: for debugging and for comparison."""

    def submit(
        self, fn: Callable[_P, _Result], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> Future[_Result]:
        """A finished future; what the function raises comes out of its `result`."""
        future: Future[_Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - belongs to whoever asks for the result
            future.set_exception(error)
        return future


class ProcessExecutor(Executor):
    """Worker processes on this machine that can be started afresh after one of them died.

    Processes are spawned, not forked: Polars' threads do not survive a fork. The machine's threads
    are shared out, so that `workers` processes together run as many as one would.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def submit(
        self, fn: Callable[_P, _Result], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> Future[_Result]:
        """Hands the call to a worker; `BrokenExecutor` where one has died since `renew`."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=get_context("spawn"), initializer=_settle
            )
        threads = str(max(1, processors() // self.workers))
        allocator = ",".join(filter(None, (os.environ.get(_ALLOCATOR), _KEEPING)))
        with _environment({"POLARS_MAX_THREADS": threads, _ALLOCATOR: allocator}):
            return self._pool.submit(fn, *args, **kwargs)

    def renew(self) -> None:
        """Leaves the present workers behind; the next call starts new ones."""
        self.shutdown(cancel_futures=True)
        self._pool = None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Waits for what is running and ends the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)


def processors() -> int:
    """Processors this process may use, as affinity, container quota and the user allow."""
    return pl.thread_pool_size()


@contextmanager
def open_executor(spec: str = "processes") -> Iterator[Executor]:
    """The executor of that name, ended at the end of the block.

    `serial`: this process. `processes` or `processes:N`: worker processes, as many as there are
    processors or N. `dask`, `dask:FILE`, `dask://HOST:PORT`: a Dask cluster on this machine, named
    by a scheduler file, or at an address. `UnknownName` for another name, `InvalidInput` for a
    count that is none or a cluster that cannot be used.
    """
    kind = re.split(r":", spec, maxsplit=1)[0]
    if kind == "dask":
        from gpai_scan import dask

        with dask.open_cluster(spec) as executor:
            yield executor
        return
    opened: SerialExecutor | ProcessExecutor
    if spec == "serial":
        opened = SerialExecutor()
    elif kind == "processes":
        opened = ProcessExecutor(_count(spec))
    else:
        raise UnknownName("executor", spec, KNOWN)
    try:
        yield opened
    finally:
        opened.shutdown(cancel_futures=True)


def map_shards(
    executor: Executor,
    function: Callable[[_Item], _Result],
    items: Iterable[_Item],
    on_done: Callable[[_Item], object] | None = None,
) -> Iterator[_Result]:
    """The results of `function` over the items, in the order they are finished.

    Function, items and results must be picklable and small: a shard's content belongs into files.
    `on_done` is called here with each finished item. What the function raises ends the iteration.
    An item whose worker process died is tried once more, alone; one that kills its worker again is
    set aside, the rest goes on, and `Interrupted` names it at the end.
    """
    waiting = list(items)
    if isinstance(executor, ProcessExecutor) and len(waiting) == 1:
        executor = SerialExecutor()  # starting workers takes longer than most single shards
    done = on_done or (lambda _: None)
    if isinstance(executor, SerialExecutor):
        for item in waiting:
            result = function(item)
            done(item)
            yield result
        return
    total, deadly = len(waiting), list[_Item]()
    while waiting:
        lost = yield from _attempt(executor, function, waiting, done)
        if not isinstance(executor, ProcessExecutor):
            deadly, waiting = lost, []
            break
        # Calls are started in order: what was running when a worker died is among the first.
        suspects, waiting = lost[: executor.workers + 1], lost[executor.workers + 1 :]
        again = yield from _one_by_one(function, suspects, done)
        deadly += again
        executor.renew()
        if again and len(again) == len(suspects):
            break  # none of them ran, not even alone: it is not the items
    if deadly:
        raise _interrupted([*deadly, *waiting], total)


def _attempt(
    executor: Executor,
    function: Callable[[_Item], _Result],
    items: list[_Item],
    done: Callable[[_Item], object],
) -> Generator[_Result, None, list[_Item]]:
    """Yields what finishes and returns the items whose worker died, in their order."""
    futures: dict[Future[_Result], int] = {}
    lost: set[int] = set()
    for place, item in enumerate(items):
        try:
            futures[executor.submit(function, item)] = place
        except BrokenExecutor:
            lost.add(place)
    try:
        for future in as_completed(list(futures)):
            place = futures.pop(future)
            try:
                result = future.result()
            except BrokenExecutor:
                lost.add(place)
                continue
            done(items[place])
            yield result
    finally:
        for future in futures:
            future.cancel()
    return [items[place] for place in sorted(lost)]


def _one_by_one(
    function: Callable[[_Item], _Result], items: list[_Item], done: Callable[[_Item], object]
) -> Generator[_Result, None, list[_Item]]:
    """As `_attempt`, each item alone in a worker: one that fails here fails by itself."""
    alone = ProcessExecutor(1)
    lost: list[_Item] = []
    try:
        for item in items:
            failed = yield from _attempt(alone, function, [item], done)
            if failed:
                lost += failed
                alone.renew()
    finally:
        alone.shutdown(cancel_futures=True)
    return lost


def _interrupted(items: list[Any], total: int) -> Interrupted:
    names = [str(getattr(item, "name", item)) for item in items]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return Interrupted(
        f"{len(names)} of {total} shards could not be finished because their worker process "
        f"ended twice, as it does when memory runs out: {', '.join(names[:3])}{more}. "
        "The others are kept: run the same command again, with --executor processes:1 or "
        "more memory, to go on."
    )


def _count(spec: str) -> int:
    """The N of `processes:N`; the processors where there is none."""
    _, colon, text = spec.partition(":")
    if not colon:
        return processors()
    if re.fullmatch(r"[0-9]{1,4}", text) and int(text) > 0:
        return int(text)
    raise InvalidInput(
        f"'{spec}' names no number of worker processes: write for example processes:4."
    )


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Sets environment variables for the processes started in the block."""
    before = {name: os.environ[name] for name in values if name in os.environ}
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            del os.environ[name]
        os.environ.update(before)


def _settle() -> None:
    """Makes a worker end with its parent, quietly on an interrupt and surely on a kill."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = parent_process()
    if parent is not None:
        wait = partial(connection.wait, [parent.sentinel])
        threading.Thread(target=lambda: (wait(), os._exit(1)), daemon=True).start()
