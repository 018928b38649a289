"""What is deflated takes as much memory as the photograph that it claims to be, and no more."""

import subprocess
import sys
import zlib

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from edge_runtime.hospital import received
from edge_runtime.hospital.read import read_dicom
from tests.conftest import ROOT
from tests.edge_runtime.files import noisy
from tests.edge_runtime.hospital.objects import make, save

SIDE = 7000  # of one that is large: 140 MB
HOW_MUCH = (
    "import pathlib, re, sys\n"
    "import edge_runtime.hospital.pixels, pydicom\n"
    "from edge_runtime.hospital.read import read_dicom\n"
    "def peak():\n"
    "    return int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) >> 10\n"
    "before = peak()\n"
    "said = read_dicom(pathlib.Path(sys.argv[1])).error\n"
    "print(peak() - before, said)\n"
)


def packed(path, *, behind=0, extra=b"", **tags):
    """Write a deflated file with so many zeros behind what it is made of, or before its pixels."""
    made = make(noisy(40, 48), syntax=DeflatedExplicitVRLittleEndian, **tags)
    data = save(made, path).read_bytes()
    begins = 144 + int.from_bytes(data[140:144], "little")  # what stands before says its length
    body = zlib.decompress(data[begins:], -zlib.MAX_WBITS)
    at = body.index(b"\xe0\x7f\x10\0OB\0\0")
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    with path.open("wb") as file:
        file.write(data[:begins] + packer.compress(body[:at] + extra + body[at:]))
        for _ in range(behind >> 20):
            file.write(packer.compress(bytes(1 << 20)))
        file.write(packer.flush())
    return path


def measured(path):
    """Give by how many MB a process grew that read a file, and what it said."""
    ran = subprocess.run(
        [sys.executable, "-c", HOW_MUCH, path], cwd=ROOT, check=True, capture_output=True, text=True
    )
    grown, _, said = ran.stdout.strip().partition(" ")
    return int(grown), said


def test_a_megabyte_that_unpacks_to_far_more_than_it_claims_is_refused_in_little_memory(tmp_path):
    path = packed(tmp_path / "a.dcm", behind=700 << 20)
    assert path.stat().st_size < 1 << 20
    grown, said = measured(path)
    assert "unpacks to more than it claims to be" in said
    assert grown < 60


def test_what_claims_as_much_as_it_has_is_unpacked_once(tmp_path):
    path = packed(tmp_path / "a.dcm", behind=142 << 20, Rows=SIDE, Columns=SIDE)
    grown, said = measured(path)
    assert said == "None"
    assert grown < 3.5 * 140  # what is unpacked, a frame of it, the decoder's and ours


def test_a_deflated_header_without_an_end_is_told_so(tmp_path):
    value = b"\xdf\x7f\x10\x10OB\0\0" + (30 << 20).to_bytes(4, "little") + bytes(30 << 20)
    path = packed(tmp_path / "a.dcm", extra=value)
    assert "has a header larger than 8 MB" in read_dicom(path).error


@pytest.mark.parametrize("behind", [0, 5 << 20])
def test_what_stands_behind_the_pixels_is_let_be(tmp_path, behind):
    path = packed(tmp_path / "a.dcm", behind=behind)
    assert np.array_equal(read_dicom(path).decoded.pixels, noisy(40, 48))


def test_a_receiver_says_of_what_is_too_large_that_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(received, "_UNPACKED", 5000)
    path = packed(tmp_path / "a.dcm")
    with pytest.raises(received.NotKeptError) as refused:
        received.keep(path, tmp_path, None, sop_class="1", uid="1.2")
    assert refused.value.clause == "it unpacks to more than 5000 bytes"
