"""JPEGs of more than 8 bits, lossless and extended: the samples as they were, or a sentence."""

import contextlib
import subprocess

import numpy as np
import pydicom
import pytest
from pydicom.uid import JPEGLossless, JPEGLosslessSV1

from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.hospital import samples
from edge_runtime.hospital.frame_data import form_of
from edge_runtime.hospital.header import read_header
from edge_runtime.hospital.read import decode_dicom
from edge_runtime.hospital.samples import stored_frame
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.hospital.objects import OP16, jpegs, lossless_jpeg, make, save
from tests.edge_runtime.hospital.receiving import needs_dcmtk


@pytest.fixture
def deep(small_eye):
    """Samples of so many bits, of which each is in use."""

    def of(bits):
        wide = small_eye[:60, :80, 1].astype(np.uint16) << bits - 8
        noise = np.random.default_rng(0).integers(0, 1 << bits - 8, wide.shape, np.uint16)
        return np.ascontiguousarray(wide | noise)

    return of


def stored(file):
    """Read the samples of a file's first frame as they are stored."""
    with file.open("rb") as opened:
        header = read_header(opened, file.stat().st_size, limit=1 << 26)
        return stored_frame(header, form_of(header), 0)


@pytest.mark.parametrize("syntax", [JPEGLosslessSV1, JPEGLossless])
def test_lossless_ones_of_16_bits_give_each_sample_back(deep, tmp_path, syntax):
    data = jpegs(make(deep(16), sop_class=OP16), lossless_jpeg(deep(16)), syntax=syntax)
    file = save(data, tmp_path / "a.dcm")
    assert np.array_equal(stored(file)[0], deep(16))
    native = save(make(deep(16), sop_class=OP16), tmp_path / "b.dcm")
    assert np.array_equal(decode_dicom(file).pixels, decode_dicom(native).pixels)


def test_colours_of_16_bits_stay_as_they_are(deep, tmp_path):
    rgb = np.stack([deep(16), deep(16) // 2, deep(16) // 5], axis=2)
    data = jpegs(make(rgb, sop_class=OP16), lossless_jpeg(rgb), syntax=JPEGLosslessSV1)
    samples, means = stored(save(data, tmp_path / "a.dcm"))
    assert means == "RGB"
    assert np.array_equal(samples, rgb)


def test_signed_samples_keep_their_signs(deep, tmp_path):
    signed = (deep(16).astype(np.int32) - 30_000).astype(np.int16)
    data = jpegs(
        make(signed, sop_class=OP16), lossless_jpeg(signed.view(np.uint16)), syntax=JPEGLosslessSV1
    )
    assert np.array_equal(stored(save(data, tmp_path / "a.dcm"))[0], signed)


@needs_dcmtk
@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("option", ["+e1", "+el", "+ee"])
def test_what_dcmtk_compresses_is_what_dcmtk_decodes(deep, tmp_path, bits, option):
    native = save(make(deep(bits), bits=bits, sop_class=OP16), tmp_path / "native.dcm")
    file, back = tmp_path / "jpeg.dcm", tmp_path / "back.dcm"
    subprocess.run([dcmtk("dcmcjpeg"), option, native, file], check=True)
    subprocess.run([dcmtk("dcmdjpeg"), file, back], check=True)
    expected = pydicom.dcmread(back).pixel_array
    difference = np.abs(stored(file)[0].astype(int) - expected)
    assert difference.max() <= (1 if option == "+ee" else 0)  # another cosine transform rounds
    if option != "+ee":
        assert np.array_equal(expected, deep(bits))


@pytest.mark.parametrize("cut", [2, 200])
def test_one_that_breaks_off_is_said_to(deep, tmp_path, cut):
    coded = lossless_jpeg(deep(12))[:-cut]
    data = jpegs(make(deep(12), bits=12, sop_class=OP16), coded, syntax=JPEGLosslessSV1)
    with pytest.raises(PhotoUnreadableError, match="is truncated"):
        decode_dicom(save(data, tmp_path / "a.dcm"))


def test_spoilt_ones_are_read_or_are_a_sentence(deep, tmp_path):
    whole, generator = lossless_jpeg(deep(12)), np.random.default_rng(1)
    for _ in range(100):
        spoilt = bytearray(whole)
        for place in generator.integers(2, 300, 3):
            spoilt[place] = generator.integers(0, 256)
        data = jpegs(make(deep(12), bits=12, sop_class=OP16), bytes(spoilt), syntax=JPEGLosslessSV1)
        with contextlib.suppress(PhotoUnreadableError):
            decode_dicom(save(data, tmp_path / "a.dcm"))


def test_without_the_extra_it_says_what_to_install(deep, tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "find_spec", lambda name: None)
    data = jpegs(make(deep(16), sop_class=OP16), lossless_jpeg(deep(16)), syntax=JPEGLosslessSV1)
    with pytest.raises(PhotoUnreadableError) as refused:
        decode_dicom(save(data, tmp_path / "a.dcm"))
    assert str(refused.value).endswith(
        "has a JPEG picture of more than 8 bits, which needs: pip install -c "
        'constraints.txt ".[deep-jpeg]"; or export it without compression or as JPEG 2000'
    )
