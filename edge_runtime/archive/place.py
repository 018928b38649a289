"""A folder of this computer or a place in an object store, read and written the same way."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct
from pyarrow import fs

from edge_runtime.archive.errors import DestinationError, SourceError
from edge_runtime.errors import FundusError
from edge_runtime.photo.frames import file_in_name
from edge_runtime.system.files import make_folder, write_file

#: What a URL may say behind a question mark: where the store is, and never who asks.
_MAY_SAY = frozenset({"region", "scheme", "endpoint_override"})

_GOOGLE_TRIES = "retry_limit_seconds=30"

_LONGEST_CAUSE = 300  # letters of what a store says; some send pages


class Place(Struct, frozen=True):
    """A folder, file or prefix.

    ``text`` is an absolute path or a URL without its options, as records have it; ``url`` is the
    URL with them, "" for a path. ``root`` is the path within the file system.
    """

    text: str
    url: str
    root: str

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this computer, or one that it sees as such."""
        return not self.url

    @property
    def system(self) -> Any:
        """The file system of pyarrow that reads it."""
        return _system(self.url)

    def system_of(self, path: str) -> Any:
        """Give the file system that reads a URL: this place's, where it is of the same store.

        Raises:
            SourceError: None does.
        """
        scheme, _, rest = self.url.partition("://")
        store = f"{scheme}://{rest.partition('?')[0].partition('/')[0]}/"
        return (self if self.url and path.startswith(store) else place_of(path)).system

    def info_of(self, path: str) -> Any:
        """Look at what a URL names, or at the file in which it names a photo of several.

        Returns:
            What pyarrow says of it; its size is None where there is nothing.

        Raises:
            SourceError: No file system reads the URL.
            OSError: It can't be looked at.
        """
        system, bare = self.system_of(path), path.partition("://")[2]
        info, file = system.get_file_info(bare), file_in_name(bare)
        return info if file == bare or info.size is not None else system.get_file_info(file)

    def inner(self, *names: str) -> str:
        """Give the path of something in it, within the file system."""
        return "/".join((self.root.rstrip("/"), *names))

    def read(self, name: str) -> bytes | None:
        """Read a small file in it; None where there is none."""
        with self.in_one_sentence():
            try:
                with self.system.open_input_stream(self.inner(name)) as file:
                    return bytes(file.read())
            except FileNotFoundError:
                return None

    def write(self, name: str, data: bytes) -> None:
        """Write a file in it, whole or not at all; what stands there is replaced.

        Raises:
            DestinationError: It can't be.
        """
        with self.in_one_sentence():
            if self.is_local:
                path = Path(self.root, name)
                make_folder(path.parent, mode=0o700)
                write_file(path, data, private=True)
                return
            with self.system.open_output_stream(self.inner(name)) as file:  # seen once it is closed
                file.write(data)

    def names(self) -> list[str]:
        """List the files that lie directly in it, sorted; none where it isn't there."""
        with self.in_one_sentence():
            if self.is_local:
                try:
                    return sorted(each.name for each in Path(self.root).iterdir())
                except FileNotFoundError:
                    return []
            found = self.system.get_file_info(fs.FileSelector(self.root, allow_not_found=True))
        return sorted(each.base_name for each in found if each.type == fs.FileType.File)

    def in_one_sentence(self) -> "_Sentences":
        """Turn what a file system raises into one sentence about this place."""
        return _Sentences(self.text)


class _Sentences(Struct, frozen=True):
    """A block whose errors of the file system are about a place."""

    text: str

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, kind: type[BaseException] | None, error: Any, _: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, FundusError):
            raise DestinationError(self.text, cause_of(error)) from error


def cause_of(error: Exception) -> str:
    """Say in a clause what a file system raised: its first line, and not all of a long one."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(said).strip().splitlines()[0][:_LONGEST_CAUSE].lower()


def place_of(text: str) -> Place:
    """Find what a path or a URL names, without looking whether it is there.

    Raises:
        SourceError: A URL that no file system reads, or one that says who asks: what is in a URL
            would come into records, logs and lists of processes.
    """
    if "://" not in text:
        path = os.path.abspath(text)  # noqa: PTH100 - links stay as named
        return Place(path, "", path)
    try:
        parts = urlsplit(text)
        options = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError as error:
        raise SourceError(text.partition("?")[0], "not a URL; look how it is written") from error
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if "@" in parts.netloc or not _MAY_SAY.issuperset(name for name, _ in options):
        raise SourceError(
            shown, "a URL may not say who asks: give a user and a password by the environment"
        )
    if parts.scheme == "file":
        return Place(parts.path.rstrip("/") or "/", "", parts.path.rstrip("/") or "/")
    query = f"?{parts.query}" if parts.query else ""
    bare = text.partition("?")[0].rstrip("/")
    try:
        _system(bare + query)
    except (ValueError, OSError, NotImplementedError, ImportError) as error:
        raise SourceError(shown, f"no place that can be read: {cause_of(error)}") from error
    return Place(bare, bare + query, bare.partition("://")[2])


@lru_cache(maxsize=64)
def _system(url: str) -> Any:
    if not url:
        return fs.LocalFileSystem()
    # Only the store: a key may hold what no URL does.
    scheme, _, rest = url.partition("://")
    where, _, options = rest.partition("?")
    store = f"{scheme}://{where.partition('/')[0]}"
    if scheme in ("gs", "gcs"):  # which else tries for a quarter of an hour, and hears no signal
        options = "&".join(each for each in (options, _GOOGLE_TRIES) if each)
    return fs.FileSystem.from_uri(f"{store}?{options}" if options else store)[0]


def parts_in(place: Place) -> Iterator[str]:
    """List the files of records in a place, in the order in which they were written."""
    return (name for name in place.names() if is_part(name))


def part_name(number: int) -> str:
    """Name a file of records."""
    return f"part-{number:08d}.parquet"


def part_number(name: str) -> int:
    """Give the number of a file of records."""
    return int(name.removeprefix("part-").partition(".")[0])


def is_part(name: str) -> bool:
    """Tell whether a file is one of records, and whole."""
    return name.startswith("part-") and name.endswith(".parquet")
