"""Read a file that a key signed, and find out whether it did."""

from pathlib import Path

from edge_runtime.errors import MissingExtraError
from edge_runtime.trust.envelope import Envelope, read_envelope, signed_bytes
from edge_runtime.trust.errors import KeyInvalidError
from edge_runtime.trust.public_keys import PublicKey

_LARGEST = 1 << 21  # bytes; a signature over ten files has 3,000


def read_signed_file(file: Path) -> Envelope:
    """Read the envelope in a file; nothing of what is signed is parsed.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    try:
        if file.is_symlink():
            raise ValueError("is a link, not a file")
        if not file.is_file():
            raise ValueError("is no file")
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise ValueError(f"can't be read: {cause}") from error
    if len(data) > _LARGEST:
        raise ValueError(f"has more than {_LARGEST} bytes")
    try:
        return read_envelope(data)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


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
