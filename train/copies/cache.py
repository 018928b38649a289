"""Where the audit keeps what it read of each photo."""

import os
from pathlib import Path


def default_cache() -> Path:
    """Name the folder that is used unless told otherwise: the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "fundus-edge"
