"""Whatever a DICOM file holds, it ends in a photo or in one sentence, in bounded memory and time.

FUNDUS_EDGE_FUZZ is a factor on the number of cases: 1 in CI, more for a long run.
"""

import os
import subprocess
import sys
import time
import tracemalloc
import warnings

import numpy as np
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from edge_runtime.hospital.find import DicomFinder
from edge_runtime.hospital.read import read_dicom
from edge_runtime.photo.frames import MAX_FRAMES
from tests.conftest import ROOT
from tests.edge_runtime.files import noisy
from tests.edge_runtime.fuzzing import spoilt
from tests.edge_runtime.hospital.objects import (
    deflated,
    item,
    jpeg_of,
    jpegs,
    lossless_jpeg,
    make,
    save,
)

FACTOR = int(os.environ.get("FUNDUS_EDGE_FUZZ", "1"))
MAX_PIXELS = 200_000
PHOTO = noisy(40, 49)
SYNTAXES = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "jpeg": JPEGBaseline8Bit,
    "lossless jpeg": JPEGLosslessSV1,
    "jpeg 2000": JPEG2000Lossless,
    "jpeg-ls": JPEGLSLossless,
    "rle": RLELossless,
    "palette": None,
    "grey": None,
    "frames": None,
}


@pytest.mark.parametrize("keyword", ["PatientID", "IssuerOfPatientID"])
def test_an_id_that_is_none_isnt_cut_to_what_may_be_anothers(tmp_path, keyword):
    for length, is_read in ((64, True), (65, False), (100_000, False)):
        data = make(PHOTO)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            setattr(data, keyword, "A" * length)
            file = save(data, tmp_path / f"{length}.dcm")
        error = read_dicom(file, max_pixels=MAX_PIXELS).error
        assert (error is None) == is_read, error
        assert is_read or "of more than 64 letters; correct it" in error


def seed(kind, path):
    """Write a small object of a kind, with sequences, windows and names in it."""
    syntax = SYNTAXES[kind]
    tags = {
        "SharedFunctionalGroupsSequence": [item(FrameAnatomySequence=[item(FrameLaterality="R")])],
        "SpecificCharacterSet": "ISO_IR 100",
    }
    if kind == "palette":
        tags |= {
            f"{colour}PaletteColorLookupTable{part}": value
            for colour in ("Red", "Green", "Blue")
            for part, value in (("Descriptor", [256, 0, 16]), ("Data", bytes(512)))
        }
        data = make(PHOTO[..., 0], photometric="PALETTE COLOR", **tags)
    elif kind == "grey":
        window = {"WindowCenter": 100, "WindowWidth": 50, "RescaleSlope": 2, "RescaleIntercept": 1}
        data = make(PHOTO[..., 0].astype(np.uint16) * 16, bits=12, **tags, **window)
    elif kind == "frames":
        data = jpegs(make([PHOTO] * 3, photometric="YBR_FULL_422", **tags), *[jpeg_of(PHOTO)] * 3)
    elif kind == "jpeg":
        data = jpegs(make(PHOTO, photometric="YBR_FULL_422", **tags), jpeg_of(PHOTO))
    elif kind == "lossless jpeg":
        data = jpegs(make(PHOTO, **tags), lossless_jpeg(PHOTO), syntax=syntax)
    elif kind in ("jpeg 2000", "jpeg-ls", "rle"):
        data = make(PHOTO, **tags)
        data.compress(syntax)
    else:
        data = make(PHOTO, syntax=syntax, **tags)
    return save(data, path)


def check(path):
    """Find and read what is in a file; give how many photos came out of it."""
    names = DicomFinder().in_named(path)
    if names is None:
        return 0
    assert len(names) <= MAX_FRAMES
    count = 0
    for name in names[:5]:
        found = read_dicom(name, max_pixels=MAX_PIXELS)
        assert (found.decoded is None) == (found.error is not None)
        if found.decoded is None:
            assert "\n" not in found.error
            assert found.error.isprintable()
            continue
        pixels = found.decoded.pixels
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 3
        assert pixels.size <= 3 * MAX_PIXELS
        count += 1
    return count


@pytest.mark.parametrize("kind", SYNTAXES)
def test_spoilt_files_end_in_a_photo_or_a_sentence(tmp_path, kind):
    whole = seed(kind, tmp_path / "whole.dcm").read_bytes()
    assert check(tmp_path / "whole.dcm") == (3 if kind == "frames" else 1)
    generator, path = np.random.default_rng(len(kind)), tmp_path / "a.dcm"
    started, read = time.monotonic(), 0
    for _ in range(150 * FACTOR):
        body = spoilt(whole[132:], generator)
        path.write_bytes(whole[:132] + body)
        read += check(path)
    assert read  # some of the damage is where it doesn't matter
    assert time.monotonic() - started < 60 * FACTOR


@pytest.mark.parametrize("kind", SYNTAXES)
def test_a_file_that_is_cut_short_anywhere_ends_in_a_photo_or_a_sentence(tmp_path, kind):
    whole = seed(kind, tmp_path / "whole.dcm").read_bytes()
    path = tmp_path / "a.dcm"
    for length in np.linspace(132, len(whole) - 40, 40 * FACTOR, dtype=int):
        path.write_bytes(whole[:length])
        assert check(path) == 0 or kind in ("frames", "rle", "deflated")


def element(group, number, vr, length, value=b""):
    head = group.to_bytes(2, "little") + number.to_bytes(2, "little") + vr
    if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
        return head + b"\0\0" + length.to_bytes(4, "little") + value
    return head + length.to_bytes(2, "little") + value


def before_pixels(path, inserted):
    """Put bytes before the pixels of a file."""
    whole = path.read_bytes()
    at = whole.rindex(b"\xe0\x7f\x10\x00")
    path.write_bytes(whole[:at] + inserted + whole[at:])
    return path


HOSTILE = {
    "a private value of 4 GB": element(0x7FDF, 0x1010, b"OB", 0xFFFFFF00),
    "a profile of 4 GB": element(0x0028, 0x2000, b"OB", 0xFFFFFFF0),
    "a character set of 4 GB": element(0x0008, 0x0005, b"UN", 0xFFFFFFF0),
    "a sequence of 4 GB": element(0x5200, 0x9230, b"SQ", 0xFFFFFFF0),
    "a sequence within sequences": (
        element(0x5200, 0x9230, b"SQ", 0xFFFFFFFF, b"\xfe\xff\x00\xe0\xff\xff\xff\xff") * 20_000
    ),
    "a private sequence within sequences": (
        element(0x7FDF, 0x1010, b"SQ", 0xFFFFFFFF, b"\xfe\xff\x00\xe0\xff\xff\xff\xff") * 20_000
    ),
    "a million elements": element(0x7FDF, 0x1010, b"LO", 0) * 1_000_000,
    "a million items": element(0x5200, 0x9230, b"SQ", 0xFFFFFFFF)
    + b"\xfe\xff\x00\xe0\0\0\0\0" * 1_000_000,
    "20 MB in a value that is read": element(0x0028, 0x2000, b"OB", 20 << 20, bytes(20 << 20)),
    "private tags": element(0x0029, 0x0010, b"LO", 8, b"SIEMENS ")
    + element(0x0029, 0x1001, b"UN", 4, b"\xff\xfe\0\1"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_headers_that_lie_cost_little_memory_and_time(tmp_path, kind):
    path = before_pixels(seed("explicit", tmp_path / "a.dcm"), HOSTILE[kind])
    started = time.monotonic()
    tracemalloc.start()
    try:
        check(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 400 << 20
    assert time.monotonic() - started < 60
    if kind == "private tags":
        assert check(path) == 1


def test_a_piece_that_claims_4_gb_is_truncated_and_costs_nothing(tmp_path):
    path = seed("jpeg", tmp_path / "a.dcm")
    data = path.read_bytes()
    at = data.index(b"\xff\xd8\xff") - 4
    path.write_bytes(data[:at] + b"\xf0\xff\xff\xff" + data[at + 4 :])
    tracemalloc.start()
    try:
        found = read_dicom(path, max_pixels=MAX_PIXELS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "the DICOM file is truncated" in found.error
    assert peak < 20 << 20


def test_a_deflated_file_that_unpacks_to_a_thousandfold_is_refused(tmp_path):
    path = seed("deflated", tmp_path / "a.dcm")
    whole = path.read_bytes()
    start = whole.index(b"1.2.840.10008.1.2.1.99") + 22
    path.write_bytes(whole[:start] + deflated(1 << 30))
    tracemalloc.start()
    try:
        found = read_dicom(path, max_pixels=MAX_PIXELS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "unpacks to more than" in found.error
    assert peak < 20 << 20


def test_pictures_that_claim_billions_of_pixels_are_refused_in_little_memory(tmp_path):
    """In a process of its own that gets 1 GB beyond what importing takes."""
    for kind in ("jpeg 2000", "jpeg-ls", "jpeg", "lossless jpeg", "rle"):
        path = seed(kind, tmp_path / f"{kind}.dcm")
        data = path.read_bytes()
        rows, columns = (np.uint16(side).tobytes() for side in PHOTO.shape[:2])
        for tag, side in ((b"\x28\0\x10\0US\2\0", rows), (b"\x28\0\x11\0US\2\0", columns)):
            assert tag + side in data
            data = data.replace(tag + side, tag + b"\xff\xff")
        path.write_bytes(data)
    code = (
        "import resource, sys, pathlib\n"
        "from edge_runtime.hospital.read import read_dicom\n"
        "import edge_runtime.hospital.pixels, pydicom, openjpeg, jpeg_ls\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * 4096\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30),) * 2)\n"
        "for name in sys.argv[1:]:\n"
        "    print(read_dicom(pathlib.Path(name), max_pixels=5_000_000_000).error)\n"
    )
    files = sorted(map(str, tmp_path.glob("*.dcm")))
    ran = subprocess.run(
        [sys.executable, "-c", code, *files], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.splitlines()
    assert len(said) == 5
    assert all("None" not in line for line in said)
    assert sum("its compressed picture claims" in line for line in said) == 4


@pytest.mark.parametrize("encoding", ["ISO 2022 IR 87", "ISO_IR 192", "GB18030", "no such", "\\"])
def test_character_sets_of_all_kinds_cost_no_photo(tmp_path, encoding):
    path = seed("explicit", tmp_path / "a.dcm")
    data = path.read_bytes().replace(b"ISO_IR 100", encoding.encode().ljust(10)[:10])
    path.write_bytes(data.replace(b"LO\2\0P1", b"LO\2\0\xff\x1b"))
    assert check(path) == 1


def test_frames_of_pieces_without_a_table_of_offsets_are_counted_by_their_pieces(tmp_path):
    path = seed("frames", tmp_path / "a.dcm")
    data = path.read_bytes().replace(b"IS\2\x003 ", b"IS\4\x009999".replace(b"9999", b"900 "))
    path.write_bytes(data)
    names = DicomFinder().in_named(path)
    assert len(names) == 4  # the three that are there, and the first that isn't
