"""Tell whether the packages are there that read DICOM."""

from importlib.util import find_spec

from edge_runtime.extras import install_command

#: What to install where they aren't.
INSTALL = install_command("hospital")

#: What to install where JPEGs of more than 8 bits can't be.
INSTALL_DEEP = install_command("deep-jpeg")


def is_installed() -> bool:
    """Tell whether they are there, without loading them."""
    return find_spec("pydicom") is not None
