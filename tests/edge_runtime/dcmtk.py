"""Where the programs of dcmtk are."""

import os
import shutil
from pathlib import Path


def dcmtk(name):
    """Find a program of dcmtk; pynetdicom puts scripts of its own by the same names before them.

    None where there is none.
    """
    for folder in os.get_exec_path():
        found = shutil.which(name, path=folder)
        if found and Path(found).read_bytes()[:2] != b"#!":
            return found
    return None
