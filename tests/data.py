"""Where the real photographs are."""

import os
from pathlib import Path


def data_folder() -> Path:
    """Name the folder of real photographs: FUNDUS_EDGE_DATA, else ../shared/data."""
    named = os.environ.get("FUNDUS_EDGE_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    assert folder.is_dir(), f"{folder}: no such folder; name it in FUNDUS_EDGE_DATA"
    return folder
