"""Send many small studies to Orthanc while it and the sender are killed again and again.

Asks at the end, by Orthanc's own listing, whether each is there exactly once::

    apt install orthanc
    python benchmarks/send_to_orthanc.py --studies 1000 --kills 10

Each study is one object, a JPEG of the example in an Ophthalmic Photography 8 Bit Image, of a
person of its own. Orthanc keeps its index and its files in a folder of this measurement.
"""

import argparse
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import datetime
from pathlib import Path

import cv2
import pydicom

from edge_runtime.hospital.wrap import Said, wrap_photo

ROOT = Path(__file__).parents[1]
SEND = [
    sys.executable,
    "-c",
    "from edge_runtime.commands.process import run; run()",
    "dicom",
    "send",
]


def free_ports(number: int) -> list[int]:
    """Find ports that nobody listens at."""
    opened = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in opened]
    for each in opened:
        each.close()
    return ports


class Orthanc:
    """An archive that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        """Write its configuration; it isn't started yet."""
        self.dicom, self.http = free_ports(2)
        self.config, self.log = folder / "orthanc.json", folder / "orthanc.log"
        told = {
            "Name": "measured", "StorageDirectory": str(folder / "db"),
            "IndexDirectory": str(folder / "db"), "DicomPort": self.dicom, "DicomAet": "ORTHANC",
            "HttpPort": self.http, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
            "DicomServerEnabled": True, "OverwriteInstances": False, "StableAge": 1,
        }  # fmt: skip
        self.config.write_text(json.dumps(told))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [shutil.which("Orthanc", path="/usr/sbin:/usr/bin") or "Orthanc", str(self.config)],
                stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < until, "Orthanc doesn't start"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            self.ask("system")
        except OSError:
            return False
        return True

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it without a warning."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()

    def ask(self, path: str) -> object:
        """Ask its REST interface."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/{path}", timeout=30) as answer:
            return json.load(answer)

    def count(self) -> int:
        """Count what it has."""
        found = self.ask("instances")
        assert isinstance(found, list)
        return len(found)


def make_studies(folder: Path, number: int) -> set[str]:
    """Write studies of one small object each, and give the objects' UIDs."""
    folder.mkdir()
    picture = cv2.imread(str(ROOT / "examples" / "retina.jpg"))
    assert picture is not None
    uids = set()
    for each in range(number):
        small = cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA)
        small[:2, :2] = (each & 255, each >> 8, 0)
        photo = folder / "P_OD.jpg"
        assert cv2.imwrite(str(photo), small)
        data = wrap_photo(photo, Said(f"P{each:05}", taken=datetime(2024, 1, 31, 10, 11, 12)))
        photo.unlink()
        file = folder / f"{each:05}.dcm"
        file.write_bytes(data)
        uids.add(str(pydicom.dcmread(file, stop_before_pixels=True).SOPInstanceUID))
    assert len(uids) == number
    return uids


def main() -> None:
    """Measure, and say what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10, help="of each")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        uids = make_studies(folder / "studies", options.studies)
        orthanc = Orthanc(folder)
        command = [*SEND, str(folder / "studies"), "--peer", f"ORTHANC@127.0.0.1:{orthanc.dicom}",
                   "--queue", str(folder / "queue"), "--wait", "600"]  # fmt: skip
        orthanc.start()
        begun, kills = time.monotonic(), {"Orthanc": 0, "sender": 0}
        marks = sorted(chance.sample(range(1, options.studies - 1), 2 * options.kills))
        output = (folder / "sent.txt").open("ab")
        sender = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603
        for turn, mark in enumerate(marks):
            while orthanc.count() < mark:
                assert sender.poll() is None, (folder / "sent.txt").read_text()[-2000:]
                time.sleep(0.01)
            if turn % 2:
                sender.kill()
                sender.wait()
                sender = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603
                kills["sender"] += 1
            else:
                orthanc.kill()
                time.sleep(chance.uniform(0, 2))
                orthanc.start()
                kills["Orthanc"] += 1
        status = sender.wait(900)
        took = time.monotonic() - begun
        again = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603
        there = [str(each["MainDicomTags"]["SOPInstanceUID"])
                 for each in orthanc.ask("instances?expand")]  # type: ignore[attr-defined]  # fmt: skip
        studies = orthanc.ask("studies")
        orthanc.kill(signal.SIGTERM)
        said = (folder / "sent.txt").read_text().count("\nsent  ")
    assert isinstance(studies, list)
    print(f"{options.studies} studies, kills: {kills}, {took:.0f} s, exit status {status}")
    print(f"answers of success that the sender noted: {said}")
    print(f"there: {len(there)} objects, {len({*there})} different, {len(studies)} studies")
    print(f"as they were sent: {sorted(there) == sorted(uids)}")
    print(f"a second run: {again.stderr.strip()}")
    assert sorted(there) == sorted(uids)


if __name__ == "__main__":
    main()
