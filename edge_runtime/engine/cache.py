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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from edge_runtime.errors import OutputFailedError
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

Key = Mapping[str, Any]


def cache_key(*, model_sha256: str, runtime: str, options: Mapping[str, str]) -> Key | None:
    """Gather everything that decides how a model is optimised.

    Args:
        model_sha256: Of the model in the bundle.
        runtime: ONNX Runtime's version and build.
        options: Of the session.

    Returns:
        The key; None where the processor's abilities aren't known.
    """
    found = processor()
    if not found.flags:
        return None
    return {
        "schema": _SCHEMA,
        "model_sha256": model_sha256,
        "runtime": runtime,
        "options": dict(options),
        "machine": found.machine,
        "processor": found.model,
        "flags": " ".join(found.flags),
    }


def find_entry(cache: Path, key: Key) -> Path | None:
    """Look up a model that can be trusted.

    Returns:
        Its graph; None if there is none.
    """
    folder = cache / _name(key)
    try:
        record = _read_record(folder) if _is_private(cache, stat.S_ISDIR) else None
        if record is None or record["key"] != key:
            return None
        if record["sha256"] != {name: sha256(folder / name) for name in (GRAPH, WEIGHTS)}:
            return None
    except (OSError, ValueError, RecursionError):
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
    except (OSError, ValueError, RecursionError):
        return None


def _read_record(folder: Path) -> dict[str, Any] | None:
    """Read an entry's record, if nobody else could write the entry and its files' sizes are right.

    So no file is hashed whose size alone shows that it was changed.
    """
    files = {name: folder / name for name in (GRAPH, WEIGHTS, RECORD)}
    sound = (
        _is_private(folder, stat.S_ISDIR)
        and {entry.name for entry in folder.iterdir()} == set(files)
        and all(_is_private(file, stat.S_ISREG) for file in files.values())
    )
    if not sound:
        return None
    with files[RECORD].open("rb") as file:
        record = json.loads(file.read(_LARGEST_RECORD))
    if not isinstance(record, dict) or not {"key", "sha256", "bytes"} <= record.keys():
        return None
    sizes = {name: files[name].lstat().st_size for name in (GRAPH, WEIGHTS)}
    return record if record["bytes"] == sizes else None


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
        digests = {name: sha256(partial / name) for name in (GRAPH, WEIGHTS)}
        sizes = {name: (partial / name).stat().st_size for name in (GRAPH, WEIGHTS)}
        content = {"key": dict(key), "sha256": digests, "bytes": sizes}
        record = partial / RECORD
        record.touch(mode=0o600)
        record.write_text(json.dumps(content, indent=2), "utf-8")
    with one_sentence(cache):
        _drop_oldest(cache, but=cache / _name(key))


def _name(key: Key) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:32]


def _is_private(path: Path, kind: Any) -> bool:
    """Tell whether it is of the kind, no link, ours, and for no one else to write."""
    if sys.platform == "win32":  # where none of that can be told
        return False
    found = path.lstat()
    return bool(kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022)


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
