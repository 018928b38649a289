"""Give out what a command of the laboratory found: a page, and its figures as JSON."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from edge_runtime.errors import printable
from edge_runtime.system.codec import plain
from edge_runtime.system.folders import new_folder

#: How bytes of a file name that are no UTF-8 are written, in a page and in JSON alike.
_ESCAPED = "backslashreplace"


class LeftOut(Protocol):
    """A photo of which nothing was measured, and why."""

    @property
    def path(self) -> str: ...  # noqa: D102 - as the class says

    @property
    def reason(self) -> str: ...  # noqa: D102


def to_json(record: object) -> str:
    """Write a typed record as indented JSON, ending in a newline.

    Of a file's name that is no UTF-8 the odd bytes are escapes, which JSON's readers turn back.
    """
    text = json.dumps(plain(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", _ESCAPED).decode()


def photo_name(path: str) -> str:
    """Name a photo on a page: its file alone, as folders may have the names of persons."""
    return printable(Path(path).name)


def left_out_rows(left_out: Iterable[LeftOut]) -> list[tuple[str, str]]:
    """Name the photos of which nothing was measured, and why, for a page."""
    return [(photo_name(each.path), printable(each.reason)) for each in left_out]


def publish(folder: Path, page: tuple[str, str], record: tuple[str, str]) -> None:
    """Write a page and its record into a new folder for its owner alone, both or none.

    Args:
        folder: Where.
        page: The file's name and its HTML.
        record: Likewise, and its JSON.

    Raises:
        OutputExistsError: Something stands there.
        OutputFailedError: It can't be written.
    """
    with new_folder(folder, private=True) as partial:
        for name, text in (page, record):
            (partial / name).write_text(text, "utf-8", _ESCAPED)
