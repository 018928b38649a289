"""Keep an object that a peer sent, whole and once, before the peer is told that it is kept."""

import os
import re
import stat
import threading
from pathlib import Path
from typing import BinaryIO

from edge_runtime.hospital.bounded import Bounded
from edge_runtime.hospital.damage import ClauseError
from edge_runtime.hospital.guard import SPARE, free_bytes
from edge_runtime.hospital.header import read_header, read_meta, text_of
from edge_runtime.system.files import sync_file, sync_folder

#: Why an object isn't kept, as its sender is told. Source: DICOM PS3.4, B.2.3; PS3.7, annex C.
NO_ROOM, NOT_ITS_CLASS, NOT_UNDERSTOOD = 0xA700, 0xA900, 0xC000

#: The clause of the first.
FULL = "the disk is full"

_UID = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_UNPACKED = 256 << 20  # bytes of what is deflated, as it is looked at in memory
_PIECE, _META = 1 << 20, 1 << 20
_turn = threading.Lock()


class NotKeptError(Exception):
    """An object isn't kept: the ``status`` for its sender, and a clause of at most 64 letters."""

    def __init__(self, status: int, clause: str) -> None:
        self.status, self.clause = status, clause
        super().__init__(clause)


def file_of_object(folder: Path, uid: str) -> Path | None:
    """Name the file in which an object of this UID is kept; None where it is no UID."""
    is_uid = len(uid) <= 64 and _UID.fullmatch(uid)
    return folder / f"{uid}.dcm" if is_uid else None


def keep(received: Path, folder: Path, *, sop_class: str, uid: str) -> tuple[Path, bool]:
    """Keep an object under its UID; when this comes back the disk has it.

    Args:
        received: Its file, on the folder's disk and of this process alone.
        folder: Where it goes.
        sop_class: Its class, as its sender said.
        uid: Its UID, likewise.

    Returns:
        Its file, and whether it is new: the same object was kept before.

    Raises:
        NotKeptError: It isn't what its sender said, or another one has this UID.
        OSError: The disk refused it.
    """
    target = file_of_object(folder, uid)
    if target is None:
        raise NotKeptError(NOT_UNDERSTOOD, "its SOP Instance UID is none")
    if free_bytes(folder) < SPARE:
        raise NotKeptError(NO_ROOM, FULL)
    with _turn:  # what is deflated takes memory
        _check(received, sop_class, uid)
    sync_file(received)
    with _turn:
        is_new = not os.path.lexists(target)
        if not is_new and not _is_same(received, target):
            raise NotKeptError(NOT_UNDERSTOOD, "another object with this UID is kept already")
        if is_new:
            received.replace(target)
    sync_folder(folder)
    return target, is_new


def class_kept(folder: Path, uid: str) -> str | None:
    """Say of which class the object is that is kept under a UID; None where none is."""
    file = file_of_object(folder, uid)
    try:
        if file is None or not stat.S_ISREG(file.stat().st_mode):
            return None
        with file.open("rb") as opened:
            meta = read_meta(Bounded(opened, file.stat().st_size, budget=_META))
    except (OSError, ClauseError):
        return None
    is_it = text_of(meta, "MediaStorageSOPInstanceUID") == uid
    return text_of(meta, "MediaStorageSOPClassUID") if is_it else None


def _check(received: Path, sop_class: str, uid: str) -> None:
    """Check that an object says of itself what its sender said of it."""
    try:
        with received.open("rb") as file:
            header = read_header(file, received.stat().st_size, limit=_UNPACKED)
    except ClauseError as error:
        raise NotKeptError(NOT_UNDERSTOOD, _clause(error)) from error
    if text_of(header.dataset, "SOPClassUID") != sop_class:
        raise NotKeptError(NOT_ITS_CLASS, "its SOP Class UID isn't that of the request")
    if text_of(header.dataset, "SOPInstanceUID") != uid:
        raise NotKeptError(NOT_ITS_CLASS, "its SOP Instance UID isn't that of the request")


def _clause(error: ClauseError) -> str:
    """Say what is wrong with an object in the words of who read it, without a remedy of ours."""
    return f"it {error}".partition(";")[0][:64]


def _is_same(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same object, written alike, whoever wrote them down."""
    try:
        if not stat.S_ISREG(other.stat().st_mode):
            return False
        with one.open("rb") as first, other.open("rb") as second:
            if _begin(first, one) != _begin(second, other):
                return False
            while piece := first.read(_PIECE):
                if second.read(_PIECE) != piece:
                    return False
            return not second.read(1)
    except ClauseError:
        return False


def _begin(opened: BinaryIO, file: Path) -> tuple[str, int]:
    """Go to an object's first byte, and say how it is written and how long it is."""
    size = file.stat().st_size
    source = Bounded(opened, size, budget=_META)
    meta = read_meta(source)
    return text_of(meta, "TransferSyntaxUID"), size - source.tell()
