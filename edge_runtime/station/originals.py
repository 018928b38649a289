"""Find the files of a camp's photographs in the inbox again."""

import os
from pathlib import Path

from edge_runtime.station.camp_store import CampStore
from edge_runtime.system import digest


def content_of(store: CampStore, photo: int) -> str:
    """Give the SHA-256 of a photograph's file, as it was when it came in.

    Raises:
        StoreInvalidError: There is no such photograph.
    """
    found = store.rows(tuple[str], "SELECT sha256 FROM photos WHERE number = ?", photo)
    if not found:
        raise store.invalid(f"it has no photograph {photo}")
    return found[0][0]


def original_of(store: CampStore, inbox: Path, photo: int) -> Path | None:
    """Find a file of the inbox that still is a photograph, by its content; None where none is.

    Args:
        store: The camp's.
        inbox: The folder into which the camera wrote.
        photo: The photograph's number.
    """
    question = "SELECT path FROM files WHERE photo = ? ORDER BY number"
    for (path,) in store.rows(tuple[bytes], question, photo):
        file = inbox / os.fsdecode(path)
        try:
            if file.is_file() and digest.sha256(file) == content_of(store, photo):
                return file
        except OSError:
            continue  # gone, or on a card that fails
    return None
