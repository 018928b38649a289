"""Who has no log pays nothing for it."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

_CODE = """
import sys
from edge_runtime.commands.main import main

try:
    main(sys.argv[1:])
except SystemExit as left:
    assert not left.code, left.code
print("loaded", *sorted(sys.modules))
"""


def loaded(*arguments):
    """List the modules that a command loads, which must end well."""
    command = [sys.executable, "-c", _CODE, *map(str, arguments)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return ran.stdout.rpartition("loaded ")[2].split()


@pytest.mark.parametrize("has_log", [False, True])
def test_what_a_log_needs_is_loaded_by_a_run_that_has_one_alone(photos, tmp_path, has_log):
    options = ("--log", tmp_path / "log") if has_log else ()
    found = loaded("predict", photos / "a.jpg", "--out", tmp_path / "r", *options)
    assert (tmp_path / "r" / "report.html").exists()
    rooms = {each for each in found if each.startswith(("edge_runtime.tlog.", "cryptography."))}
    assert ("edge_runtime.tlog.writer" in rooms) == has_log
    assert bool(rooms) == has_log
