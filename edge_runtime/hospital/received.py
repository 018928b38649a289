"""Keep an object that a peer sent, whole and once, before the peer is told that it is kept."""

import os
import re
import stat
import threading
from pathlib import Path

from edge_runtime.hospital.alike import (
    Likeness,
    are_alike,
    likeness_of,
    syntax_of,
    written_of,
)
from edge_runtime.hospital.bounded import Bounded
from edge_runtime.hospital.damage import ClauseError
from edge_runtime.hospital.guard import SPARE, free_bytes
from edge_runtime.hospital.header import read_header, read_meta, text_of
from edge_runtime.hospital.known import Known
from edge_runtime.hospital.syntaxes import LOSSLESS
from edge_runtime.system.files import sync_file, sync_folder

#: Why an object isn't kept, as its sender is told. Source: DICOM PS3.4, B.2.3; PS3.7, annex C.
NO_ROOM, NOT_ITS_CLASS, NOT_UNDERSTOOD = 0xA700, 0xA900, 0xC000

#: The clause of the first.
FULL = "the disk is full"

_UID = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_UNPACKED = 256 << 20  # bytes of what is deflated, as it is looked at in memory
_META = 1 << 20

# Whoever reads takes turns, as that takes memory; what isn't unpacked needn't wait for what is.
_reading, _unpacking = threading.Lock(), threading.Lock()
_turn = threading.Lock()  # to look a UID up, and to put its file and row there


class NotKeptError(Exception):
    """An object isn't kept: the ``status`` for its sender, and a clause of at most 64 letters."""

    def __init__(self, status: int, clause: str) -> None:
        self.status, self.clause = status, clause
        super().__init__(clause)


def file_of_object(folder: Path, uid: str) -> Path | None:
    """Name the file in which an object of this UID is kept; None where it is no UID."""
    is_uid = len(uid) <= 64 and _UID.fullmatch(uid)
    return folder / f"{uid}.dcm" if is_uid else None


def keep(
    received: Path, folder: Path, known: Known, *, sop_class: str, uid: str
) -> tuple[Path, bool]:
    """Keep an object under its UID; when this comes back the disk has it.

    Args:
        received: Its file, on the folder's disk and of this process alone.
        folder: Where it goes.
        known: What was taken before, also if it was moved away since.
        sop_class: Its class, as its sender said.
        uid: Its UID, likewise.

    Returns:
        Its file, and whether that is new: otherwise the same object lies there already.

    Raises:
        NotKeptError: It isn't what its sender said, or another one has this UID.
        OSError: The disk refused it.
    """
    target = file_of_object(folder, uid)
    if target is None:
        raise NotKeptError(NOT_UNDERSTOOD, "its SOP Instance UID is none")
    if free_bytes(folder) < SPARE:
        raise NotKeptError(NO_ROOM, FULL)
    with _unpacking if _is_unpacked(received) else _reading:
        _check(received, sop_class, uid)
        now = likeness_of(received, limit=_UNPACKED)
        lies_there = _holds(target, now)
    sync_file(received)
    with _turn:
        is_new, before = not os.path.lexists(target), known.of(uid)
        if is_new:
            is_same = before is None or are_alike(now, before)
        else:  # it may have come meanwhile
            is_same = bool(_holds(target, now) if lies_there is None else lies_there)
        if not is_same:
            raise NotKeptError(NOT_UNDERSTOOD, "another object with this UID is kept already")
        if is_new:
            received.replace(target)
        sync_folder(folder)
        if before is None:
            known.add(uid, now)
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


def _is_unpacked(received: Path) -> bool:
    """Tell whether an object's pixels are looked at when it is read."""
    try:
        return syntax_of(received) in LOSSLESS
    except ClauseError:  # which is told when it is checked
        return False


def _holds(kept: Path, now: Likeness) -> bool | None:
    """Tell whether a file is the same object, whoever wrote it down; None where there is none."""
    try:
        if not stat.S_ISREG(kept.stat().st_mode):
            return False
        if written_of(kept) == now.written:
            return True
        return bool(now.said) and are_alike(now, likeness_of(kept, limit=_UNPACKED))
    except FileNotFoundError:
        return None
    except ClauseError:  # what lies there is none
        return False
