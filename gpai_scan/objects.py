"""Buckets: object stores such as S3, by address, through the file systems of pyarrow.

`s3://`, `gs://` and `abfs://` need no further package; other schemes are asked of fsspec. An
object appears at once and whole, but there is no renaming, so that a set of objects is marked
whole by one that is written last. Credentials, region and endpoint are those the file systems
find themselves (for S3 `AWS_…`, or `?endpoint_override=…` in the address); none is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import fs

from gpai_scan.errors import InvalidInput, StoreError


@contextmanager
def told(address: str) -> Iterator[None]:
    """Turns what a file system raises into one sentence."""
    try:
        yield
    except OSError as error:
        words = " ".join(str(error).split())[:300]
        raise StoreError(
            f"{address.partition('?')[0]} cannot be used: {words}. Check its name, the network and "
            "what you may do there, and run the same command again to go on."
        ) from error


def system(address: str) -> tuple[Any, str]:
    """File system and path of an address; `InvalidInput` where nothing speaks its scheme."""
    scheme = address.partition("://")[0]
    try:
        with told(address):
            found, root = fs.FileSystem.from_uri(address)
            return found, root.rstrip("/")
    except pa.ArrowInvalid:
        pass
    try:
        import fsspec

        other, root = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise InvalidInput(f"an address {scheme}:// needs another package: {error}.") from error
    except ValueError as error:
        raise InvalidInput(f"there is no way to use {address}: {error}.") from error
    return fs.PyFileSystem(fs.FSSpecHandler(other)), root.rstrip("/")


def under(address: str, name: str) -> str:
    """The address of what is called `name` under another one, whose options it keeps."""
    place, mark, options = address.partition("?")
    return f"{place.rstrip('/')}/{name}{mark}{options}"


def above(address: str) -> str:
    """The address one level up."""
    place, mark, options = address.partition("?")
    return f"{place.rpartition('/')[0]}{mark}{options}"


def put(folder: Path, names: Sequence[str], address: str) -> Iterator[str]:
    """Write files of a folder as objects, in this order; each name once it is there."""
    with told(address):
        found, root = system(address)
        for name in names:
            path = f"{root}/{name}"
            if not isinstance(found, fs.S3FileSystem):  # a bucket has no folders to make
                found.create_dir(path.rpartition("/")[0], recursive=True)
            with found.open_output_stream(path) as stream:
                stream.write(_content(folder / name))  # at once: a stream that breaks off is closed
            yield name


def _content(path: Path) -> Any:  # noqa: ANN401
    """The bytes of a file, not loaded."""
    return pa.memory_map(str(path)).read_buffer() if path.stat().st_size else b""


def get(address: str, folder: Path) -> bool:
    """Fetch the objects under an address into a new folder; whether there are any."""
    with told(address):
        found, root = system(address)
        chosen = fs.FileSelector(root, allow_not_found=True)
        files = [one for one in found.get_file_info(chosen) if one.type == fs.FileType.File]
        for one in files:
            folder.mkdir(parents=True, exist_ok=True)
            with found.open_input_stream(one.path) as stream:
                (folder / one.base_name).write_bytes(stream.read())
    return bool(files)


def names(address: str) -> list[str]:
    """What stands directly under an address, sorted."""
    with told(address):
        found, root = system(address)
        chosen = fs.FileSelector(root, allow_not_found=True)
        return sorted(one.base_name for one in found.get_file_info(chosen))


def remove(address: str) -> None:
    """Delete everything under an address."""
    with told(address):
        found, root = system(address)
        found.delete_dir(root)
