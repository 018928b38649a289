"""Find the photos in DICOM files and in the index of a disk of them."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import count_frames
from edge_runtime.hospital.header import Header, read_header, text_of
from edge_runtime.hospital.installed import is_installed
from edge_runtime.hospital.kinds import DIRECTORY, READ, kind_name
from edge_runtime.photo.beside import begins_as_dicom, kind_of_file
from edge_runtime.photo.decode import most_bytes, open_photo
from edge_runtime.photo.frames import MAX_FRAMES, frame_path

_MOST_PARTS = 8  # of a path in the index, as the standard has it
_NO_INDEX = "is damaged: its index makes no sense"


class DicomFinder(Struct):
    """Looks into files that may be DICOM for what they hold.

    ``passed_over`` counts what isn't photos, by kind.
    """

    passed_over: Counter[str] = field(default_factory=Counter)

    def in_named(self, file: Path) -> tuple[Path, ...] | None:
        """Name the photos of a file that somebody named outright; None where it isn't DICOM."""
        return self._look(file, is_named=True) if begins_as_dicom(file) else None

    def in_others(self, file: Path) -> tuple[Path, ...] | None:
        """Name those of a file of a folder, likewise; None also where DICOM can't be read."""
        is_dicom = kind_of_file(file) == "DICOM"
        return self._look(file, is_named=False) if is_dicom and is_installed() else None

    def _look(self, file: Path, *, is_named: bool) -> tuple[Path, ...]:
        """Look into a DICOM file.

        What is damaged is one photo, of which whoever reads it will say what is wrong; so are more
        photos than are read, and objects of another kind that somebody named outright.
        """
        if not is_installed():
            return (file,)
        try:
            with open_photo(file) as (opened, size):
                header = read_header(opened, size, limit=most_bytes(MAX_PIXELS))
                return self._photos(file, header, is_named=is_named)
        except (PhotoNotFoundError, PhotoUnreadableError, ClauseError):
            return (file,)

    def _photos(self, file: Path, header: Header, *, is_named: bool) -> tuple[Path, ...]:
        if header.sop_class == DIRECTORY:
            return tuple(
                photo
                for each in _referenced(file, header)
                for photo in (self._look(each, is_named=True) if each != file else ())
            )
        if header.sop_class not in READ and not is_named:
            self.passed_over[kind_name(header.sop_class)] += 1
            return ()
        if header.sop_class not in READ:
            return (file,)
        claimed, there = count_frames(header)
        if claimed == 1 or claimed > MAX_FRAMES:
            return (file,)
        names = [frame_path(file, frame) for frame in range(1, min(claimed, there + 1) + 1)]
        return (file,) if any(map(os.path.lexists, names)) else tuple(names)


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
