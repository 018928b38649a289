"""A station that runs as a process, and what the tests do with its pages in a browser."""

import signal
import subprocess
import sys
from contextlib import contextmanager

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from edge_runtime.station import demo
from tests.conftest import ROOT

SECONDS = 60  # far more than anything takes; CI's processors are busy

STATION = "from edge_runtime.commands.process import run; run()"


@contextmanager
def station(folder, port=0, options=()):
    """Run a station as a process, with further options; give its address."""
    inbox = folder / "inbox"
    inbox.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", STATION, "station", "--inbox", inbox, "--port", str(port),
         *options],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        said = process.stdout.readline()
        assert said.startswith("Open http://127.0.0.1:"), process.communicate(timeout=SECONDS)[1]
        yield said.split()[1].rstrip("/")
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert "Traceback" not in out + err
    assert f"all is kept in {folder / 'inbox-station'}" in err
    assert process.returncode == 0


def take(folder, name, make):
    """Let the camera write a photograph."""
    target = folder / "inbox" / name
    target.parent.mkdir(exist_ok=True)
    ok, data = demo.cv2.imencode(".jpg", make())
    assert ok
    target.write_bytes(data.tobytes())


def until(browser, text):
    """Wait until the page says something, and give all that it says."""

    def says(_):
        said = browser.find_element(By.TAG_NAME, "body").text
        return said if text in said else None

    return WebDriverWait(browser, SECONDS, ignored_exceptions=(Exception,)).until(says, text)


def press(browser, words, within="main"):
    """Press the first button of a name."""
    path = f"//{within}//button[contains(normalize-space(.), '{words}')]"
    browser.find_element(By.XPATH, path).click()
