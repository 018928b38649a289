"""Find tiles of a log that aren't what its entries come to, and pieces of an end that is gone."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tiles import (
    WIDTH,
    Level,
    hashes_of,
    needed_tiles,
    read_bundle,
    read_tile,
    tile_path,
)
from edge_runtime.tlog.whole_tree import WholeTree


def tile_faults(
    stored: StoredLog, tree: WholeTree, partials: Sequence[tuple[Level, int, int]]
) -> Iterator[str]:
    """Compare every tile of a log with what its entries come to.

    Args:
        stored: The log.
        tree: Of its entries.
        partials: The tiles that aren't whole, listed before the entries were read.

    Returns:
        Sentences of what is wrong.
    """
    folder = stored.folder
    height, whole = 0, min(stored.bundles, tree.size // WIDTH)
    while whole:
        row = tree.rows[8 * height]
        for index in range(whole):
            yield from _fault(folder, height, index, row[index * WIDTH : (index + 1) * WIDTH])
        height, whole = height + 1, whole // WIDTH
    for level, index, width in partials:
        faults = [*_partial_faults(folder, tree, level, index, width)]
        if not _is_replaced(folder, level, index, width):
            yield from faults
    for file in sorted((folder / "tile" / "entries").glob("**/[0-9][0-9][0-9]")):
        number = int("".join(char for char in str(file.relative_to(folder)) if char.isdecimal()))
        if file.is_file() and file.parent.suffix != ".p" and number >= stored.bundles + 1:
            yield f"{file.relative_to(folder)} is beyond the log's end: its end was cut off"


def missing_tiles(folder: Path, size: int) -> list[str]:
    """Name the tiles that a checkpoint of a log needs, that aren't whole and aren't there.

    The log itself is read without them; readers of C2SP's form have nothing else. A whole tile
    takes the place of those that it grew from.

    Args:
        folder: The log's.
        size: Of the checkpoint.
    """
    needed: list[tuple[Level, int, int]] = [*needed_tiles(size)]
    if size % WIDTH:
        needed.append(("entries", size // WIDTH, size % WIDTH))
    return [
        tile_path(level, index, width) for level, index, width in needed
        if not any((folder / tile_path(level, index, each)).is_file() for each in (width, WIDTH))
    ]  # fmt: skip


def _partial_faults(
    folder: Path, tree: WholeTree, level: Level, index: int, width: int
) -> Iterator[str]:
    start = index * WIDTH
    if level == "entries":
        yield from _bundle_fault(folder, index, tree.rows[0][start : start + width], width)
        return
    known = tree.rows[8 * level] if 8 * level < len(tree.rows) else []
    if start + width <= len(known):
        yield from _fault(folder, level, index, known[start : start + width])
    else:
        yield f"{tile_path(level, index, width)} has more than the log: its end is gone"


def _is_replaced(folder: Path, level: Level, index: int, width: int) -> bool:
    """Tell whether a writer took a tile away meanwhile, as it does once the whole one is there."""
    partial, whole = (folder / tile_path(level, index, each) for each in (width, WIDTH))
    return not partial.exists() and whole.exists()


def _fault(folder: Path, level: int, index: int, hashes: Sequence[bytes]) -> Iterator[str]:
    width = len(hashes)
    try:
        if read_tile(folder, level, index, width) != [*hashes]:
            path = tile_path(level, index, width)
            yield f"{path} isn't what its entries come to: they or it were changed"
    except LogInvalidError as error:
        yield str(error)


def _bundle_fault(
    folder: Path, index: int, hashes: Sequence[bytes], width: int
) -> Iterator[str]:  # fmt: skip
    path = tile_path("entries", index, width)
    try:
        found = hashes_of(read_bundle(folder, index, width))
    except LogInvalidError as error:
        yield str(error)
        return
    if len(hashes) < width:
        yield f"{path} has more than the log: its end is gone"
    elif found != [*hashes]:
        yield f"{path} has other entries than the log has now"
