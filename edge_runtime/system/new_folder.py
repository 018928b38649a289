"""Make a folder that appears only when it is complete."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_runtime.errors import OutputExistsError, OutputFailedError


def check_absent(path: Path, *, outside: Path | None = None) -> None:
    """Refuse a place where something stands, before any work is done.

    Args:
        path: The place.
        outside: A dataset that must not have the place in it, as what is written there would be
            taken for its photos.

    Raises:
        OutputExistsError: There is something at ``path``.
        OutputFailedError: It stands in the dataset.
    """
    if os.path.lexists(path):
        raise OutputExistsError(path, "choose another folder")
    if outside is not None and path.resolve().is_relative_to(outside.resolve()):
        raise OutputFailedError(path, "it is inside of the dataset; choose another place")


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
