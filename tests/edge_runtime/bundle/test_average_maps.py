"""A bundle's average maps come back as they were packed, and others are refused."""

import io
from dataclasses import replace

import numpy as np
import pytest

from edge_runtime.bundle.average_maps import (
    AVERAGE_MAPS,
    AverageMapsEntry,
    pack_average_maps,
    read_average_maps,
)
from edge_runtime.bundle.bundle import load_bundle, write_bundle
from edge_runtime.errors import BundleInvalidError

ENTRY = AverageMapsEntry("f.npz", "int8", {"ill": 12, "well": 0, "other": 30})


def made():
    ill = np.linspace(0, 5, 64, dtype=np.float32).reshape(8, 8)
    ill[0, :3] = np.nan
    nothing = np.full((8, 8), np.nan, np.float32)
    return {"ill": ill, "well": nothing, "other": np.full((8, 8), 2, np.float32)}


def packed(maps):
    buffer = io.BytesIO()
    np.savez(buffer, maps=maps)
    return buffer.getvalue()


def test_they_come_back_over_their_maximum_and_a_class_without_one_has_none(tmp_path):
    (tmp_path / "f.npz").write_bytes(pack_average_maps(made()))
    found = read_average_maps(tmp_path, ENTRY)
    assert list(found) == ["ill", "other"]
    np.testing.assert_allclose(found["ill"], made()["ill"] / 5, atol=0.5 / 254)
    assert (found["other"] == 1).all()


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"no archive", "no whole archive"),
        (packed(np.zeros((2, 8, 8), np.uint8)), r"uint8 \(2, 8, 8\), not a square for each class"),
        (packed(np.zeros((3, 8, 9), np.uint8)), "not a square"),
        (packed(np.zeros((3, 8, 8), np.float32)), "float32"),
        (packed(np.uint8(3)), "not a square"),
        (packed(np.zeros((3, 400, 400), np.uint8)), "it unpacks to"),
        (packed(np.array([object()])), "no whole archive"),
    ],
)
def test_a_file_that_isnt_one_is_refused(content, cause, tmp_path):
    (tmp_path / "f.npz").write_bytes(content)
    with pytest.raises(BundleInvalidError, match=cause):
        read_average_maps(tmp_path, ENTRY)


def test_averages_of_other_classes_than_the_bundles_are_refused(exported, tmp_path):
    bundle = load_bundle(exported)
    files = {name: exported / name for name in bundle.manifest.files}
    files[AVERAGE_MAPS] = pack_average_maps(made())
    entry = replace(ENTRY, file=AVERAGE_MAPS)
    with pytest.raises(BundleInvalidError, match="average maps of other classes"):
        write_bundle(tmp_path / "b", replace(bundle.manifest, average_maps=entry), files)
