"""A Dask cluster as executor: `pip install 'gpai-scan[dask]'`.

Dask starts a lost worker's calls again by itself and knows Slurm, PBS, LSF, Kubernetes and clouds
through deployers of its own. Workers need the same gpai-scan and see the same folders as the
command that started the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import polars as pl

import gpai_scan
from gpai_scan.errors import Interrupted, InvalidInput
from gpai_scan.executor import processors

if TYPE_CHECKING:
    from distributed import Client

_P = ParamSpec("_P")
_Result = TypeVar("_Result")

PATIENCE_SECONDS = 20
"""How long a scheduler may take to answer."""


class DaskExecutor(Executor):
    """Calls on a cluster; a call whose worker died several times ends in `BrokenExecutor`."""

    def __init__(self, client: Client) -> None:
        # Not `pure`: a pure call is answered from memory, and its file may have gone since.
        self._executor = client.get_executor(pure=False)

    def submit(
        self, fn: Callable[_P, _Result], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> Future[_Result]:
        """Hands the call to the scheduler."""
        outcome: Future[_Result] = Future()
        asked = self._executor.submit(fn, *args, **kwargs)
        outcome.add_done_callback(lambda f: asked.cancel() if f.cancelled() else None)
        asked.add_done_callback(lambda f: _pass_on(f, outcome))
        return outcome

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Waits for what was submitted, or cancels it."""
        self._executor.shutdown(wait=wait and not cancel_futures)


@contextmanager
def open_cluster(spec: str) -> Iterator[DaskExecutor]:
    """The cluster that `dask`, `dask:FILE` or `dask://HOST:PORT` names.

    `dask` starts one on this machine. FILE is what `dask scheduler --scheduler-file` writes.
    `dask://tls://HOST:PORT` keeps Dask's own form of address. `InvalidInput` where the extra is
    missing, nobody answers, or the workers run another version.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise InvalidInput(
            f"the executor '{spec}' needs Dask: run pip install 'gpai-scan[dask]'."
        ) from error
    if spec == "dask":
        with (
            LocalCluster(
                n_workers=processors(), threads_per_worker=1, dashboard_address=None
            ) as cluster,
            Client(cluster) as client,
        ):
            yield DaskExecutor(client)
        return
    try:
        client = Client(timeout=PATIENCE_SECONDS, set_as_default=False, **_address(spec))
    except (OSError, ValueError, TimeoutError) as error:
        raise InvalidInput(
            f"no Dask scheduler answers at '{spec}' ({error}): start one with `dask scheduler`."
        ) from error
    with client:
        _compare(client)
        yield DaskExecutor(client)


def _address(spec: str) -> dict[str, Any]:
    """The argument of Dask's client that a spec stands for."""
    place = spec.removeprefix("dask:")
    if not place.startswith("//"):
        if not Path(place).is_file():
            raise InvalidInput(f"there is no Dask scheduler file '{place}'.")
        return {"scheduler_file": place}
    address = place.removeprefix("//")
    return {"address": address if "://" in address else f"tcp://{address}"}


def _versions() -> dict[str, str]:
    return {"gpai-scan": gpai_scan.__version__, "polars": pl.__version__}


def _compare(client: Client) -> None:
    """Refuses workers that run other versions: the same input would not give the same bytes."""
    here = _versions()
    try:
        there = client.run(_versions, on_error="return")
    except (OSError, TimeoutError) as error:
        raise InvalidInput(f"the workers of the cluster do not answer: {error}.") from error
    for worker, versions in sorted(there.items()):
        if isinstance(versions, BaseException):
            raise InvalidInput(
                f"worker {worker} cannot run gpai-scan ({versions}): install it there."
            )
        for name, version in versions.items():
            if version != here[name]:
                raise InvalidInput(
                    f"worker {worker} has {name} {version} and this machine {here[name]}: "
                    "install the same versions on both."
                )


def _pass_on(asked: Future[_Result], outcome: Future[_Result]) -> None:
    """Gives the outcome of Dask's future to ours, in the words of the standard library."""
    from distributed.scheduler import KilledWorker

    if outcome.cancelled():
        return
    try:
        outcome.set_result(asked.result())
    except KilledWorker as error:
        outcome.set_exception(BrokenExecutor(str(error)))
    except CancelledError:
        outcome.set_exception(
            Interrupted(
                "the Dask cluster went away; finished shards are kept: run the same command "
                "again to go on."
            )
        )
    except Exception as error:  # noqa: BLE001 - belongs to whoever asks for the result
        outcome.set_exception(error)
