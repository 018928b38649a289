"""Lock a private key with a passphrase, so that each try to guess it costs.

Source: RFC 5958 (EncryptedPrivateKeyInfo), RFC 8018 appendix A.4 (PBES2), RFC 7914 section 7
(scrypt in it). ``cryptography`` reads this form and writes PBKDF2 of 2,048 rounds alone, of which a
common computer tries thousands a second.
"""

import base64
import hashlib
import os
import textwrap

#: The cost of one try: 16 MiB of memory, eight times over. OpenSSL refuses more memory than 32 MiB.
_N, _R, _P = 1 << 14, 8, 8

_MEMORY = 1 << 25  # bytes that scrypt may take

# Object identifiers in DER, their tag and length included.
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES_256_CBC = bytes.fromhex("060960864801650304012a")

_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30


def lock(key: bytes, passphrase: str) -> bytes:
    """Encrypt a private key with AES-256 in CBC, under a key that scrypt makes of a passphrase.

    Args:
        key: PKCS #8 in DER.
        passphrase: What opens it.

    Returns:
        PEM text, ``BEGIN ENCRYPTED PRIVATE KEY``.

    Raises:
        ModuleNotFoundError: ``cryptography`` isn't installed.
    """
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415 - an extra
        Cipher,
        algorithms,
        modes,
    )
    from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415

    salt, start = os.urandom(16), os.urandom(16)
    made = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=_MEMORY, dklen=32
    )
    padder = PKCS7(128).padder()
    padded = padder.update(key) + padder.finalize()
    encryptor = Cipher(algorithms.AES(made), modes.CBC(start)).encryptor()
    hidden = encryptor.update(padded) + encryptor.finalize()
    costs = _der(_OCTETS, salt) + b"".join(map(_integer, (_N, _R, _P)))
    derived = _der(_SEQUENCE, _SCRYPT + _der(_SEQUENCE, costs))
    cipher = _der(_SEQUENCE, _AES_256_CBC + _der(_OCTETS, start))
    how = _der(_SEQUENCE, _PBES2 + _der(_SEQUENCE, derived + cipher))
    text = base64.b64encode(_der(_SEQUENCE, how + _der(_OCTETS, hidden))).decode("ascii")
    lines = "\n".join(textwrap.wrap(text, 64))
    name = "ENCRYPTED PRIVATE KEY"
    return f"-----BEGIN {name}-----\n{lines}\n-----END {name}-----\n".encode("ascii")


def _integer(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    """Encode a value: its tag, its length and itself."""
    size = len(content)
    if size < 0x80:  # where its short form ends
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
