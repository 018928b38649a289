"""The station's key, which never leaves its folder, and what the forms of its pages carry."""

import hashlib
import hmac
import secrets
from pathlib import Path

from edge_runtime.system.files import write_file

#: The file whose content only the owner of a camp's folder can read.
KEY = "station.key"


def key_of(folder: Path) -> str:
    """Read the key of a camp's folder, or make one: whoever knows it owns the folder.

    It is kept, so that pages that are open outlive a restart.

    Raises:
        OSError: It can't be read or written.
    """
    file = folder / KEY
    try:
        told = file.read_text("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        told = ""
    return told if len(told) >= 32 else new_key(folder)


def new_key(folder: Path) -> str:
    """Make another key: forms of pages that are open don't count any more.

    Raises:
        OSError: It can't be written; that of before stays.
    """
    key = secrets.token_urlsafe(32)
    write_file(folder / KEY, key.encode(), private=True)
    return key


def form_token(key: str, session: str = "") -> str:
    """Make what forms carry, so that no other page can send one.

    It is made of the key and doesn't tell it, as pages show it to whoever reads them.

    Args:
        key: The station's.
        session: Whose forms they are, as ``Session.id``; "" where nobody signs in.
    """
    return hmac.new(key.encode(), f"form {session}".encode(), hashlib.sha256).hexdigest()
