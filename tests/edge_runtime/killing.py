"""Kill a process in the middle of its work."""

import signal
import subprocess
import sys
import time

from tests.conftest import ROOT


def killed_in_its_work(code, *arguments, delay_s):
    """Run code that prints the number of each round it has done, and kill it after the first.

    Returns:
        The number of the last round that it had done.
    """
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        lines = [process.stdout.readline()]
        time.sleep(delay_s)
        process.kill()
        lines += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return max(int(line) for line in lines if line.endswith(b"\n"))
