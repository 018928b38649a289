"""The folder in which a station keeps everything."""

from pathlib import Path

from edge_runtime.station.camp_form import FORM
from edge_runtime.system.files import make_folder

#: How the names of a station's own files begin.
_OWN = ("station.", ".station.")


def make_data_folder(path: Path) -> None:
    """Make it, closed to other users; one with other things in it stays as open as it is.

    Raises:
        OSError: It can't be made.
    """
    make_folder(path, mode=0o700)
    if (path / FORM.file).exists() or all(each.name.startswith(_OWN) for each in path.iterdir()):
        path.chmod(0o700)  # it is about patients
