"""A photo's colour profile is honoured, unless it is sRGB's, broken or of other colours."""

import io
import struct
import subprocess
import sys
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from edge_runtime.photo.colour import to_srgb
from edge_runtime.photo.decode import decode, decode_photo
from edge_runtime.photo.icc import read_profile
from tests.conftest import EXAMPLE_PHOTO, ROOT
from tests.edge_runtime.files import png, png_chunk
from tests.edge_runtime.profiles import ADOBE_RGB, DISPLAY_P3, PROPHOTO, grey_profile, rgb_profile

PHOTO = decode_photo(EXAMPLE_PHOTO.read_bytes())[::4, ::4].copy()
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SAVED = {
    "JPEG": {"quality": 98, "subsampling": 0},
    "PNG": {},
    "TIFF": {"compression": "tiff_lzw"},
    "WEBP": {"lossless": True},
}
PROFILES = {"Display P3": DISPLAY_P3, "Adobe RGB": ADOBE_RGB, "ProPhoto": PROPHOTO}


def written(pixels, kind, profile):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, icc_profile=profile, **SAVED[kind])
    return file.getvalue()


def in_colours_of(profile, pixels):
    """Convert sRGB pixels to another profile's."""
    other = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    way = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), other, "RGB", "RGB")
    return np.asarray(way.apply(Image.fromarray(pixels)))


@pytest.mark.parametrize("kind", SAVED)
@pytest.mark.parametrize("name", PROFILES)
def test_a_photo_in_other_colours_is_the_same_photo(name, kind):
    other = in_colours_of(PROFILES[name], PHOTO)
    assert np.abs(other.astype(int) - PHOTO).mean() > 1
    seen = decode_photo(written(other, kind, PROFILES[name]))
    # 8 bits are rounded twice, of which the wide ProPhoto makes more; a JPEG loses detail beside
    if kind == "JPEG":
        assert np.abs((seen.astype(int) - PHOTO).mean(axis=(0, 1))).max() < 0.5
    else:
        assert np.abs(seen.astype(int) - PHOTO).mean() < 0.8


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_grey_photo_with_a_grey_profile_is_honoured(kind):
    grey = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    seen = decode_photo(written(grey, kind, grey_profile(1.0)))
    linear = np.arange(256) / 255
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(seen[8, :, 0] - 255 * srgb).max() < (6 if kind == "JPEG" else 2)
    assert np.array_equal(seen[..., 0], seen[..., 2])


@pytest.mark.parametrize("kind", SAVED)
def test_a_profile_of_srgb_changes_no_bit(kind):
    plain = decode_photo(written(PHOTO, kind, None))
    assert np.array_equal(decode_photo(written(PHOTO, kind, SRGB)), plain)


def test_the_colours_of_srgb_are_told_from_others():
    assert read_profile(SRGB).is_srgb
    assert read_profile(rgb_profile("sRGB", curve=None)).is_srgb
    assert not read_profile(rgb_profile("sRGB", curve=2.2)).is_srgb
    assert not read_profile(rgb_profile("sRGB", curve=1.0)).is_srgb
    assert not any(read_profile(profile).is_srgb for profile in PROFILES.values())
    assert not read_profile(grey_profile(2.2)).is_srgb


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: b"nonsense" * 50,
        lambda data: data[:140],
        lambda data: data[: len(data) // 2],
        lambda data: data[:16] + b"CMYK" + data[20:],
        lambda data: data[:12] + b"link" + data[16:],
        lambda data: data[:128] + b"\xff\xff\xff\xff" + data[132:],
        lambda data: data[:200] + bytes(len(data) - 200),
        lambda data: data.replace(b"rTRC", b"xTRC"),
    ],
)
@pytest.mark.parametrize("kind", SAVED)
def test_a_broken_profile_changes_nothing(spoil, kind):
    small = np.ascontiguousarray(PHOTO[:40, :50])
    plain = decode_photo(written(small, kind, None))
    assert np.array_equal(decode_photo(written(small, kind, spoil(ADOBE_RGB))), plain)


def test_a_profile_that_would_blacken_the_photo_is_broken():
    black = rgb_profile("Adobe RGB", curve=60.0)
    assert to_srgb(PHOTO, black)[0] is PHOTO


def test_a_profile_of_other_colours_than_the_photos_changes_nothing():
    assert to_srgb(PHOTO, grey_profile(1.0))[0] is PHOTO


@pytest.mark.parametrize("kind", SAVED)
def test_what_was_made_of_a_profile_is_said(kind):
    def said(profile):
        return decode(written(PHOTO[:40], kind, profile)).read_as

    newer = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    assert said(DISPLAY_P3) == ("its colours were brought from Display P3 to sRGB",)
    assert said(DISPLAY_P3.replace(b"desc", b"none", 1)) == (
        "its colours were brought from those of its profile to sRGB",
    )
    unused = ("its colour profile can't be used, so its colours are taken as sRGB",)
    assert said(newer) == said(DISPLAY_P3[:200]) == unused
    assert said(SRGB) == said(None) == ()


def test_a_profiles_name_is_read_in_both_forms_and_is_plain():
    name = "Caf\u00e9\x1b[2J " + "x" * 50
    words = name.encode("utf-16-be")
    newer = b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(words), 28) + words
    data = DISPLAY_P3 + newer
    at = data.index(b"desc") + 4
    data = data[:at] + struct.pack(">II", len(DISPLAY_P3), len(newer)) + data[at + 8 :]
    assert read_profile(data).name == "Caf[2J " + "x" * 33
    assert read_profile(DISPLAY_P3).name == "Display P3"


def test_a_profile_in_several_segments_is_put_together():
    large = rgb_profile("Adobe RGB", curve=2.19921875, words=b"x" * 100_000)
    data = written(in_colours_of(ADOBE_RGB, PHOTO), "JPEG", large)
    assert data.count(b"ICC_PROFILE") == 2
    assert np.abs((decode_photo(data).astype(int) - PHOTO).mean(axis=(0, 1))).max() < 0.5


def test_a_profile_that_unpacks_without_end_is_cut():
    rows = (b"\x00" + bytes(30)) * 8
    bomb = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1 << 28)))
    tracemalloc.start()
    assert not decode_photo(png(rows, width=10, height=8, extra=bomb)).any()
    assert tracemalloc.get_traced_memory()[1] < 1 << 26
    tracemalloc.stop()


@pytest.mark.parametrize(("profile", "loaded"), [(None, False), (SRGB, False), (ADOBE_RGB, True)])
def test_only_another_profile_loads_pillow(tmp_path, profile, loaded):
    (tmp_path / "eye.jpg").write_bytes(written(PHOTO, "JPEG", profile))
    code = (
        "import sys; from pathlib import Path; from edge_runtime.photo.decode import decode; "
        "decode(Path(sys.argv[1]).read_bytes()); print('PIL' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "eye.jpg")],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stdout.split() == [str(loaded)]
    assert ran.stderr == ""
