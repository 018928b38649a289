"""What a bundle knows of its training photographs is read with care, and measures distances."""

import dataclasses
import io

import numpy as np
import pytest

from edge_runtime.bundle.familiarity import Familiarity, pack_familiarity, read_familiarity
from edge_runtime.errors import BundleInvalidError

K = 6
KNOWN = Familiarity(
    mean=np.ones(K, np.float32),
    directions=np.array([[127, 0, 0, 0, 0, 0], [0, 127, 0, 0, 0, 0]], np.int8),
    scales=np.full(2, 1 / 127, np.float32),
    residual_max=4.0,
    weights=np.array([0, 0, 0, 0, 0, 1], np.float32),
    offset=-3.0,
    slope=0.5,
    distances=np.linspace(0, 1, 101, dtype=np.float32),
)


def as_arrays(known):
    with np.load(io.BytesIO(pack_familiarity(known))) as arrays:
        return dict(arrays)


def packed(**changes):
    buffer = io.BytesIO()
    np.savez(buffer, **{**as_arrays(KNOWN), **changes})
    return buffer.getvalue()


def test_what_the_directions_express_is_no_distance_and_the_rest_is():
    features = np.tile(KNOWN.mean, (4, 1))
    features[1, 0] += 50  # along a direction of the training photographs
    features[2, 2] += 2  # beside them, as far as is taken
    features[3, 5] += 4  # where the classifier says that it is no fundus photograph
    assert KNOWN.distance(features) == pytest.approx([0, 0, 1, 2], abs=0.01)


def test_the_share_is_that_of_the_validation_photographs_as_far_or_farther():
    assert KNOWN.share_beyond(0.0) == 1
    assert KNOWN.share_beyond(0.5) == pytest.approx(0.5, abs=0.01)
    assert KNOWN.share_beyond(1.5) == 0


def test_it_comes_back_as_it_was_written(tmp_path):
    (tmp_path / "f.npz").write_bytes(pack_familiarity(KNOWN))
    found = read_familiarity(tmp_path, "f.npz", features=K)
    for name, value in vars(KNOWN).items():
        assert np.array_equal(getattr(found, name), value), name


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"no archive", "no whole archive"),
        (packed(mean=np.ones(K + 1, np.float32)), r"'mean' as float32 \(7,\), not float32 \(6,\)"),
        (packed(mean=np.full(K, np.nan, np.float32)), "'mean' that isn't finite"),
        (packed(directions=np.ones((2, K), np.float32)), "'directions' as float32"),
        (packed(scales=np.ones(3, np.float32)), r"'directions' as int8 \(2, 6\)"),
        (packed(distances=np.ones(0, np.float32)), "distances that don't rise"),
        (packed(distances=np.array([1, 0.5], np.float32)), "distances that don't rise"),
        (packed(distances=np.array([-1, 0.5], np.float32)), "distances that don't rise"),
        (packed(residual_max=np.float32(0)), "limits that no photograph"),
        (packed(slope=np.float32(0)), "limits that no photograph"),
        (packed(mean=np.ones(1 << 20, np.float32)), "it unpacks to"),
        (packed(mean=np.array([object()])), "no whole archive"),
    ],
)
def test_a_file_that_isnt_one_is_refused(content, cause, tmp_path):
    (tmp_path / "f.npz").write_bytes(content)
    with pytest.raises(BundleInvalidError, match=cause):
        read_familiarity(tmp_path, "f.npz", features=K)


def test_a_missing_array_is_named_as_damage(tmp_path):
    found = {name: value for name, value in as_arrays(KNOWN).items() if name != "slope"}
    np.savez(tmp_path / "f.npz", **found)
    with pytest.raises(BundleInvalidError, match="no whole archive"):
        read_familiarity(tmp_path, "f.npz", features=K)


def test_the_floats_are_written_in_32_bits():
    assert as_arrays(dataclasses.replace(KNOWN, slope=0.1))["slope"].dtype == np.float32
