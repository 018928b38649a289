"""Find out whether a log is whole, and still the one of which somebody kept a checkpoint."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from edge_runtime.tlog.begin import readme_faults
from edge_runtime.tlog.checkpoint import Checkpoint, read_checkpoint
from edge_runtime.tlog.compare import misread, signature_faults, tree_fault
from edge_runtime.tlog.entry import Entry, from_bytes
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.key import PUBLIC_KEY
from edge_runtime.tlog.note import VerifierKey, parse_key
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tile_faults import missing_tiles, tile_faults
from edge_runtime.tlog.tiles import WIDTH, hashes_of, partial_tiles, read_bounded, read_named
from edge_runtime.tlog.whole_tree import WholeTree

_MOST_FINDINGS = 20


class Examined(Struct, frozen=True):
    """What came of it: ``findings`` are sentences of what is wrong, ``notes`` of what to know.

    ``entries`` are the log's as far as they can be read, ``root`` that of all of them. ``unfit``
    are sentences of what is wrong with an older checkpoint alone, as it was kept or typed: they
    accuse no log. ``unsigned`` are those notes that say of a log with neither signature nor public
    key, as where what signs wasn't installed, that it has none.
    """

    entries: tuple[Entry, ...]
    root: bytes
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    unfit: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()


def read_public_key(file: Path) -> VerifierKey:
    """Read the public key of a log or a witness, or that in a log's folder.

    Raises:
        LogInvalidError: It holds none.
    """
    read = read_bounded if file.is_dir() else read_named
    file = file / PUBLIC_KEY if file.is_dir() else file
    try:
        return parse_key(read(file, 1000).decode())
    except LogInvalidError:
        raise
    except ValueError as error:
        raise LogInvalidError(file, f"it {error}") from error


def examine(
    folder: Path,
    older: Sequence[Checkpoint] = (),
    key: VerifierKey | None = None,
    *,
    goes_on: bool = True,
) -> Examined:
    """Examine a log: every entry, tile and checkpoint, against each other and what is older.

    Args:
        folder: The log's.
        older: Checkpoints that somebody kept elsewhere, as files or as a slip told them.
        key: The log's public key as somebody kept it; None takes that in the folder.
        goes_on: Whether it is the log itself; of one that was before it the text that tells people
            what it is counts for nothing, so that another one is noted only.

    Raises:
        LogInvalidError: There is no log.
    """
    findings: list[str] = []
    # These first, as a log that is written to meanwhile has no less of entries afterwards.
    partials, own = partial_tiles(folder), _own_checkpoint(folder, findings)
    stored = StoredLog(folder)
    leaves, entries = _entries(stored, findings)
    tree = WholeTree(leaves)
    findings += tile_faults(stored, tree, partials)
    notes = [f"a piece of an entry behind the last one ({len(stored.torn)} bytes), as a loss of "
             "power leaves it, isn't counted"] if stored.torn else []  # fmt: skip
    notes += _missing(folder, own)
    (findings if goes_on else notes).extend(readme_faults(folder, entries))
    unfit: list[str] = []
    unsigned = [] if key else _never_signed(folder, own)
    must_be_signed, key = key is not None, key or (None if unsigned else _own_key(folder, notes))
    for checkpoint in filter(None, (own, *older)):
        slip = misread(checkpoint, tree.size, tree.root)
        fault = None if slip else tree_fault(checkpoint, tree.size, tree.root, own)
        unfit += [slip] if slip else []
        findings += [fault] if fault else []
        is_cut = checkpoint is not own and not checkpoint.note.signatures
        told = unsigned if unsigned and checkpoint is own else notes
        faults = signature_faults(checkpoint, key, told, must_be_signed=must_be_signed)
        (unfit if is_cut else findings).extend(faults)
    mended = sum(each.kind == "mended" for each in entries)
    if mended:
        notes.append(f"{mended} times a loss of power or a kill left a piece, which was taken away")
    back = [each for each in entries if each.kind == "rollback"]
    if back:
        notes.append(
            f"{len(back)} time{'s' if len(back) > 1 else ''} a bundle was taken that is older than "
            f"one that ran there (--allow-rollback), last at {back[-1].at}: {back[-1].of[:12]}"
        )
    if len(findings) > _MOST_FINDINGS:
        more = len(findings) - _MOST_FINDINGS
        findings = [*findings[:_MOST_FINDINGS], f"and {more} more things are wrong"]
    unique, said = tuple(dict.fromkeys([*unsigned, *notes])), tuple(unsigned)
    root = tree.root(tree.size)
    return Examined(tuple(entries), root, tuple(findings), unique, tuple(unfit), said)


def _entries(stored: StoredLog, findings: list[str]) -> tuple[list[bytes], list[Entry]]:
    """Read all entries; from one that is gone on nothing can be said of the rest."""
    leaves: list[bytes] = []
    entries: list[Entry] = []
    for bundle in range(stored.bundles + 1):
        try:
            raw = stored.entries_of(bundle)
        except LogInvalidError as error:
            findings.append(str(error))
            break
        leaves += hashes_of(raw)
        read = [_read(each) for each in raw]
        entries += [each for each in read if isinstance(each, Entry)]
        findings += [
            f"entry {number} {each}" for number, each in enumerate(read, bundle * WIDTH)
            if isinstance(each, str)
        ]  # fmt: skip
    return leaves, entries


def _read(data: bytes) -> Entry | str:
    try:
        return from_bytes(data)
    except ValueError as error:
        return str(error)


def _missing(folder: Path, own: Checkpoint | None) -> list[str]:
    """Note tiles that are gone, of which no entry is lost."""
    gone = missing_tiles(folder, own.size) if own else []
    return [
        f"tiles are gone that other programs need to read the log ({', '.join(gone)}): no entry is "
        "lost; where log.key is, log checkpoint writes them again"
    ] if gone else []  # fmt: skip


def _own_checkpoint(folder: Path, findings: list[str]) -> Checkpoint | None:
    try:
        return read_checkpoint(folder)
    except LogInvalidError as error:
        findings.append(str(error))
        return None


def _never_signed(folder: Path, own: Checkpoint | None) -> list[str]:
    """Note a log that has no key to check a signature by, and no signature."""
    if own is None or own.note.signatures or (folder / PUBLIC_KEY).exists():
        return []
    return [
        f"{folder / PUBLIC_KEY}: it isn't there, as where what signs (the extra 'trust') wasn't "
        "installed, or somebody took it away; so no signature was checked"
    ]


def _own_key(folder: Path, notes: list[str]) -> VerifierKey | None:
    """Read the key in the folder."""
    try:
        return read_public_key(folder)
    except LogInvalidError as error:
        notes.append(f"{error}; so no signature was checked")
        return None
