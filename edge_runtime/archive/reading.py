"""Read photographs' bytes for those that screen them, a batch after the other."""

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from edge_runtime.archive.contents import Contents, content_key
from edge_runtime.archive.errors import SourceError
from edge_runtime.archive.place import Place, cause_of
from edge_runtime.archive.schema import plain_text
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.photo.beside import begins_as_dicom, is_dicom
from edge_runtime.photo.decode import EMPTY, read_photo
from edge_runtime.photo.find import Stamp, stamp_of
from edge_runtime.photo.frames import file_in_name, file_of

#: Bytes of photographs that go to a worker at once, and of one that goes there at all; a larger
#: one of this computer's folders is read where it is decoded.
BATCH_BYTES, LARGEST = 16 << 20, 64 << 20

#: What a block of photographs on its way has: see ``listing.Entry`` for the first.
ASKED = ("partition", "ordinal", "path", "source", "date")


class Reader:
    """Reads the photographs of a block of paths, as a function for ``map_batches``."""

    def __init__(self, source: Place, *, max_pixels: int, contents: Any = None) -> None:
        """Make it.

        Args:
            source: What the run was given; its store is read as its URL says.
            max_pixels: The most pixels of a photo; files that are too large for it aren't read.
            contents: Where in Ray's store the ``Contents`` are that have records; None for none.
        """
        self._source, self._max_pixels, self._contents = source, max_pixels, contents
        self._several: tuple[str, Stamp, bytes] | None = None  # the last object of several photos

    def __call__(self, table: Any) -> Iterator[Any]:
        """Give the block's rows with ``data``, ``sha256``, ``size``, ``modified`` and ``error``.

        Where the content has a record, that has its location in ``known``, and there is no data.
        """
        contents = self._fetch_contents()
        rows: list[dict[str, Any]] = []
        weight = 0
        for asked in table.to_pylist():
            path = os.fsdecode(asked["path"])
            row = asked | self._read(path)
            if row["data"] is not None and not is_dicom(row["data"]):  # its photos share it
                row["known"] = contents.find(content_key(row["sha256"], plain_text(path)))
                row["data"] = row["data"] if row["known"] is None else None
            rows.append(row)
            weight += len(row["data"] or b"")
            if weight >= BATCH_BYTES:
                yield _table(rows)
                rows, weight = [], 0
        if rows:
            yield _table(rows)

    def _fetch_contents(self) -> Contents:
        if self._contents is None:
            return Contents()
        import ray

        contents: Contents = ray.get(self._contents)  # lies in memory that all of a machine share
        return contents

    def _read(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = dict.fromkeys(
            ("data", "sha256", "size", "modified", "error", "known")
        )
        try:
            data = self._bytes(path, found)
        except (PhotoNotFoundError, PhotoUnreadableError) as error:
            return found | {"error": str(error)}
        except (OSError, ValueError) as error:  # as of a name that no file can have
            return found | {"error": str(PhotoUnreadableError(Path(path), cause_of(error)))}
        if data is not None:
            found["sha256"] = hashlib.sha256(data).hexdigest()
        return found | {"data": data}

    def _bytes(self, path: str, found: dict[str, Any]) -> bytes | None:
        if "://" in path:
            return self._fetch(path, found)
        file = Path(path)
        if stamp := stamp_of(file):
            found["size"], found["modified"] = stamp
        if begins_as_dicom(file_of(file)) or (stamp and stamp.size_bytes > LARGEST):
            found["sha256"] = _hash(file_of(file), stamp)
            return None
        return read_photo(file, max_pixels=self._max_pixels)

    def _fetch(self, path: str, found: dict[str, Any]) -> bytes:
        """Read an object of a store; the photos of one come one after the other."""
        file = file_in_name(path)
        if file != path and self._several is not None and self._several[0] == file:
            (found["size"], found["modified"]), data = self._several[1:]
            return data
        try:
            info = self._source.info_of(path)
            if info.size is None:
                raise FileNotFoundError(path)
            found["size"], found["modified"] = info.size, info.mtime_ns
            if info.size > LARGEST:
                raise ValueError(
                    f"the file has {info.size} bytes, too many to be fetched; copy it to a folder"
                )
            with self._source.system_of(path).open_input_stream(info.path) as stream:
                data = bytes(stream.read())
            if not data:
                raise ValueError(EMPTY)
            if info.path != path.partition("://")[2]:
                self._several = file, Stamp(info.size, info.mtime_ns), data
            return data
        except FileNotFoundError as error:
            missing = PhotoNotFoundError(Path(path))
            raise PhotoUnreadableError(Path(path), str(missing).rpartition(": ")[2]) from error
        except SourceError as error:
            raise PhotoUnreadableError(Path(path), error.cause) from error
        except (OSError, ValueError, NotImplementedError, ImportError) as error:
            raise PhotoUnreadableError(Path(path), cause_of(error)) from error


def _hash(file: Path, stamp: Stamp | None) -> str | None:
    try:
        return _hash_of(file, stamp)
    except OSError:
        return None


@lru_cache(maxsize=1)  # the photos of one file come one after the other
def _hash_of(file: Path, stamp: Stamp | None) -> str:  # noqa: ARG001 - another file
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _table(rows: list[dict[str, Any]]) -> Any:
    types = {
        "partition": pa.int64(), "ordinal": pa.int64(), "path": pa.binary(), "source": pa.string(),
        "date": pa.string(), "data": pa.large_binary(), "sha256": pa.string(), "size": pa.int64(),
        "modified": pa.int64(), "error": pa.binary(), "known": pa.int64(),
    }  # fmt: skip
    for row in rows:
        if row["error"] is not None:
            row["error"] = os.fsencode(row["error"])
    return pa.Table.from_pylist(rows, schema=pa.schema(types.items()))
