"""Copy a log as it stands at a moment, without the key that signs: to be checked, not gone on with.

What makes the salts of its hashes is in the copy, so that records are found in it; who has that can
guess what an entry is of, and so can who has the records, beside which such a copy lies.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from edge_runtime.tlog.before import BEFORE, MOST_BEFORE, earlier
from edge_runtime.tlog.begin import README
from edge_runtime.tlog.checkpoint import CHECKPOINT, Checkpoint, parse_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.key import PUBLIC_KEY, SALTS, LogKey
from edge_runtime.tlog.stored import StoredLog, tail_file
from edge_runtime.tlog.tiles import WIDTH, Level, needed_tiles, tile_path, to_bundle

_TILE = r"tile/(?:entries|[0-3])/(?:x[0-9]{3}/){0,3}[0-9]{3}(?:\.p/[0-9]{1,3})?"

#: What the files of a copy are called below its folder.
COPIED = (
    rf"(?:{BEFORE}/){{0,{MOST_BEFORE}}}(?:{CHECKPOINT}|{re.escape(PUBLIC_KEY)}|{re.escape(SALTS)}"
    rf"|{re.escape(README)}|tail-[0-9]{{1,9}}|{_TILE})"
)

#: A file of a copy: its name below the folder, and its content or the file that has it.
Copied = tuple[str, bytes | Path]


def signed(stored: StoredLog, key: LogKey) -> Checkpoint:
    """Sign a checkpoint of what a log has at this moment; nothing is written.

    All entries are on the disk already, so whoever has the checkpoint can hold the log to it.

    Raises:
        LogInvalidError: A tile isn't as it was written.
    """
    return parse_checkpoint(key.sign_tree(stored.size, stored.subtree).to_bytes())


def copied(stored: StoredLog, key: LogKey) -> list[Copied]:
    """List the files of a copy of a log as it stands at this moment, whatever is added later.

    Whole bundles and tiles are named, as they never change; all else is in memory. The logs that
    were before it are in the copy too.

    Raises:
        LogInvalidError: A file isn't as it was written.
    """
    size, bundles = stored.size, stored.bundles
    found: list[Copied] = [(SALTS, f"{key.salts.secret.hex()}\n".encode())]
    found += [(each, stored.folder / each) for each in _whole_tiles(bundles)]
    for _, file in found[1:]:
        if isinstance(file, Path) and not file.is_file():
            raise LogInvalidError(file, "it is gone, and it was written there")
    for level, index, width in needed_tiles(size):
        data = b"".join(stored.row(level, index * WIDTH, width))
        found.append((tile_path(level, index, width), data))
    tail = to_bundle(stored.tail)
    if stored.tail:
        found.append((tile_path("entries", bundles, len(stored.tail)), tail))
    found.append((tail_file(stored.folder, bundles).name, tail))
    found.append((CHECKPOINT, signed(stored, key).note.to_bytes()))
    for name in (PUBLIC_KEY, README):
        if (stored.folder / name).is_file():
            found.append((name, stored.folder / name))
    return [*found, *_earlier(stored.folder)]


def _whole_tiles(bundles: int) -> Iterator[str]:
    levels: list[tuple[Level, int]] = [("entries", bundles)]
    height, whole = 0, bundles
    while whole:
        levels.append((height, whole))
        height, whole = height + 1, whole // WIDTH
    for level, count in levels:
        yield from (tile_path(level, index) for index in range(count))


def _earlier(folder: Path) -> Iterator[Copied]:
    """List what a copy has of the logs before this one, which are copies themselves."""
    known = re.compile(COPIED)
    for each in earlier(folder):
        for file in sorted(each.rglob("*")):
            within = file.relative_to(each)
            name = (each.relative_to(folder) / within).as_posix()
            if within.parts[0] != BEFORE and known.fullmatch(name) and file.is_file():
                yield name, file
