"""What C libraries print is heard, and nothing that anybody else prints is lost."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge_runtime.system.stderr import listen, quietly, repeat
from tests.conftest import ROOT


def printing(text):
    os.write(2, text.encode())
    return text.upper()


def open_descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_what_is_printed_is_heard_and_the_result_returned(capfd):
    assert listen(lambda: printing("Corrupt\n")) == ("CORRUPT\n", "Corrupt\n")
    assert listen(lambda: 7) == (7, "")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_after_an_error_stderr_is_where_it_was(capfd):
    def fail():
        os.write(2, b"before the error\n")
        raise KeyboardInterrupt

    descriptors = open_descriptors()
    with pytest.raises(KeyboardInterrupt):
        listen(fail)
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "before the error\nafter\n"
    assert open_descriptors() == descriptors


def test_chatter_is_held_back_and_the_rest_is_not(capfd):
    chatter = re.compile(r"^INFO: .*\n?", re.MULTILINE)
    said = "INFO: a delegate\nERROR: no room\nINFO: another\n"
    assert quietly(lambda: printing(said), chatter) == said.upper()
    assert capfd.readouterr().err == "ERROR: no room\n"


def test_what_is_repeated_is_printed(capfd):
    repeat("of another\n")
    repeat("")
    assert capfd.readouterr().err == "of another\n"


def test_two_threads_hear_each_its_own():
    heard = {}

    def work(name):
        for _ in range(200):
            heard.setdefault(name, set()).add(listen(lambda: printing(name))[1])

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {"one": {"one"}, "two": {"two"}}


def test_a_closed_stderr_is_closed_afterwards():
    code = """
import os
from edge_runtime.system.stderr import listen
os.close(2)
print(listen(lambda: os.write(2, b"heard")))
try:
    os.fstat(2)
except OSError:
    print("closed")
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert ran.stdout == "(5, 'heard')\nclosed\n"
