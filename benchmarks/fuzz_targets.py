"""What `fuzz.py` can fuzz: how bytes of others are read, and small real things to begin with.

Each target gives a check, which lets through the errors that a reader documents, and seeds.
"""

import io
import struct
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
from fuzz_bundle import bundle
from fuzz_target import Target, check_sentence, tried
from fuzz_trust import log, signature
from pydicom.fileset import FileSet
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom.dsutils import decode as decode_dataset
from pynetdicom.dsutils import encode as encode_dataset

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.hospital import look, pixels, read, worklist
from edge_runtime.hospital.find import DicomFinder
from edge_runtime.hospital.guard import in_silence
from edge_runtime.hospital.worklist_apart import Answer
from edge_runtime.photo import colour, decode, prepare, raster
from edge_runtime.photo.frames import frame_path
from tests.edge_runtime.files import encoded, jpeg_with_exif, noisy, png, png_chunk, tiff_of
from tests.edge_runtime.hospital.objects import item, jpeg_of, jpegs, lossless_jpeg, make, save
from tests.edge_runtime.hospital.worklists import entry
from tests.edge_runtime.profiles import ADOBE_RGB, grey_profile

_LAZY = colour, pixels, raster  # loaded here, so that atheris sees into them

_MAX_PIXELS = 200_000


def photo() -> Target:
    """Decode a photograph and prepare it for the model, as ``predict`` does."""

    def check(data: bytes) -> None:
        found = tried(_decode, data, refuses=PhotoUnreadableError)
        if found is None:
            return
        assert found.pixels.dtype == np.uint8
        assert found.pixels.ndim == 3
        assert 0 < found.pixels.size <= 3 * _MAX_PIXELS
        made = prepare.prepare_timed(found, size=(64, 64), limits=QualityLimits(), decode_ms=0)
        assert made.image.shape == (64, 64, 3)

    return Target(check, [*_photos()], words=(b"ICC_PROFILE\0\x01\x01", b"Exif\0\0"), mend=_mended)


def _decode(data: bytes) -> decode.Decoded:
    return decode.decode(data, max_pixels=_MAX_PIXELS)


def _photos() -> Iterator[bytes]:
    small = cv2.GaussianBlur(noisy(60, 80), (0, 0), 3)
    jpeg = encoded(small, ".jpg")
    yield from (jpeg, encoded(small, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1))
    yield encoded(small, ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 4)
    yield jpeg_with_exif(jpeg, 6)
    for profile in (ADOBE_RGB, grey_profile(2.2)):
        segment = b"ICC_PROFILE\0\x01\x01" + profile
        yield jpeg[:2] + b"\xff\xe2" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]
        chunk = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(profile))
        yield png(bytes(20 * 31), width=10, height=20, extra=chunk)
    yield encoded(small, ".png")
    for colours, depth, row in ((0, 16, 18), (3, 4, 5), (4, 8, 18), (6, 16, 72), (0, 1, 2)):
        extra = (
            png_chunk(b"PLTE", bytes(48)) + png_chunk(b"tRNS", bytes(4)) if colours == 3 else b""
        )
        rows = bytes((1 + row) * 8)
        yield png(rows, width=9, height=8, depth=depth, colour=colours, extra=extra)
    yield png(bytes(2000), width=9, height=8, colour=0, interlace=1)
    yield from (tiff_of([small]), tiff_of([small], compression=8, order=">"))
    for kind in (1, 5, 7, 8, 32773):
        yield encoded(small[:16, :16], ".tiff", cv2.IMWRITE_TIFF_COMPRESSION, kind)
    yield cv2.imencode(".tiff", small[..., 0].astype(np.uint16) * 16)[1].tobytes()
    yield encoded(small[:20, :20], ".bmp")
    yield from (encoded(small, ".webp", cv2.IMWRITE_WEBP_QUALITY, each) for each in (80, 101))


def _mended(data: bytes, seed: int) -> bytes:
    """Set the checksums of a PNG right, so that what is behind them is reached."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or seed % 8 == 0:
        return data
    at, made = 8, [data[:8]]
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            break
        made += data[at:end], zlib.crc32(data[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return b"".join((*made, data[at:]))


def dicom() -> Target:
    """Find the photographs in a DICOM file, and read them; also an index of a disk."""
    folder = Path(tempfile.mkdtemp())
    file, preamble = folder / "a.dcm", bytes(128) + b"DICM"

    def check(data: bytes) -> None:
        file.write_bytes(preamble + data)
        names = DicomFinder(max_pixels=_MAX_PIXELS).in_named(file)
        assert names is not None
        look.held_in(file, max_pixels=_MAX_PIXELS)
        _check_content(file, preamble + data)
        for name in names[:3]:
            found = read.read_dicom(name, max_pixels=_MAX_PIXELS, is_hashed=True)
            assert (found.decoded is None) == (found.error is not None)
            if found.error is not None:
                check_sentence(found.error)
                continue
            assert found.decoded.pixels.dtype == np.uint8
            assert found.decoded.pixels.size <= 3 * _MAX_PIXELS
            assert msgspec.json.encode(found.facts)

    return Target(check, [each[132:] for each in _objects(folder)])


def _check_content(file: Path, content: bytes) -> None:
    """Look into a file's content as into an object of a store: its begin says what it all says."""
    whole = look.numbered_in(content, max_pixels=_MAX_PIXELS)
    begin = look.numbered_in(content[: len(content) // 2], is_whole=False, max_pixels=_MAX_PIXELS)
    assert whole is not None
    assert begin is None or begin.other or whole.frames == 0
    name = frame_path(file, 1) if whole.frames else file
    one = read.read_dicom(name, max_pixels=_MAX_PIXELS, data=content)
    other = read.read_dicom(name, max_pixels=_MAX_PIXELS)
    assert (one.facts, one.error) == (other.facts, other.error)


def _objects(folder: Path) -> Iterator[bytes]:
    small, file = noisy(32, 33), folder / "seed.dcm"
    grey = small[..., 0]
    tags = {
        "SharedFunctionalGroupsSequence": [item(FrameAnatomySequence=[item(FrameLaterality="R")])],
        "SpecificCharacterSet": "ISO_IR 100",
    }
    window = {"WindowCenter": 100, "WindowWidth": 50, "RescaleSlope": 2, "RescaleIntercept": 1}
    table = {
        f"{name}PaletteColorLookupTable{part}": value
        for name in ("Red", "Green", "Blue")
        for part, value in (("Descriptor", [256, 0, 16]), ("Data", bytes(512)))
    }
    made = [make(small, syntax=syntax, **tags) for syntax in (
        ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian)]  # fmt: skip
    for syntax in (JPEG2000Lossless, JPEGLSLossless, RLELossless):
        made.append(make(small, **tags))
        made[-1].compress(syntax)
    ybr = {"photometric": "YBR_FULL_422", **tags}
    made += [
        jpegs(make(small, **ybr), jpeg_of(small)),
        jpegs(make([small] * 3, **ybr), *[jpeg_of(small)] * 3),
        jpegs(make(small, **tags), lossless_jpeg(small), syntax="1.2.840.10008.1.2.4.70"),
        jpegs(make(grey.astype(np.uint16)), lossless_jpeg(grey.astype(np.uint16)),
              syntax="1.2.840.10008.1.2.4.70"),
        make(grey, photometric="PALETTE COLOR", **table),
        make(grey.astype(np.uint16) * 16, bits=12, **window),
        make([grey] * 2, NumberOfFrames=2),
    ]  # fmt: skip
    for each in made:
        yield save(each, file).read_bytes()
    yield _index(folder)


def _index(folder: Path) -> bytes:
    """Write the index of a disk with one photograph."""
    data = make(noisy(12, 13))
    for name, value in {
        "StudyDate": "20240131", "StudyTime": "101112", "StudyID": "1", "AccessionNumber": "",
        "Modality": "OP", "SeriesNumber": 1, "InstanceNumber": 1, "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.1",
    }.items():  # fmt: skip
        setattr(data, name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        files = FileSet()
        files.add(data)
        files.write(folder / "disk")
    return (folder / "disk" / "DICOMDIR").read_bytes()


def answers() -> Target:
    """Read what a worklist answers; the first byte chooses how it is coded."""

    def check(data: bytes) -> None:
        with in_silence():
            try:
                found = decode_dataset(io.BytesIO(data[1:]), not data[:1] < b"\x80", True)
            except Exception:  # pynetdicom does so too, and tells that nothing could be read
                return
            assert msgspec.json.encode(Answer((worklist._scheduled(found),)))

    coded = [
        encode_dataset(entry(1, **tags), is_implicit, True) or b""
        for is_implicit in (False, True)
        for tags in ({}, {"SpecificCharacterSet": "ISO 2022 IR 87", "PatientName": "A^B=C"})
    ]
    return Target(check, [bytes([0x80 * (at > 1)]) + each for at, each in enumerate(coded)])


TARGETS = {
    "answers": answers,
    "bundle": bundle,
    "dicom": dicom,
    "log": log,
    "photo": photo,
    "signature": signature,
}
