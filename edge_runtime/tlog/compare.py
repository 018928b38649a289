"""Compare a log's tree with checkpoints of it, and these with the key that should sign them."""

from collections.abc import Callable, Iterator, Sequence

from edge_runtime.errors import MissingExtraError
from edge_runtime.tlog.checkpoint import Checkpoint
from edge_runtime.tlog.note import VerifierKey, is_signed

#: A log's root at so many entries.
RootOf = Callable[[int], bytes]

_MISREAD = 4  # digits that somebody reads or types wrongly; roots of two trees differ in 60 of 64


def misread(checkpoint: Checkpoint, size: int, root_of: RootOf) -> str | None:
    """Say which digits of a checkpoint that was told are others; such few accuse no log.

    Args:
        checkpoint: It.
        size: How many entries the log has.
        root_of: Gives the root of so many entries.

    Returns:
        A sentence; None where it fits, or differs by more than somebody misreads.
    """
    if checkpoint.origin or checkpoint.size > size:
        return None
    digits = root_of(checkpoint.size).hex()
    wrong = _wrong(digits, checkpoint)
    if not 0 < len(wrong) <= _MISREAD:
        return None
    return (
        f"{checkpoint.called} fits but for {len(wrong)} of its {len(digits)} digits "
        f"({', '.join(map(str, wrong))}), so it was read or typed wrongly: look again"
    )


def tree_fault(
    checkpoint: Checkpoint, size: int, root_of: RootOf, own: Checkpoint | None
) -> str | None:
    """Say in what a log isn't that of a checkpoint.

    Args:
        checkpoint: It; one that was told has no name.
        size: How many entries the log has.
        root_of: Gives the root of so many entries.
        own: The log's own checkpoint, if it has one.

    Returns:
        A sentence; None where it fits.
    """
    called = checkpoint.called
    if own is not None and checkpoint.origin not in ("", own.origin):
        return (
            f"{called} is of the log {checkpoint.origin}, and this is {own.origin}: another log "
            "lies here, or this one was written anew with another key"
        )
    if checkpoint.size > size:
        return (
            f"{called} is of {checkpoint.size} entries, and the log has {size}: its end was cut off"
        )
    if root_of(checkpoint.size) == checkpoint.root:
        return None
    return (
        f"{called} doesn't fit: the first {checkpoint.size} entries aren't those that it was "
        "made of; some were edited, deleted or put in another order, or all were written anew"
    )


def signature_faults(
    checkpoint: Checkpoint, key: VerifierKey | None, notes: list[str], *, must_be_signed: bool
) -> Iterator[str]:
    """Say what is wrong with the log's signature of a checkpoint; one that was told has none.

    Args:
        checkpoint: It.
        key: The log's public key; None where none is known.
        notes: Gets what is to be known about it.
        must_be_signed: Whether it is wrong that it isn't signed.
    """
    if not checkpoint.origin:
        return
    if not checkpoint.note.signatures and must_be_signed:
        yield f"{checkpoint.called} isn't signed"
    elif not checkpoint.note.signatures:
        notes.append(
            f"{checkpoint.called} isn't signed: its signature was cut off, or what signs "
            "wasn't installed; --key makes it an error"
        )
    elif key is not None:
        try:
            signed = is_signed(checkpoint.note, key)
        except MissingExtraError as error:
            notes.append(f"signatures weren't checked: {error}")
            return
        if signed is None:
            yield f"{checkpoint.called} wasn't signed by the log's key {key.text}"
        elif not signed:
            yield f"{checkpoint.called} has a signature that is wrong"


def _wrong(digits: str, checkpoint: Checkpoint) -> Sequence[int]:
    """Number the digits in which a root isn't that of a checkpoint, from 1."""
    both = zip(digits, checkpoint.root.hex(), strict=True)
    return [at for at, (ours, theirs) in enumerate(both, 1) if ours != theirs]
