"""The password of a station: a hash in its folder that is slow to try."""

import hashlib
import hmac
import os
import secrets
import unicodedata
from pathlib import Path
from typing import Annotated

import msgspec

from edge_runtime.errors import FundusError, printable
from edge_runtime.station.access.guessable import is_guessable
from edge_runtime.station.access.key import new_key
from edge_runtime.system.files import write_file

#: The password's file in the data folder.
PASSWORD = "station.password"  # noqa: S105 - a file's name

#: Letters or digits of a password, at least: a PIN of six digits is the shortest.
SHORTEST = 6

#: Letters of a password at most.
LONGEST = 200

_LARGEST_FILE = 4096  # bytes

# 32 MiB for each try; what it costs is in docs/decisions/0080-other-computers-need-a-password.md.
_N, _R, _P, _SALT, _DIGEST = 1 << 15, 8, 1, 16, 32
_MOST_MEMORY = 64 << 20  # bytes


class PasswordInvalidError(FundusError, ValueError):
    """A password's file that can't be used: nobody is let in by it."""

    def __init__(self, file: Path, cause: str) -> None:
        self.file, self.cause = file, cause
        super().__init__(
            f"{printable(file)}: can't be used: {printable(cause)}; set a new password with "
            "'fundus-edge station password'"
        )


class Password(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password's scrypt hash with the cost at which it was made.

    Source: RFC 7914; ``n`` is the cost, ``r`` the size of a block in 128 bytes, ``p`` how often.
    """

    n: Annotated[int, msgspec.Meta(ge=1 << 14, le=1 << 18)]
    r: Annotated[int, msgspec.Meta(ge=1, le=32)]
    p: Annotated[int, msgspec.Meta(ge=1, le=4)]
    salt: Annotated[bytes, msgspec.Meta(min_length=16, max_length=64)]
    digest: Annotated[bytes, msgspec.Meta(min_length=32, max_length=64)]

    def fits(self, text: str) -> bool:
        """Tell whether a text is the password; it takes some tenths of a second on purpose."""
        return hmac.compare_digest(_hashed(text, self), self.digest)


def weakness(text: str) -> str | None:
    """Say in a clause what is wrong with a text as a password; None if it will do."""
    if len(text) < SHORTEST:
        return f"it is too short: take at least {SHORTEST} digits, or better a few words"
    if len(text) > LONGEST:
        return f"it is longer than {LONGEST} letters"
    if is_guessable(text):
        return "it is among the first that somebody would try: take one that is less regular"
    return None


def set_password(folder: Path, text: str) -> None:
    """Keep a new password's hash, with a new key; everybody is signed out by it.

    Args:
        folder: The data folder, which is there.
        text: One in which ``weakness`` finds none.

    Raises:
        OSError: It can't be written; the password that was there still is.
    """
    salt = secrets.token_bytes(_SALT)
    made = Password(_N, _R, _P, salt, bytes(_DIGEST))
    made = msgspec.structs.replace(made, digest=_hashed(text, made))
    new_key(folder)  # first: whoever sees the new password reads it
    write_file(folder / PASSWORD, msgspec.json.encode(made) + b"\n", private=True)


def remove_password(folder: Path) -> bool:
    """Remove the password; False where there is none.

    Raises:
        OSError: It can't be removed.
    """
    try:
        (folder / PASSWORD).unlink()
    except FileNotFoundError:
        return False
    return True


def read_password(folder: Path) -> Password | None:
    """Read the password's hash; None where there is no file of one.

    Raises:
        PasswordInvalidError: There is a file, and it can't be read or is damaged.
    """
    file = folder / PASSWORD
    try:
        with file.open("rb") as stream:
            told = stream.read(_LARGEST_FILE)
        found = msgspec.json.decode(told, type=Password)
    except FileNotFoundError:
        if file.is_symlink():
            raise PasswordInvalidError(file, "it is a link that leads nowhere") from None
        return None
    except OSError as error:
        raise PasswordInvalidError(file, (error.strerror or str(error)).lower()) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PasswordInvalidError(file, "it is damaged") from error
    if found.n & (found.n - 1) or _memory(found) > _MOST_MEMORY:
        raise PasswordInvalidError(file, "it is damaged")
    return found


def stamp_of_password(folder: Path) -> tuple[int, ...] | None:
    """Tell cheaply whether the file is another than it was; None where there is none.

    Raises:
        OSError: That can't be found out.
    """
    try:
        found = os.lstat(folder / PASSWORD)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _hashed(text: str, cost: Password) -> bytes:
    """Hash a text as keyboards may write it, at a cost."""
    told = unicodedata.normalize("NFC", text)[: LONGEST + 1].encode("utf-8", "replace")
    return hashlib.scrypt(
        told, salt=cost.salt, n=cost.n, r=cost.r, p=cost.p, dklen=len(cost.digest),
        maxmem=_MOST_MEMORY + (1 << 20),
    )  # fmt: skip


def _memory(cost: Password) -> int:
    return 128 * cost.r * (cost.n + cost.p)
