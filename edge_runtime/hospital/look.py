"""Look into a DICOM file, or the index of a disk of them, for the photos that it holds."""

import io
import os
from collections import Counter
from pathlib import Path
from typing import Any

from msgspec import Struct

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.hospital.bounded import Bounded
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import count_frames, is_there_to_its_end
from edge_runtime.hospital.header import Header, number_of, read_header, read_meta, text_of
from edge_runtime.hospital.kinds import DIRECTORY, OVERLAY_MARK, READ, kind_name
from edge_runtime.photo.decode import most_bytes, open_photo
from edge_runtime.photo.frames import MAX_FRAMES, frame_path

_MOST_PARTS = 8  # of a path in the index, as the standard has it
_NO_INDEX = "is damaged: its index makes no sense"


def photos_in(
    file: Path, *, max_pixels: int, is_named: bool, passed_over: Counter[str]
) -> tuple[Path, ...]:
    """Name the photos that a DICOM file holds.

    What is damaged is one photo, of which whoever reads it will say what is wrong; so are more
    photos than are read, and objects of another kind that somebody named outright.

    Args:
        file: It.
        max_pixels: The most that a photo may have.
        is_named: Whether somebody named it.
        passed_over: Where others of another kind are counted.
    """
    try:
        with open_photo(file, max_pixels=max_pixels) as (opened, size):
            header = read_header(opened, size, limit=most_bytes(max_pixels))
            if header.sop_class != DIRECTORY:
                return _photos(file, header, passed_over=None if is_named else passed_over)
            listed = _referenced(file, header)
    except (PhotoNotFoundError, PhotoUnreadableError, ClauseError):
        return (file,)
    return tuple(photo for each in listed for photo in _photos_listed(each, max_pixels))


class Held(Struct, frozen=True):
    """What a DICOM file holds: so many ``photos``, or what ``other`` names; an index has neither.

    ``is_whole`` is whether all that it claims lies in it, to the end of the last photo.
    """

    photos: int = 0
    other: str = ""
    is_whole: bool = True


def held_in(file: Path, *, max_pixels: int = MAX_PIXELS) -> Held:
    """Say what a DICOM file holds.

    What is damaged is one photo, of which whoever reads it will say what is wrong, as is one of
    more photos than are read.
    """
    try:
        with open_photo(file, max_pixels=max_pixels) as (opened, size):
            header = read_header(opened, size, limit=most_bytes(max_pixels))
            if header.sop_class == DIRECTORY:
                return Held()
            if other := _other(header):
                return Held(0, other)
            claimed, there = count_frames(header)
            is_whole = there >= claimed and (claimed == 1 or is_there_to_its_end(header))
    except (PhotoNotFoundError, PhotoUnreadableError, ClauseError):
        return Held(1)
    count = min(claimed, there + 1)
    names = (frame_path(file, frame) for frame in range(1, min(count, MAX_FRAMES) + 1))
    if claimed == 1 or claimed > MAX_FRAMES or any(map(os.path.lexists, names)):
        return Held(1)
    return Held(count, is_whole=is_whole)


class Numbered(Struct, frozen=True):
    """What a DICOM file's content holds: a photograph, or what ``other`` names.

    ``frames`` is how many photos it has that are told apart by number, 0 where it stands for its
    only one.
    """

    frames: int = 0
    other: str = ""


def numbered_in(
    data: bytes, *, is_whole: bool = True, max_pixels: int = MAX_PIXELS
) -> Numbered | None:
    """Say what a DICOM file's content holds; None where that can't be told of its begin alone.

    What is damaged is one photo, of which whoever reads it will say what is wrong.

    Args:
        data: The content, or its begin.
        is_whole: Whether it is all of it.
        max_pixels: The most that a photo may have.
    """
    try:
        if not is_whole and (other := _other_by_meta(data)):
            return Numbered(0, other)
        header = read_header(io.BytesIO(data), len(data), limit=most_bytes(max_pixels))
        is_enough = header.start is not None and number_of(header.dataset, "NumberOfFrames", 1) == 1
        if not is_whole and not is_enough:
            return None
        other = _other(header)
        return Numbered(0, other) if other else Numbered(_count_numbered(header))
    except (ClauseError, OSError, MemoryError):  # what reads it raises any of them of damage
        return Numbered() if is_whole else None


def _other_by_meta(data: bytes) -> str:
    """Name what stands at the begin of a file as its class where that is none of photographs."""
    meta = read_meta(Bounded(io.BytesIO(data), len(data)))
    sop_class = text_of(meta, "MediaStorageSOPClassUID")
    return "" if not sop_class or sop_class in READ else kind_name(sop_class)


def _photos_listed(file: Path, max_pixels: int) -> tuple[Path, ...]:
    """Name the photos of a file that an index lists; another index in it is none."""
    try:
        with open_photo(file, max_pixels=max_pixels) as (opened, size):
            return _photos(file, read_header(opened, size, limit=most_bytes(max_pixels)))
    except (PhotoNotFoundError, PhotoUnreadableError, ClauseError):
        return (file,)


def _photos(
    file: Path, header: Header, *, passed_over: Counter[str] | None = None
) -> tuple[Path, ...]:
    if other := _other(header):
        if passed_over is None:
            return (file,)
        passed_over[other] += 1
        return ()
    names = [frame_path(file, frame) for frame in range(1, _count_numbered(header) + 1)]
    return tuple(names) if names and not any(map(os.path.lexists, names)) else (file,)


def _count_numbered(header: Header) -> int:
    """Count the photos that are told apart by number, as far as they are there, and one more."""
    claimed, there = count_frames(header)
    return 0 if claimed == 1 or claimed > MAX_FRAMES else min(claimed, there + 1)


def _other(header: Header) -> str:
    """Name what an object holds that is no photograph; empty where it is one."""
    if OVERLAY_MARK in text_of(header.dataset, "ImageType").split("\\"):
        return "Grad-CAM overlay of fundus-edge"
    return "" if header.sop_class in READ else kind_name(header.sop_class)


def _referenced(index: Path, header: Header) -> list[Path]:
    """List the files of photos that an index names, each once, existing or not.

    Raises:
        ClauseError: The index is damaged.
    """
    with in_words(_NO_INDEX):
        records: list[Any] = list(header.dataset.get("DirectoryRecordSequence") or [])
        found, listed = dict[Path, None](), dict[Path, dict[str, str]]()
        for record in records:
            parts = text_of(record, "ReferencedFileID").split("\\")
            is_photo = text_of(record, "ReferencedSOPClassUIDInFile") in ("", *READ)
            if text_of(record, "DirectoryRecordType") == "IMAGE" and is_photo and parts[0]:
                found[_below(index.parent, parts, listed)] = None
    return list(found)


def _below(folder: Path, parts: list[str], listed: dict[Path, dict[str, str]]) -> Path:
    """Find the file of an index's entry by the name that its folder lists.

    Disks differ in whether they keep capitals, and CDs put ";1" behind names.

    Raises:
        ClauseError: It leads out of the folder.
    """
    if len(parts) > _MOST_PARTS or any(part in ("", ".", "..") or "/" in part for part in parts):
        raise ClauseError(_NO_INDEX)
    for part in parts:
        if folder not in listed:
            names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208 - names
            listed[folder] = {_plain(name): name for name in names} | {name: name for name in names}
        folder = folder / listed[folder].get(part, listed[folder].get(_plain(part), part))
    return folder


def _plain(name: str) -> str:
    return name.casefold().removesuffix(";1").rstrip(".")
