"""Run many command lines of fundus-edge in one process, where each by itself would take too long.

Reads a JSON list of argument lists from stdin, and prints a JSON list of what came of each. Only
for commands that end early with an error: they leave nothing that the next one could meet.
"""

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import entry_points


def call(script, arguments):
    """Call the console script as the shell would, and catch what it prints and how it ends."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["fundus-edge", *arguments]
    status = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            script()
        except SystemExit as left:
            status = left.code or 0
        except Exception:
            traceback.print_exc()
            status = 1
    return {"exit": status, "stdout": out.getvalue(), "stderr": err.getvalue()}


def main():
    """Run what stdin lists."""
    os._exit = sys.exit  # the script may leave in a hurry, and there is more to run
    (point,) = entry_points(group="console_scripts", name="fundus-edge")
    script = point.load()
    results = [call(script, arguments) for arguments in json.load(sys.stdin)]
    sys.stdout.write(json.dumps(results) + "\n")
