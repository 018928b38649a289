"""Sign a folder with a key."""

from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.contract import SIGNATURE
from edge_runtime.errors import OutputExistsError
from edge_runtime.system.files import one_sentence, write_file
from edge_runtime.trust.envelope import Envelope, signed_bytes, write_envelope
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.private_keys import public_der
from edge_runtime.trust.public_keys import PublicKey, public_key
from edge_runtime.trust.releases import Release
from edge_runtime.trust.sealed import check_digests, digests_of
from edge_runtime.trust.statement import Statement, write_statement

if TYPE_CHECKING:
    from edge_runtime.trust.private_keys import PrivateKey


#: Of a bundle of whose age nothing is said.
UNTOLD = Release()


def check_unsigned(folder: Path, *, replace: bool) -> None:
    """Refuse to replace a signature unasked, before anybody is asked for a passphrase.

    Raises:
        OutputExistsError: The folder is signed, and the signature isn't to be replaced.
    """
    target = folder / SIGNATURE
    if not replace and (target.exists() or target.is_symlink()):
        raise OutputExistsError(target, "this bundle is signed; use --force to sign it anew")


def sign_folder(
    folder: Path, private: "PrivateKey", *, release: Release = UNTOLD, replace: bool = False
) -> PublicKey:
    """Sign every file of a folder, into ``model.sig`` in it.

    Args:
        folder: A bundle's folder that was found to be sound.
        private: The key, from ``open_key``.
        release: What to say of its age.
        replace: Whether a signature that is there may be replaced.

    Returns:
        The public key that verifies it.

    Raises:
        BundleUntrustedError: It can't be read, has links, or was changed meanwhile.
        OutputExistsError: It is signed already.
        OutputFailedError: The signature can't be written.
    """
    check_unsigned(folder, replace=replace)
    target = folder / SIGNATURE
    digests = digests_of(folder)
    if not digests:
        raise BundleUntrustedError(folder, "it has no files to sign")
    payload = write_statement(folder.resolve().name, Statement(digests, release=release))
    key = public_key(public_der(private), "")
    if key is None:
        raise ValueError("the key wasn't opened by open_key")
    envelope = Envelope(payload, _signature(private, signed_bytes(payload)), key.hint)
    check_digests(folder, digests, digests_of(folder))
    with one_sentence(target):
        write_file(target, write_envelope(envelope))
    return key


def _signature(private: "PrivateKey", message: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    if not isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message)
    digests = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
    return private.sign(message, ec.ECDSA(digests[private.curve.key_size]))
