"""A receiver for tests: a process of its own, or in a thread, and what peers do with it."""

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification

from edge_runtime.hospital.guard import COMING
from edge_runtime.hospital.known import FILE
from edge_runtime.hospital.receiver import Listening, Receiver
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.hospital.objects import OP8

RUN = "from edge_runtime.commands.process import run; run()"
PATIENCE_S = 60  # for what takes a second on a computer that has nothing else to do
UID = "1.2.826.0.1.3680043.8.498.77"

needs_dcmtk = pytest.mark.skipif(
    dcmtk("storescu") is None and os.environ.get("FUNDUS_EDGE_DCMTK") != "required",
    reason="dcmtk isn't installed (apt install dcmtk)",
)


class Process:
    """``fundus-edge dicom receive`` as a user runs it."""

    def __init__(self, folder, *options, environment=None):
        self.folder, self.errors = folder, folder.parent / f"{folder.name}-errors.txt"
        command = [sys.executable, "-c", RUN, "dicom", "receive", "--out", folder, "--port", "0"]
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [*map(str, command), *map(str, options)], stdout=subprocess.DEVNULL, stderr=errors,
                env={**os.environ, **(environment or {})},
            )  # fmt: skip
        said = wait_for(lambda: re.search(r" at (\S+):(\d+);", self.said()) or self.ended())
        assert said is not True, self.said()
        self.host, self.port = said[1], int(said[2])

    def said(self):
        return self.errors.read_text()

    def ended(self):
        return self.process.poll() is not None

    def end(self, kill=False):
        (self.process.kill if kill else self.process.terminate)()
        return self.process.wait(PATIENCE_S)

    def peak_mb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


@contextlib.contextmanager
def received_by(folder, **listening):
    """Take objects in, in a thread of this process; gives the receiver, what it kept and said."""
    folder.mkdir(exist_ok=True)
    kept, said = [], []
    receiver = Receiver(
        folder, Listening(port=0, **listening), on_kept=kept.append, say=said.append
    )
    thread = threading.Thread(target=receiver.serve)
    thread.start()
    try:
        yield receiver, kept, said
    finally:
        receiver.stop()
        receiver.close()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@contextlib.contextmanager
def caller(port, *, title="CAMERA", called="FUNDUSEDGE", syntaxes=None, handlers=()):
    """Call as a camera does."""
    entity = AE(title)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 20
    entity.add_requested_context(OP8, syntaxes or ["1.2.840.10008.1.2.1"])
    entity.add_requested_context(Verification)
    entity.add_requested_context(StorageCommitmentPushModel)
    sockets = []
    opened = evt.EVT_CONN_OPEN, lambda event: sockets.append(event.assoc.dul.socket.socket)
    association = entity.associate(
        "127.0.0.1", port, ae_title=called, evt_handlers=[opened, *handlers]
    )
    try:
        yield association
    finally:
        if association.is_established:
            association.release()
        for each in sockets:  # the library leaves some open
            each.close()


def files_in(folder):
    return sorted(each.name for each in folder.iterdir() if each.name != COMING)


def coming_in(folder):
    names = (each.name for each in (folder / COMING).iterdir())
    return sorted(each for each in names if not each.startswith(FILE))


def wait_for(what):
    end = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)
    return found
