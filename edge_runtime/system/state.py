"""Where everything is kept that must be remembered from one run to the next."""

import os
from pathlib import Path


def state_folder() -> Path | None:
    """Say where states are: in ``$XDG_STATE_HOME``, or where the user's others are.

    Returns:
        The folder, which need not exist; None where the user has no home.
    """
    base = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):  # as the XDG specification has it  # noqa: PTH117
        home = os.environ.get("HOME") or os.environ.get("USERPROFILE", "")  # the latter on Windows
        if not os.path.isabs(home):  # noqa: PTH117
            return None
        base = os.path.join(home, ".local", "state")  # noqa: PTH118
    return Path(base, "fundus-edge")
