"""Sign a folder with a key."""

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from edge_runtime.contract import SIGNATURES
from edge_runtime.errors import OutputExistsError
from edge_runtime.system.files import one_sentence, write_file
from edge_runtime.trust.envelope import Envelope, write_envelope
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.private_keys import public_of, signature_of
from edge_runtime.trust.public_keys import PublicKey
from edge_runtime.trust.releases import Release, told_limits
from edge_runtime.trust.sealed import check_files, digests_of
from edge_runtime.trust.signed_file import read_signed_file
from edge_runtime.trust.statement import Statement, read_statement, write_statement
from edge_runtime.trust.verify import signature_files

if TYPE_CHECKING:
    from edge_runtime.trust.private_keys import PrivateKey


#: Of a bundle of whose age nothing is said.
UNTOLD = Release()

_ANEW = "use --force to sign it anew, with this key alone"


class Signed(Struct, frozen=True):
    """A signature that a bundle has: its file, its key's hint, and what it says.

    Nobody was asked whether the key made it.
    """

    file: Path
    hint: str
    statement: Statement


def signed_before(folder: Path) -> tuple[Signed, ...]:
    """Read the signatures that a bundle has, before anybody is asked for a passphrase.

    Raises:
        OutputExistsError: One can't be read, so no other can stand beside it.
    """
    return tuple(map(_signed, signature_files(folder)))


def sign_folder(
    folder: Path, private: "PrivateKey", *, release: Release = UNTOLD, replace: bool = False
) -> PublicKey:
    """Sign every file of a folder, beside the signatures of other keys that it has.

    Args:
        folder: A bundle's folder that was found to be sound.
        private: The key, from ``open_key``.
        release: What to say of its age.
        replace: Whether to take away the signatures that are there, of whichever key.

    Returns:
        The public key that verifies it.

    Raises:
        BundleUntrustedError: It can't be read, has links, or was changed meanwhile.
        OutputExistsError: It has a signature of this key, of other files, or of another age.
        OutputFailedError: The signature can't be written.
    """
    key = public_of(private)
    digests = digests_of(folder)
    if not digests:
        raise BundleUntrustedError(folder, "it has no files to sign")
    before = () if replace else signed_before(folder)
    for each in before:
        _check_beside(each, key, digests, release)
    taken = {each.file.name for each in before}
    free = [name for name in SIGNATURES if name not in taken]
    if not free:
        cause = f"a bundle has {len(SIGNATURES)} signatures at most; {_ANEW}"
        raise OutputExistsError(folder / SIGNATURES[-1], cause)
    payload = write_statement(folder.resolve().name, Statement(digests, release=release))
    envelope = Envelope(payload, signature_of(private, payload), key.hint)
    check_files(folder, digests)
    target = folder / free[0]
    with one_sentence(target):
        write_file(target, write_envelope(envelope))
        for old in signature_files(folder) if replace else ():
            if old != target:  # these go last, so that there is always one
                old.unlink()
    return key


def _signed(file: Path) -> Signed:
    try:
        envelope = read_signed_file(file)
        return Signed(file, envelope.hint, read_statement(envelope.payload))
    except ValueError as error:
        raise OutputExistsError(file, f"it {error}; {_ANEW}") from error


def _check_beside(
    signed: Signed, key: PublicKey, digests: dict[str, str], release: Release
) -> None:
    """Refuse what could never count together with a signature that is there."""
    if signed.hint == key.hint:
        raise OutputExistsError(signed.file, f"this key signed the bundle; {_ANEW}")
    said = signed.statement
    if any(digests.get(name) != digest for name, digest in said.digests.items()):
        raise OutputExistsError(signed.file, f"it signs other files than are there; {_ANEW}")
    if (said.release.number, said.release.expires) != (release.number, release.expires):
        cause = f"it says {told_limits(said.release)}, so this one must say the same"
        raise OutputExistsError(signed.file, f"{cause}; leave --release and --expires out")
