"""Keep a model as ONNX Runtime optimised it for this processor, for a quicker next start.

An entry is used only where everything that it was made from is the same: the model's SHA-256, the
ONNX Runtime build, the processor and the options. It must belong to this user, nobody else may be
able to write it, and its files must have the SHA-256 that its record says. Whoever can write as
this user can write an entry too; so can they change the program itself, and no check in it would
help. Anything amiss, and the bundle's own model is loaded instead, unsaid: a cache is no promise.
"""

import hashlib
import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from edge_runtime.errors import OutputFailedError
from edge_runtime.system.codec import parse, plain, read
from edge_runtime.system.digest import sha256
from edge_runtime.system.files import one_sentence
from edge_runtime.system.folders import new_folder
from edge_runtime.system.machine import processor
from edge_runtime.system.partial import clear_abandoned

#: The files of an entry: the graph, its weights (mapped into memory, not copied), the record.
GRAPH, WEIGHTS, RECORD = "model.onnx", "model.weights", "entry.json"

_SCHEMA = 1
_LARGEST_RECORD = 1 << 16  # bytes; one has 2,000
_KEPT = 8  # entries; those longest unused give way
_NAMES = re.compile("[0-9a-f]{32}")  # of entries: nothing else in the folder is ever touched
_PARTIAL = re.compile(r"\.[0-9a-f]{32}\.partial")

T = TypeVar("T", int, str)


class Key(Struct, frozen=True):
    """Everything that decides how a model is optimised; ``model_sha256`` is of the bundle's own."""

    schema: int
    model_sha256: str
    runtime: str
    options: dict[str, str]
    machine: str
    processor: str
    flags: str


class _Entry(Struct, frozen=True):
    """An entry's record: what it was made from, and its files' digests and sizes by name."""

    key: Key
    sha256: dict[str, str]
    bytes: dict[str, int]


def cache_key(*, model_sha256: str, runtime: str, options: Mapping[str, str]) -> Key | None:
    """Gather the key; None where the processor's abilities aren't known.

    Args:
        model_sha256: Of the model in the bundle.
        runtime: ONNX Runtime's version and build.
        options: Of the session.
    """
    found = processor()
    flags = " ".join(found.flags)
    key = Key(_SCHEMA, model_sha256, runtime, {**options}, found.machine, found.model, flags)
    return key if flags else None


def find_entry(cache: Path, key: Key) -> Path | None:
    """Look up a model that can be trusted.

    Returns:
        Its graph; None if there is none.
    """
    folder = cache / _name(key)
    try:
        record = _read_record(folder) if _is_private(cache, stat.S_ISDIR) else None
        if record is None or record.key != key or record.sha256 != _of_each(folder, sha256):
            return None
    except (OSError, ValueError):
        return None
    with suppress(OSError):
        _drop_partial(cache)
        os.utime(folder)  # the last used one is kept longest, and looked at first
    return folder / GRAPH


def last_entry(cache: Path) -> Path | None:
    """Guess which entry is wanted: the folder of the one that was used last, if it looks sound."""
    try:
        entries = _entries(cache) if _is_private(cache, stat.S_ISDIR) else []
        return entries[-1] if entries and _read_record(entries[-1]) else None
    except (OSError, ValueError):
        return None


def _read_record(folder: Path) -> _Entry | None:
    """Read an entry's record, if nobody else could write the entry and its files' sizes are right.

    So no file is hashed whose size alone shows that it was changed.
    """
    files = [folder / name for name in (GRAPH, WEIGHTS, RECORD)]
    sound = (
        _is_private(folder, stat.S_ISDIR)
        and {*folder.iterdir()} == {*files}
        and all(_is_private(file, stat.S_ISREG) for file in files)
    )
    if not sound:
        return None
    with files[-1].open("rb") as file:
        record = read(parse(file.read(_LARGEST_RECORD)), _Entry)
    return record if record.bytes == _of_each(folder, _size) else None


@contextmanager
def new_entry(cache: Path, key: Key) -> Iterator[Path]:
    """Give a folder for ONNX Runtime to write a graph and its weights into.

    At the end of the block it is put where ``find_entry`` looks; the record comes last.

    Raises:
        OutputFailedError: It can't be kept: the disk is full, others may write the cache, another
            process is at it.
    """
    with one_sentence(cache):
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(cache, stat.S_ISDIR):
            raise OutputFailedError(cache, "others may write there too, so nothing is kept in it")
        _drop_partial(cache)
    # What stands there was found wanting, or this one wouldn't be made.
    with new_folder(cache / _name(key), replace=True, private=True) as partial:
        yield partial
        for name in (GRAPH, WEIGHTS):
            (partial / name).touch(exist_ok=True)
            (partial / name).chmod(0o600)
        record = _Entry(key, _of_each(partial, sha256), _of_each(partial, _size))
        (partial / RECORD).touch(mode=0o600)
        (partial / RECORD).write_text(json.dumps(plain(record), indent=2), "utf-8")
    with one_sentence(cache):
        _drop_oldest(cache, but=cache / _name(key))


def _name(key: Key) -> str:
    return hashlib.sha256(json.dumps(plain(key), sort_keys=True).encode()).hexdigest()[:32]


def _of_each(folder: Path, ask: Callable[[Path], T]) -> dict[str, T]:
    return {name: ask(folder / name) for name in (GRAPH, WEIGHTS)}


def _size(file: Path) -> int:
    return file.lstat().st_size


def _is_private(path: Path, kind: Callable[[int], bool]) -> bool:
    """Tell whether it is of the kind, no link, ours, and for no one else to write."""
    if sys.platform == "win32":  # where none of that can be told
        return False
    found = path.lstat()
    return kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _drop_partial(cache: Path) -> None:
    """Remove what killed processes left."""
    for left in cache.iterdir():
        if _PARTIAL.fullmatch(left.name):
            clear_abandoned(left)


def _drop_oldest(cache: Path, *, but: Path) -> None:
    """Keep the entries used last, and one in any case: a clock may have been set back."""
    for entry in [entry for entry in _entries(cache) if entry != but][: 1 - _KEPT]:
        shutil.rmtree(entry, ignore_errors=True)


def _entries(cache: Path) -> list[Path]:
    """List the entries, the one used last at the end."""
    entries = [entry for entry in cache.iterdir() if _NAMES.fullmatch(entry.name)]
    return sorted(entries, key=lambda entry: entry.lstat().st_mtime)
