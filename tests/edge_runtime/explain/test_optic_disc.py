"""Optic disc, fovea and side of the eye: found where they are, and not where there is nothing."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.explain import landmark_network
from edge_runtime.explain.landmark_network import CELLS, LandmarkNetwork, package_network
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.explain.optic_disc import eye_of, find_landmarks
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.photo.field import circle
from edge_runtime.photo.round_field import round_field
from tests.conftest import ROOT
from tests.data import data_folder

sys.path.insert(0, str(ROOT / "examples"))
sys.path.insert(0, str(ROOT / "benchmarks"))
from landmark_photos import read_idrid
from make_fundus import draw_fundus

SIZE = 224
A_CELL = 2 / CELLS  # radii of the field: nothing finer is promised


def drawn(seed, *, size=SIZE):
    """A drawn eye, and where its disc is: the brightest green of the drawing."""
    found = round_field(draw_fundus("normal", seed=seed), size=(size, size))
    rows, columns = np.nonzero(found.image[..., 1] > 170)
    middle = (size - 1) / 2
    disc = (columns.mean() - middle) / (size / 2), (rows.mean() - middle) / (size / 2)
    return found.image, found.inside, disc


def apart(one, other):
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [224, 512])
def test_the_disc_of_a_drawn_eye_is_found_at_any_size(seed, size):
    image, inside, disc = drawn(seed, size=size)
    found = find_landmarks(image, inside)
    assert apart(found.disc, disc) < 2 * A_CELL
    assert found.disc_diameter == pytest.approx(1 / 3, abs=0.06)  # drawn so, with a soft edge
    assert 0.5 <= found.disc_confidence <= 1
    if found.fovea is None or found.fovea[1] > disc[1]:
        assert found.eye == ("right" if disc[0] > 0 else "left")


@pytest.mark.parametrize("seed", range(6))
def test_a_mirrored_photo_has_mirrored_landmarks_and_the_other_eye(seed):
    image, inside, _ = drawn(seed)
    found = find_landmarks(image, inside)
    mirrored = find_landmarks(image[:, ::-1].copy(), inside[:, ::-1].copy())
    assert mirrored.disc == pytest.approx((-found.disc[0], found.disc[1]), abs=1e-3)
    assert mirrored.disc_diameter == pytest.approx(found.disc_diameter, abs=1e-3)
    assert mirrored.eye == {"left": "right", "right": "left", None: None}[found.eye]
    assert (mirrored.fovea is None) == (found.fovea is None)
    if found.fovea:
        assert mirrored.fovea == pytest.approx((-found.fovea[0], found.fovea[1]), abs=1e-3)


@pytest.mark.parametrize(("turn", "scale"), [(15, 1.0), (-15, 1.0), (0, 1.25), (0, 0.85)])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_disc_moves_with_a_photo_that_is_turned_or_scaled(seed, turn, scale):
    image, inside, disc = drawn(seed)
    middle = (SIZE - 1) / 2
    warp = cv2.getRotationMatrix2D((middle, middle), turn, scale)
    moved = cv2.warpAffine(image, warp, (SIZE, SIZE))
    kept = (cv2.warpAffine(inside.astype(np.uint8), warp, (SIZE, SIZE)) > 0) & circle((SIZE, SIZE))
    moved[~kept] = 0
    found = find_landmarks(moved, kept)
    assert apart(found.disc, warp[:, :2] @ disc) < 2 * A_CELL
    assert found.disc_diameter == pytest.approx(scale / 3, rel=0.2)


def without_disc(image, disc):
    """The drawn eye with a patch of its own colour over disc and vessels' origin."""
    middle, radius = (SIZE - 1) / 2, SIZE / 2
    at = tuple(int(middle + each * radius) for each in disc)
    colour = np.median(image[SIZE // 2 - 60 : SIZE // 2 - 40, SIZE // 2 - 10 :], axis=(0, 1))
    patched = cv2.circle(image.copy(), at, int(0.3 * radius), colour.tolist(), cv2.FILLED)
    return cv2.GaussianBlur(patched, (0, 0), 3)


def test_nothing_is_found_where_there_is_no_disc():
    generator = np.random.default_rng(0)
    inside = circle((SIZE, SIZE))
    noise = generator.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    noise[~inside] = 0
    plain = np.where(inside[..., None], np.uint8([180, 90, 40]), np.uint8(0))
    image, lit, disc = drawn(0)
    for picture, within in (
        (plain, inside), (noise, inside), (np.zeros_like(plain), inside),
        (plain, np.zeros_like(inside)), (without_disc(image, disc), lit),
    ):  # fmt: skip
        assert find_landmarks(picture, within) == Landmarks()


@pytest.mark.parametrize(
    ("disc", "fovea", "eye"),
    [
        ((0.5, 0.0), (-0.2, 0.1), "right"),
        ((-0.5, 0.0), (0.2, 0.1), "left"),
        ((0.0, 0.0), (0.7, 0.1), "left"),
        ((0.0, 0.0), None, None),  # the disc in the middle, and nothing to compare it with
        ((0.3, -0.4), None, "right"),
        ((0.1, -0.4), (0.0, 0.2), None),  # one above the other
        ((0.5, 0.0), (-0.2, -0.02), "right"),
        ((0.5, 0.0), (-0.2, -0.03), None),  # the photo may be upside down
    ],
)  # fmt: skip
def test_the_eye_follows_from_disc_and_fovea(disc, fovea, eye):
    assert eye_of(disc, fovea) == eye


def test_a_network_is_the_same_after_saving(tmp_path):
    network = package_network()
    network.save(tmp_path / "network.npz")
    again = LandmarkNetwork.load(tmp_path / "network.npz")
    image, inside, _ = drawn(0)
    first, second = (each.locate(image, inside) for each in (network, again))
    for name in ("disc", "fovea", "log_radius"):  # the scales may differ in their last bit
        np.testing.assert_allclose(getattr(second, name), getattr(first, name), atol=1e-3)


def test_the_network_is_small_and_needs_numpy_and_opencv_only():
    file = Path(sys.modules[LandmarkNetwork.__module__].__file__).with_name("landmarks.npz")
    assert file.stat().st_size < 40_000
    code = (
        "import sys, numpy as np\n"
        "from edge_runtime.explain.optic_disc import find_landmarks\n"
        "find_landmarks(np.full((224, 224, 3), 90, np.uint8), np.ones((224, 224), bool))\n"
        "print(*{'numpy.ma', 'scipy', 'onnxruntime', 'keras', 'sklearn'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert ran.stdout.split() == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["2180_left.jpg", "_138_1949117.jpg"])
def test_a_reflex_on_a_cloudy_lens_is_no_disc(name):
    path = data_folder() / "eye-disease-dataset" / "val_dir" / "cataract" / name
    found = round_field(decode_photo(read_photo(path)), size=(SIZE, SIZE))
    assert find_landmarks(found.image, found.inside) == Landmarks()


@pytest.mark.slow
def test_the_discs_of_real_photographs_are_found():
    """The floor is a little below what docs/optic-disc.md tells."""
    photos = read_idrid(data_folder() / "idrid-segmentation").values()
    found = [find_landmarks(photo.image, photo.inside) for photo in photos]
    far = [
        apart(each.disc, photo.disc) / photo.radius if each.disc else np.inf
        for each, photo in zip(found, photos, strict=True)
    ]
    wide = [
        each.disc_diameter / 2 / photo.radius
        for each, photo in zip(found, photos, strict=True)
        if each.disc
    ]
    foveas = [
        bool(each.fovea) and apart(each.fovea, photo.fovea) <= photo.radius
        for each, photo in zip(found, photos, strict=True)
    ]
    assert len(far) == 54
    assert np.less_equal(far, 1).sum() >= 53
    assert np.less_equal(far, 0.5).sum() >= 53
    assert np.median(wide) == pytest.approx(1, abs=0.08)
    assert sum(foveas) >= 48


def test_products_in_pieces_are_those_of_the_whole():
    rows = np.random.default_rng(0).normal(size=(2 * CELLS**2, 216)).astype(np.float32)
    columns = np.random.default_rng(1).normal(size=(216, 24)).astype(np.float32)
    assert len(rows) * columns.size > 10 * landmark_network._ALONE  # there are pieces
    found = landmark_network._product(rows, columns)
    np.testing.assert_allclose(found, rows @ columns, rtol=0, atol=1e-3)
