"""A disk that can only be read, for the tests of what reads from one."""

import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

#: Runs the command where nothing of the folder can be written, in a view of the disks of its own.
READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"
"""

_PATIENCE_S = 120  # for what takes seconds: a station that begins would go on for ever


def on_a_read_only_disk(folder, *arguments):
    """Run a command of the program where a folder can only be read; skip where that can't be."""
    alone = [shutil.which("unshare") or "unshare", "--map-root-user", "--mount"]
    if sys.platform != "linux" or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("this user may not have a view of the disks of its own")
    command = [sys.executable, "-m", "edge_runtime.commands.main", *map(str, arguments)]
    return subprocess.run(
        [*alone, "sh", "-c", READ_ONLY, "sh", folder, *command],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=_PATIENCE_S,
    )  # fmt: skip
