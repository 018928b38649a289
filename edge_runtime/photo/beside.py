"""Tell by its name what a file is that lies in a folder and isn't read as a photo."""

import stat
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

#: What may lie beside photos: texts, tables, and what programs write about photos. Passed over.
BESIDE = frozenset(
    {".csv", ".html", ".json", ".jsonl", ".log", ".md", ".ods", ".py", ".tsv", ".txt", ".xls",
     ".xlsx", ".xml", ".yaml", ".yml"}
)  # fmt: skip

#: What systems put into folders unasked, in small letters; hidden files too are passed over.
CLUTTER = frozenset({"__macosx", "desktop.ini", "ehthumbs.db", "thumbs.db"})

UNKNOWN = "of unknown kind"

_KINDS = {
    "HEIC": (".avif", ".heic", ".heif", ".hif"),
    "DICOM": (".dcm", ".dicom"),
    "raw": (".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".pef", ".raf", ".raw", ".rw2"),
    "PDF": (".pdf",),
    "video": (".3gp", ".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv"),
}
_KIND_OF = {ending: kind for kind, endings in _KINDS.items() for ending in endings}


def is_clutter(name: str) -> bool:
    """Tell whether a file or folder is hidden, or was put there by a system."""
    return name.startswith(".") or name.lower() in CLUTTER


def kind_of_name(path: Path) -> str:
    """Say what a file is by its ending: HEIC, DICOM, raw, PDF, video or "of unknown kind"."""
    return _KIND_OF.get(path.suffix.lower(), UNKNOWN)


def kind_of_file(path: Path) -> str:
    """Say likewise what a file is; DICOM is DICOM whatever it is called."""
    return "DICOM" if begins_as_dicom(path) else kind_of_name(path)


def begins_as_dicom(path: Path) -> bool:
    """Tell whether a file can be read and says of itself that it is DICOM."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would wait for its writer
            return False
        with path.open("rb") as file:
            return is_dicom(file.read(132))
    except OSError:
        return False


def is_dicom(data: bytes) -> bool:
    """Tell whether a file's content says of itself that it is DICOM; its first 132 bytes do."""
    return data[128:132] == b"DICM"


def count_kinds(paths: Iterable[Path]) -> str:
    """Count files by kind, such as "2 HEIC, 1 PDF, 1 of unknown kind", the unknown last."""
    counted = Counter(map(kind_of_file, paths))
    kinds = [kind for kind in (*_KINDS, UNKNOWN) if counted[kind]]
    return ", ".join(f"{counted[kind]} {kind}" for kind in kinds)
