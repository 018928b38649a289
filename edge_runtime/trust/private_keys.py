"""Make, read and open the keys that sign."""

from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.errors import MissingExtraError, OutputExistsError
from edge_runtime.system.files import one_sentence, write_file
from edge_runtime.trust.envelope import signed_bytes
from edge_runtime.trust.errors import KeyInvalidError
from edge_runtime.trust.public_keys import PUBLIC, PublicKey, pem, public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey

#: The kinds of key that are made, the usual one first.
MADE = ("P-256", "Ed25519")

#: The least characters of a passphrase.
SHORTEST_PASSPHRASE = 12

_LARGEST = 1 << 16  # bytes of a key's file


def public_file(key: Path) -> Path:
    """Say where the public key lies: beside the private one, with ``.pub`` behind its name."""
    return key.with_name(key.name + PUBLIC)


def check_free(path: Path) -> None:
    """Refuse a name under which a key stands, before anybody is asked for a passphrase.

    Raises:
        OutputExistsError: One of the two files is there.
    """
    for file in (path, public_file(path)):
        if file.exists() or file.is_symlink():
            raise OutputExistsError(file, "no key is ever replaced; choose another name")


def check_passphrase(path: Path, passphrase: str) -> None:
    """Refuse a passphrase that whoever has the key's file would soon have found.

    Raises:
        KeyInvalidError: It is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        cause = f"the passphrase needs {SHORTEST_PASSPHRASE} characters at least"
        raise KeyInvalidError(path, f"{cause}, four words for instance; no key was made")


def make_key(path: Path, passphrase: str | None, *, kind: str = MADE[0]) -> PublicKey:
    """Make a key: the private one for its owner's eyes alone, the public one beside it.

    Args:
        path: The private key's file: PKCS #8 as PEM text.
        passphrase: Encrypts it; None leaves it open to whoever can read the file.
        kind: One of ``MADE``.

    Raises:
        KeyInvalidError: The passphrase is too short.
        OutputExistsError: One of the files is there.
        OutputFailedError: They can't be written.
        MissingExtraError: What makes keys isn't installed.
    """
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise MissingExtraError("trust", str(error.name)) from error
    from edge_runtime.trust.locked_key import lock  # noqa: PLC0415 - with what it needs

    check_free(path)
    if passphrase is not None:
        check_passphrase(path, passphrase)
    private: PrivateKey = (
        ed25519.Ed25519PrivateKey.generate()
        if kind == "Ed25519"
        else ec.generate_private_key(ec.SECP256R1())
    )
    form = serialization.Encoding.PEM if passphrase is None else serialization.Encoding.DER
    secret = private.private_bytes(
        form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    if passphrase is not None:
        secret = lock(secret, passphrase)
    der = public_der(private)
    made = public_key(der, public_file(path).name)
    assert made is not None  # noqa: S101 - it is of a kind that is made here
    with one_sentence(path):
        write_file(path, secret, private=True)
        write_file(public_file(path), pem(der))
    return made


def read_private_key(path: Path) -> bytes:
    """Read a private key's file, without opening it.

    Raises:
        KeyInvalidError: There is none, or it holds something else.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST)
    except OSError as error:
        cause = f"can't be read: {(error.strerror or str(error)).lower()}; make one with keygen"
        raise KeyInvalidError(path, cause) from error
    if b"PRIVATE KEY-----" not in data:
        raise KeyInvalidError(path, "no private key; name the file that keygen made, not its .pub")
    return data


def needs_passphrase(key: bytes) -> bool:
    """Tell whether a private key as read is encrypted."""
    return b"ENCRYPTED" in key


def open_key(path: Path, key: bytes, passphrase: str | None) -> "PrivateKey":
    """Open a private key as read.

    Raises:
        KeyInvalidError: The passphrase is wrong, or it is damaged or of another kind.
        MissingExtraError: What opens keys isn't installed.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
            load_pem_private_key,
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError("trust", str(error.name)) from error
    try:
        found = load_pem_private_key(key, passphrase.encode() if passphrase else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        cause = "can't be opened: the passphrase is wrong, or the file is damaged"
        raise KeyInvalidError(path, cause) from error
    if (
        not isinstance(found, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey)
        or public_key(public_der(found), path.name) is None
    ):
        raise KeyInvalidError(path, "a key of a kind that isn't used here; make one with keygen")
    return found


def public_der(private: "PrivateKey") -> bytes:
    """Encode the public key of a private one: SubjectPublicKeyInfo in DER."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra

    return private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_of(private: "PrivateKey") -> PublicKey:
    """Give the public key of a private one, under no name."""
    key = public_key(public_der(private), "")
    if key is None:
        raise ValueError("the key wasn't opened by open_key")
    return key


def signature_of(private: "PrivateKey", payload: bytes) -> bytes:
    """Sign the payload of an envelope: ECDSA over the curve's SHA-2, or Ed25519."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - an extra
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    message = signed_bytes(payload)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message)
    digests = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
    return private.sign(message, ec.ECDSA(digests[private.curve.key_size]))
