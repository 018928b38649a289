"""What a device remembers of keys: which were replaced, and what was revoked.

What took a key's place is remembered as the envelope that says so, and checked anew each time, so
that whoever could write this file could make nobody trusted. What was revoked is remembered as
such: a list may be gone, and whoever signed it be trusted no more.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from edge_runtime.system.digest import is_sha256
from edge_runtime.trust.envelope import read_envelope, write_envelope
from edge_runtime.trust.errors import NoticeInvalidError
from edge_runtime.trust.memory_file import MemoryFile, Remembered
from edge_runtime.trust.notice import NOTICE
from edge_runtime.trust.public_keys import PublicKey
from edge_runtime.trust.revoked import Listed
from edge_runtime.trust.signed_file import read_signed_file
from edge_runtime.trust.standing import Notice, Standing, find_standing

#: The file in which a device remembers, beside that of the releases.
KEYS = "keys.json"

_LARGEST = 1 << 24  # bytes; a rotation has 1,000, and what is revoked 70
_MOST_NOTICES = 64  # files


class _Remembered(Remembered, frozen=True, forbid_unknown_fields=True):
    """``rotations`` are envelopes as text, ``revoked`` what was by the hint of who did."""

    rotations: tuple[str, ...] = ()
    revoked: Mapping[str, Listed] = {}


def read_notices(paths: Sequence[Path]) -> tuple[Notice, ...]:
    """Read what is said of keys: files that end in ``.trust``, and those of folders.

    Raises:
        NoticeInvalidError: One can't be read, or isn't one; or there are more than anybody has.
    """
    files = [file for path in paths for file in _files_of(path)]
    if len(files) > _MOST_NOTICES:
        cause = f"more than {_MOST_NOTICES} files about keys; keep the newest lists alone"
        raise NoticeInvalidError(files[-1].parent, cause)
    return tuple(map(_notice, files))


def recall_standing(
    keys: Sequence[PublicKey], notices: Sequence[Notice], file: Path | None
) -> Standing:
    """Find out who is trusted, by what is remembered too.

    Args:
        keys: Those that the device was given.
        notices: What it was given of keys.
        file: In which it remembers; None where it doesn't.

    Raises:
        StoreInvalidError: What was remembered can't be read.
        NoticeInvalidError: As of ``find_standing``.
    """
    known = _Remembered(_MEMORY.schema) if file is None else _MEMORY.recall(file)
    return _standing(keys, notices, known, file or Path(KEYS))


def remember_standing(keys: Sequence[PublicKey], notices: Sequence[Notice], file: Path) -> Standing:
    """Find it out likewise, and remember it, where it is more than is remembered.

    Raises:
        OutputFailedError: It can't be written.
        StoreInvalidError: What was remembered can't be read.
        NoticeInvalidError: As of ``find_standing``.
    """
    known = _MEMORY.recall(file)
    standing = _standing(keys, notices, known, file)
    if _remembering(standing, known) == known:
        return standing

    def add(known: _Remembered) -> _Remembered:
        nonlocal standing
        standing = _standing(keys, notices, known, file)
        return _remembering(standing, known)

    _MEMORY.amend(file, add)
    return standing


def _standing(
    keys: Sequence[PublicKey], notices: Sequence[Notice], known: _Remembered, file: Path
) -> Standing:
    try:
        remembered = [Notice(file, read_envelope(each.encode())) for each in known.rotations]
    except ValueError as error:
        raise _MEMORY.damaged(file, f"a rotation in it {error}") from error
    try:
        return find_standing(keys, notices, remembered=remembered, lists=known.revoked)
    except NoticeInvalidError as error:
        if error.path != file:
            raise
        raise _MEMORY.damaged(file, f"a rotation in it {error.cause}") from error


def _remembering(standing: Standing, known: _Remembered) -> _Remembered:
    """Add to what is remembered; what other keys than today's said stays."""
    texts = (write_envelope(each).decode("ascii") for each in standing.rotations)
    rotations = tuple(dict.fromkeys((*known.rotations, *texts)))
    return _Remembered(known.schema, rotations, dict(standing.lists))


def _notice(file: Path) -> Notice:
    try:
        return Notice(file, read_signed_file(file))
    except ValueError as error:
        raise NoticeInvalidError(file, str(error)) from error


def _files_of(path: Path) -> list[Path]:
    if path.suffix == NOTICE and not path.is_dir():
        return [path]
    try:
        found = [each for each in path.iterdir() if each.suffix == NOTICE] if path.is_dir() else []
    except OSError as error:
        cause = f"can't be read: {(error.strerror or str(error)).lower()}"
        raise NoticeInvalidError(path, cause) from error
    return sorted(found)


def _check(known: _Remembered) -> None:
    for by, listed in known.revoked.items():
        if not all(map(is_sha256, (by, *listed.revoked))):
            raise ValueError("it has a revoked key that is none")


_MEMORY = MemoryFile(
    _Remembered,
    schema=1,
    largest=_LARGEST,
    remedy="it has which keys were replaced and revoked; docs/security.md says what to do",
    check=_check,
)
