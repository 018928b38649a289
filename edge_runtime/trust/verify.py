"""Find out whether a trusted key signed a folder as it is."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from edge_runtime.contract import SIGNATURE
from edge_runtime.errors import MissingExtraError
from edge_runtime.trust.envelope import Envelope, read_envelope, signed_bytes
from edge_runtime.trust.errors import BundleUntrustedError, KeyInvalidError
from edge_runtime.trust.public_keys import PublicKey
from edge_runtime.trust.releases import Memory
from edge_runtime.trust.sealed import Sealed, check_digests, digests_of
from edge_runtime.trust.statement import read_statement

_LARGEST = 1 << 21  # bytes of a signature; one of ten files has 3,000
_GET = "sign it where it was made (fundus-edge sign), or get it again from there"


class Trusted(Struct, frozen=True):
    """Whom a device trusts: at least one key. Without a ``memory`` no bundle is too old."""

    keys: tuple[PublicKey, ...]
    memory: Memory | None = None


def verify_folder(folder: Path, trusted: Trusted, *, signature: Path | None = None) -> Sealed:
    """Check a folder's signature, and then that its files are those that were signed.

    Nothing of the files is parsed: they are hashed.

    Args:
        folder: A bundle's folder.
        trusted: Whom to believe.
        signature: The signature's file; None for ``model.sig`` in the folder.

    Raises:
        BundleUntrustedError: There is no signature, none of the keys made it, or a file is missing,
            added, renamed, changed or a link.
        MissingExtraError: What computes signatures isn't installed.
        KeyInvalidError: A trusted key is no point of its curve.
    """
    file = folder / SIGNATURE if signature is None else signature
    envelope = _envelope(folder, file)
    key = _signer(folder, trusted.keys, envelope)
    try:
        statement = read_statement(envelope.payload)
    except ValueError as error:
        raise BundleUntrustedError(folder, f"its signature {error}") from error
    found = digests_of(folder, but=_unseen(folder, file, statement.ignored))
    check_digests(folder, statement.digests, found)
    return Sealed(folder, statement.digests, f"the key {key.called}", statement.release)


def is_signed_by(key: PublicKey, envelope: Envelope) -> bool:
    """Tell whether a key made a signature: ECDSA over the curve's SHA-2, or Ed25519.

    Raises:
        MissingExtraError: What computes it isn't installed.
        KeyInvalidError: The key is no point of its curve.
    """
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - 20 ms, and an extra
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415
        from cryptography.hazmat.primitives.hashes import (  # noqa: PLC0415
            SHA256,
            SHA384,
            SHA512,
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError("trust", str(error.name)) from error
    curves = {
        "P-256": (ec.SECP256R1(), SHA256()),
        "P-384": (ec.SECP384R1(), SHA384()),
        "P-521": (ec.SECP521R1(), SHA512()),
    }
    message = signed_bytes(envelope.payload)
    try:
        if key.kind in curves:
            curve, digest = curves[key.kind]
            point = ec.EllipticCurvePublicKey.from_encoded_point(curve, key.raw)
            point.verify(envelope.signature, message, ec.ECDSA(digest))
        else:
            ed25519.Ed25519PublicKey.from_public_bytes(key.raw).verify(envelope.signature, message)
    except InvalidSignature:
        return False
    except ValueError as error:
        raise KeyInvalidError(Path(key.name), "a damaged public key; copy it again") from error
    return True


def _envelope(folder: Path, file: Path) -> Envelope:
    try:
        if file.is_symlink():
            raise BundleUntrustedError(folder, f"its signature {file.name} is a link, not a file")
        if not file.is_file():
            raise BundleUntrustedError(folder, f"it has no signature ({file.name}); {_GET}")
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        cause = f"its signature can't be read: {(error.strerror or str(error)).lower()}"
        raise BundleUntrustedError(folder, cause) from error
    try:
        if len(data) > _LARGEST:
            raise ValueError(f"has more than {_LARGEST} bytes")
        return read_envelope(data)
    except RecursionError as error:
        cause = f"its signature {file.name} is nested too deeply"
        raise BundleUntrustedError(folder, cause) from error
    except ValueError as error:
        raise BundleUntrustedError(folder, f"its signature {file.name} {error}") from error


def _signer(folder: Path, keys: Sequence[PublicKey], envelope: Envelope) -> PublicKey:
    """Find the key that signed; one that the signature names is the only one that is tried."""
    named = [key for key in keys if envelope.hint in ("", key.hint)]
    for key in named:
        if is_signed_by(key, envelope):
            return key
    if named:
        cause = f"its signature isn't by the key {named[0].called} as it says, or was changed"
        raise BundleUntrustedError(folder, f"{cause}; {_GET}")
    raise BundleUntrustedError(
        folder,
        f"it was signed by the key {envelope.hint[:16]}, and trusted is "
        f"{', '.join(key.called for key in keys[:3])}"
        f"{f' and {len(keys) - 3} more' if len(keys) > 3 else ''}; {_GET}",
    )


def _unseen(folder: Path, signature: Path, ignored: Sequence[str]) -> tuple[str, ...]:
    """List what isn't looked at: what was signed as such, and the signature itself."""
    inside = signature.parent == folder
    return (*ignored, *([signature.name] if inside else []))
