"""What the tests of the intake do with one."""

import contextlib
import threading
import time

from edge_runtime.results.texts import texts
from edge_runtime.station.arrivals import SETTLED
from edge_runtime.station.web.frame import TEXTS

PATIENCE_S = 60  # for what takes a second on a computer that has nothing else to do


def swept(intake, *, after_s=SETTLED):
    """Look, wait, and take in what is there."""
    intake.sweep()
    intake.arrivals.clock.wait(after_s)
    intake.sweep()


def said(trouble, language="en"):
    """Give what the page says of what is in the way."""
    return trouble.told(texts(language, TEXTS))


def names(store):
    return [each.path for each in store.camp.photos.values()]


@contextlib.contextmanager
def at_work(intake):
    """Let it run in a thread, as a station does, and stop it at the end."""
    thread = threading.Thread(target=intake.run)
    thread.start()
    try:
        yield
    finally:
        intake.stop()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def wait_until(is_so):
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)
