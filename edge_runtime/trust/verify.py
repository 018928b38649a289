"""Find out whether enough trusted keys signed a folder as it is."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from edge_runtime.contract import SIGNATURE, SIGNATURES
from edge_runtime.trust.envelope import Envelope
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.public_keys import PublicKey
from edge_runtime.trust.releases import Memory, Release
from edge_runtime.trust.sealed import Sealed, check_files
from edge_runtime.trust.signed_file import is_signed_by, read_signed_file
from edge_runtime.trust.standing import Standing, Voter, plain_standing
from edge_runtime.trust.statement import Statement, read_statement

_GET = "sign it where it was made (fundus-edge sign), or get it again from there"


class Trusted(Struct, frozen=True):
    """Whom a device trusts: at least one key.

    Without a ``memory`` no bundle is too old. ``threshold`` is how many of the keys must have
    signed, ``standing`` what is said of them; None where nothing is. ``takes_shipped`` says whether
    the bundle in the package is taken where it has no signature.
    """

    keys: tuple[PublicKey, ...]
    memory: Memory | None = None
    threshold: int = 1
    standing: Standing | None = None
    takes_shipped: bool = True


class _Vote(Struct, frozen=True):
    """A signature that counts."""

    voter: Voter
    statement: Statement
    file: Path


def verify_folder(folder: Path, trusted: Trusted, *, signature: Path | None = None) -> Sealed:
    """Check a folder's signatures, and then that its files are those that were signed.

    Nothing of the files is parsed: they are hashed, once their names are those that were signed.

    Args:
        folder: A bundle's folder.
        trusted: Whom to believe.
        signature: The one signature's file; None for those in the folder.

    Raises:
        BundleUntrustedError: There is no signature, too few of the keys made one of the same
            release, or a file is missing, added, renamed, changed or a link.
        MissingExtraError: What computes signatures isn't installed.
        KeyInvalidError: A trusted key is no point of its curve.
    """
    standing = trusted.standing or plain_standing(trusted.keys)
    files = signature_files(folder) if signature is None else (signature,)
    if not files or not (files[0].exists() or files[0].is_symlink()):
        name = SIGNATURE if signature is None else signature.name
        raise BundleUntrustedError(folder, f"it has no signature ({name}); {_GET}")
    votes, apart = [], []
    for file in files:
        found = _vote(folder, file, standing)
        if isinstance(found, str):
            apart.append(found)
        else:
            votes.append(found)
    counted = _counted(folder, votes, apart, trusted.threshold)
    digests = dict(counted[0].statement.digests)
    for vote in counted:
        unseen = (*vote.statement.ignored, *SIGNATURES, *_inside(folder, vote.file))
        check_files(folder, vote.statement.digests, but=unseen)
        digests = {name: digests[name] for name in digests if name in vote.statement.digests}
    signers = tuple(vote.voter.key.called for vote in counted)
    by = f"the {'key' if len(signers) == 1 else 'keys'} {' and '.join(signers)}"
    number, expires = _age(counted[0])
    signed = min(vote.statement.release.signed for vote in counted)
    release = Release(number, signed, expires)
    return Sealed(folder, digests, by, release, signers=signers, apart=tuple(apart))


def signature_files(folder: Path) -> tuple[Path, ...]:
    """List the files of a folder that stand where signatures do, in their order."""
    named = (folder / name for name in SIGNATURES)
    return tuple(file for file in named if file.exists() or file.is_symlink())


def read_signature(folder: Path, file: Path) -> Envelope:
    """Read a signature of a bundle.

    Raises:
        BundleUntrustedError: It isn't one.
    """
    try:
        return read_signed_file(file)
    except ValueError as error:
        raise BundleUntrustedError(folder, f"its signature {file.name} {error}") from error


def _vote(folder: Path, file: Path, standing: Standing) -> _Vote | str:
    """Read a signature; a clause says why one doesn't count that is as its key made it."""
    envelope = read_signature(folder, file)
    voter = _signer(folder, file, standing, envelope)
    if voter is None:
        if envelope.hint in standing.revoked:
            return f"the key {envelope.hint[:16]} signed it, and is revoked"
        keys = [each.key.called for each in standing.voters]
        return (
            f"it was signed by the key {envelope.hint[:16]}, and trusted is {', '.join(keys[:3])}"
            f"{f' and {len(keys) - 3} more' if len(keys) > 3 else ''}"
        )
    try:
        statement = read_statement(envelope.payload)
    except ValueError as error:
        raise BundleUntrustedError(folder, f"its signature {error}") from error
    return voter.why_not(statement.release.number) or _Vote(voter, statement, file)


def _signer(folder: Path, file: Path, standing: Standing, envelope: Envelope) -> Voter | None:
    """Find the key that signed; None if it is the one that is named, and unknown here."""
    named = [each for each in standing.voters if envelope.hint in ("", each.key.hint)]
    for voter in named:
        if is_signed_by(voter.key, envelope):
            return voter
    if named:
        cause = f"its signature isn't by the key {named[0].key.called} as it says, or was changed"
        raise BundleUntrustedError(folder, f"{cause}; {_GET}")
    if any(is_signed_by(voter.key, envelope) for voter in standing.voters):
        cause = f"its signature {file.name} names another key than the one that signed"
        raise BundleUntrustedError(folder, f"{cause}; {_GET}")
    return None


def _counted(
    folder: Path, votes: Sequence[_Vote], apart: Sequence[str], threshold: int
) -> list[_Vote]:
    """Choose the signatures of enough keys that say the same of a bundle's age.

    Whoever descends from one key that was given is one voter, however many keys they have.
    """
    groups: dict[tuple[int, str], dict[str, _Vote]] = {}
    for vote in votes:
        groups.setdefault(_age(vote), {}).setdefault(vote.voter.root, vote)
    for age in sorted(groups, reverse=True):
        if len(groups[age]) >= threshold:
            return list(groups[age].values())
    if threshold == 1:
        raise BundleUntrustedError(folder, f"{'; '.join(apart)}; {_GET}")
    most = max(map(len, groups.values()), default=0)
    others = [f"; {each}" for each in apart]
    if len(groups) > 1:
        others.append("; its signatures say different releases or last days")
    cause = f"{threshold} of the trusted keys must have signed it, and {most} did{''.join(others)}"
    raise BundleUntrustedError(folder, f"{cause}; let another of them sign it too")


def _age(vote: _Vote) -> tuple[int, str]:
    release = vote.statement.release
    return release.number, release.expires


def _inside(folder: Path, file: Path) -> tuple[str, ...]:
    return (file.name,) if file.parent == folder else ()
