"""Make the files that replace and revoke keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.errors import OutputExistsError
from edge_runtime.system.files import one_sentence, write_file
from edge_runtime.trust.envelope import Envelope, write_envelope
from edge_runtime.trust.errors import NoticeInvalidError
from edge_runtime.trust.notice import (
    Revocation,
    Rotation,
    read_notice,
    write_revocation,
    write_rotation,
)
from edge_runtime.trust.private_keys import public_of, signature_of
from edge_runtime.trust.public_keys import PublicKey
from edge_runtime.trust.signed_file import is_signed_by, read_signed_file

if TYPE_CHECKING:
    from edge_runtime.trust.private_keys import PrivateKey


def check_notice_free(file: Path) -> None:
    """Refuse a name that is taken, before anybody is asked for a passphrase.

    Raises:
        OutputExistsError: Something stands there.
    """
    if file.exists() or file.is_symlink():
        raise OutputExistsError(file, "no such statement is ever replaced; choose another name")


def rotate_key(
    file: Path,
    new: PublicKey,
    private: "PrivateKey",
    *,
    day: str,
    since: int = 0,
    keeps: bool = False,
) -> Rotation:
    """Write that a key takes the place of the one that signs.

    Args:
        file: To write; it must not be there.
        new: What takes its place.
        private: The old key, from ``open_key``.
        day: Of the signature, ``YYYY-MM-DD``.
        since: From which release on; 0 for at once.
        keeps: Whether the old key counts as before.

    Raises:
        OutputExistsError: The file is there.
        OutputFailedError: It can't be written.
        NoticeInvalidError: The two are one key.
    """
    check_notice_free(file)
    old = public_of(private)
    if old.hint == new.hint:
        raise NoticeInvalidError(file, "not made: the new key is the old one; name another")
    made = Rotation(old.hint, new, since, keeps, day)
    _write(file, write_rotation(made), private)
    return made


def revoke(
    file: Path, digests: Mapping[str, str], private: "PrivateKey", *, day: str, number: int = 0
) -> Revocation:
    """Write a list of what nobody is to trust any more, or add to the one that is there.

    Args:
        file: The list.
        digests: SHA-256 of public keys and of manifests, and how people call each.
        private: Who revokes, from ``open_key``.
        day: Of the signature, ``YYYY-MM-DD``.
        number: Of the list; 0 for the next after the one that is there.

    Raises:
        OutputFailedError: It can't be written.
        NoticeInvalidError: What stands there isn't a list of this key, or has a higher number.
    """
    before = _list_of(file, public_of(private))
    number = number or (before.number + 1 if before else 1)
    if before and number <= before.number:
        cause = f"it is list {before.number}, and the next one needs a higher number"
        raise NoticeInvalidError(file, f"not changed: {cause}")
    revoked = {*digests, *(before.revoked if before else ())}
    made = Revocation(number, tuple(sorted(revoked)), day)
    payload = write_revocation(made, dict(digests))
    read_notice(payload)
    _write(file, payload, private)
    return made


def _list_of(file: Path, key: PublicKey) -> Revocation | None:
    if not (file.exists() or file.is_symlink()):
        return None
    try:
        envelope = read_signed_file(file)
        if not is_signed_by(key, envelope):
            raise ValueError("isn't signed by this key; choose another file")
        said = read_notice(envelope.payload)
    except ValueError as error:
        raise NoticeInvalidError(file, str(error)) from error
    if not isinstance(said, Revocation):
        raise NoticeInvalidError(file, "replaces a key and is no list; choose another file")
    return said


def _write(file: Path, payload: bytes, private: "PrivateKey") -> None:
    envelope = Envelope(payload, signature_of(private, payload), public_of(private).hint)
    with one_sentence(file):
        write_file(file, write_envelope(envelope))
