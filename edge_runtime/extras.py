"""Say how optional packages are installed: from a clone, as no registry has this program."""

import sys
from pathlib import Path

#: Where a computer has the program from a folder that was carried to it.
_CARRIED = "sh edge_runtime/station/install/pack.sh FOLDER --dicom; sudo sh FOLDER/install.sh"


def install_command(extra: str) -> str:
    """Name the command of the documents that installs an extra.

    Args:
        extra: One of pyproject.toml's, such as ``hospital``.
    """
    if extra == "hospital" and _is_carried(Path(sys.prefix)):
        return _CARRIED
    return f'pip install -c constraints.txt ".[{extra}]"'


def _is_carried(prefix: Path) -> bool:
    """Tell whether a virtual environment is one of those that install.sh makes."""
    releases = prefix.parent
    return releases.name == "releases" and (releases.parent / "current").is_symlink()
