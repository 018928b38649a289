"""Examine a log together with those that were before it: a restored camp has more than one."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from edge_runtime.tlog.before import BEFORE, MOST_BEFORE, earlier, hash_of
from edge_runtime.tlog.checkpoint import Checkpoint, read_checkpoint
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import Examined, examine
from edge_runtime.tlog.note import VerifierKey
from edge_runtime.tlog.stored import StoredLog
from edge_runtime.tlog.tree import root_hash


class Chain(Struct, frozen=True):
    """What came of it: the log itself, and each one before it with its folder, the last first.

    ``findings``, ``notes``, ``unfit`` and ``unsigned`` are those of all of them. ``vouched`` says
    of how many entries of each log, that of the log itself first, an older checkpoint is.
    """

    log: Examined
    earlier: tuple[tuple[Path, Examined], ...]
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    vouched: tuple[int, ...]
    unfit: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()


def examine_all(
    folder: Path, older: Sequence[Checkpoint] = (), key: VerifierKey | None = None
) -> Chain:
    """Examine a log and all before it, each against those older checkpoints that are of it.

    Args:
        folder: The log's.
        older: Checkpoints that somebody kept elsewhere, as files or as a slip told them.
        key: The public key, as somebody kept it, of one of the logs; None takes those in them.

    Raises:
        LogInvalidError: There is no log.
    """
    logs = [folder, *earlier(folder)]
    names = [_origin(each) for each in logs]
    of_key = names.index(key.name) if key and key.name in names else 0
    where = [_place(each, logs, names) for each in older]
    found = [
        examine(
            each,
            [checkpoint for checkpoint, at in zip(older, where, strict=True) if at == place],
            key if place == of_key else None,
            goes_on=not place,
        )
        for place, each in enumerate(logs)
    ]
    findings, notes, unfit = [*found[0].findings], [*found[0].notes], [*found[0].unfit]
    unsigned = [*found[0].unsigned]
    for place, each in enumerate(logs):
        said = f"{each.relative_to(folder)}: " if place else ""
        if place:
            findings += [f"{said}{one}" for one in found[place].findings]
            notes += [f"{said}{one}" for one in found[place].notes]
            unfit += [f"{said}{one}" for one in found[place].unfit]
            unsigned += [f"{said}{one}" for one in found[place].unsigned]
        if place == MOST_BEFORE and (each / BEFORE).is_dir():
            findings.append(
                f"{said}{BEFORE} wasn't looked at: more than {MOST_BEFORE} logs lie in each other, "
                "which no camp has that was restored"
            )
            break
        after = logs[place + 1] if place + 1 < len(logs) else None
        _follow(found[place], after, said, findings, notes)
    vouched = [0] * len(logs)
    for checkpoint, at in zip(older, where, strict=True):
        vouched[at] = max(vouched[at], checkpoint.size)
    before = tuple(zip(logs[1:], found[1:], strict=True))
    said_of = tuple(findings), tuple(notes), tuple(vouched), tuple(unfit), tuple(unsigned)
    return Chain(found[0], before, *said_of)


def _follow(
    log: Examined, before: Path | None, said: str, findings: list[str], notes: list[str]
) -> None:
    """Compare what a log says of the one before it with what lies there."""
    stated = next((each for each in log.entries if each.kind == "before"), None)
    if stated is None and before is not None:
        findings.append(f"{said}{BEFORE} is there, and the log doesn't say that one was before it")
    if stated is None:
        return
    if before is None:
        findings.append(f"{said}{BEFORE} is gone: the log that was before this one")
        return
    try:
        known = read_checkpoint(before)
    except LogInvalidError:
        return  # it is said already
    if hash_of(known).hex() != stated.of:
        findings.append(f"{said}{BEFORE} isn't the log that was before this one, or was changed")
        return
    notes.append(
        f"{said}it was begun at {stated.at} with a backup, whose log of {known.size} entries lies "
        f"in {BEFORE}; what came after that backup isn't in it"
    )


def _origin(folder: Path) -> str:
    try:
        return read_checkpoint(folder).origin
    except LogInvalidError:
        return ""


def _place(checkpoint: Checkpoint, logs: Sequence[Path], names: Sequence[str]) -> int:
    """Tell of which log a checkpoint is; where that can't be told, of the one that goes on."""
    if checkpoint.origin:
        return names.index(checkpoint.origin) if checkpoint.origin in names else 0
    return next((at for at, each in enumerate(logs) if _fits(checkpoint, each)), 0)


def _fits(checkpoint: Checkpoint, folder: Path) -> bool:
    try:
        log = StoredLog(folder)
        if checkpoint.size > log.size:
            return False
        return root_hash(checkpoint.size, log.subtree) == checkpoint.root
    except (LogInvalidError, IndexError):
        return False
