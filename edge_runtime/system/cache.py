"""Where everything is kept that can be computed anew."""

import os
from pathlib import Path

#: An environment variable with the folder of all caches; empty for none.
CACHE_VARIABLE = "FUNDUS_EDGE_CACHE"


def default_cache() -> Path | None:
    """Say where caches are: in ``$FUNDUS_EDGE_CACHE``, or with what else the user keeps.

    Returns:
        The folder, which need not exist; None where none is wanted, or the user has no home.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # as the XDG specification has it  # noqa: PTH117
        home = os.environ.get("HOME") or os.environ.get("USERPROFILE", "")  # the latter on Windows
        if not os.path.isabs(home):  # noqa: PTH117
            return None
        base = os.path.join(home, ".cache")  # noqa: PTH118
    return Path(base, "fundus-edge")
