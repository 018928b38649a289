"""The folder in which a station keeps everything."""

import os
from pathlib import Path

from edge_runtime.errors import StoreInvalidError
from edge_runtime.station.camp_form import CAMP_PICTURES, FORM
from edge_runtime.system.files import make_folder

#: What a station puts there: names, and how names begin.
_OWN = {CAMP_PICTURES, ".backup.partial", ".export.zip.partial"}
_OWN_BEGIN = (FORM.file, ".camp.partial.", "station.", ".station.")


def make_data_folder(path: Path) -> None:
    """Make it, closed to other users; one with other things in it stays as open as it is.

    So does one that can only be read.

    Raises:
        OSError: It can't be made.
    """
    make_folder(path, mode=0o700)
    if os.access(path, os.W_OK) and all(_is_own(each.name) for each in path.iterdir()):
        path.chmod(0o700)  # it is about patients


def _is_own(name: str) -> bool:
    return name in _OWN or name.startswith(_OWN_BEGIN)


def check_not_lost(path: Path) -> None:
    """Refuse a folder in which a camp was whose store is gone or empty.

    A new one would write over its pictures, and nobody would hear that the camp was lost.

    Raises:
        StoreInvalidError: There was one.
    """
    file, log = path / FORM.file, path / f"{FORM.file}-wal"
    if file.is_file() and file.stat().st_size:
        return
    has_log = log.is_file() and log.stat().st_size
    if has_log or any((path / CAMP_PICTURES).glob("[0-9]*.jpg")):
        how = "empty" if file.exists() else "gone"
        rest = f"what was written last ({log.name}) is" if has_log else "its pictures are"
        cause = f"it is {how}, though {rest} there"
        raise StoreInvalidError(file, cause, FORM.remedy)
