"""Make a folder that appears only when it is complete."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_runtime.errors import OutputExistsError, OutputFailedError


def check_absent(path: Path) -> None:
    """Refuse a place where something stands, before any work is done.

    Raises:
        OutputExistsError: There is something at ``path``.
    """
    if os.path.lexists(path):
        raise OutputExistsError(path, "choose another folder")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a temporary sibling to fill, and rename it to ``path`` if nothing went wrong.

    Raises:
        OutputExistsError: There is something at ``path``.
        OutputFailedError: It can't be written there.
    """
    check_absent(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial"))
        try:
            partial = work / path.name
            partial.mkdir()  # with the rights that a new folder has; a temporary one is private
            yield partial
            partial.rename(path)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise OutputFailedError(path, (error.strerror or str(error)).lower()) from error
