"""Find out whether a folder can be written, before the work that it takes to fill it."""

import tempfile
from pathlib import Path

from edge_runtime.errors import OutputExistsError, OutputFailedError, printable


def check_writable(path: Path) -> None:
    """Try to make a sibling of a folder, as its writer will; nothing is left of it.

    Parents that are missing are no obstacle: the writer makes them, in the first one that is there.

    Args:
        path: The folder that shall be made or replaced.

    Raises:
        OutputExistsError: A link that leads nowhere stands there.
        OutputFailedError: It can't be written, and why.
    """
    try:
        if path.is_symlink() and not path.exists():
            raise OutputExistsError(path, "it is a link that leads nowhere, so choose another")
        place = path.absolute().parent
        while not place.exists():
            if place.is_symlink():
                raise OutputFailedError(path, f"{printable(place)} is a link that leads nowhere")
            place = place.parent
        Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=place)).rmdir()
    except (OutputExistsError, OutputFailedError):
        raise
    except NotADirectoryError as error:
        raise OutputFailedError(path, f"{printable(place)} is not a folder") from error
    except OSError as error:
        raise OutputFailedError(path, (error.strerror or str(error)).lower()) from error
