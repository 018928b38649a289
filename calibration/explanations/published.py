"""Give out what a command of the laboratory found: a page, and its figures as JSON."""

import json
from pathlib import Path

from edge_runtime.system.codec import plain
from edge_runtime.system.folders import new_folder


def to_json(record: object) -> str:
    """Write a typed record as indented JSON, ending in a newline."""
    return json.dumps(plain(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


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
            (partial / name).write_text(text, "utf-8")
