"""Tell whether the packages are there that read DICOM."""

from importlib.util import find_spec

#: What to install where they aren't.
INSTALL = "pip install 'fundus-edge[hospital]'"


def is_installed() -> bool:
    """Tell whether they are there, without loading them."""
    return find_spec("pydicom") is not None
