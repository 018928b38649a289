"""Each swap changes its property and nothing else."""

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from make_fundus import draw_fundus

from calibration.explanations.shortcuts import swap_eye, swap_file
from calibration.explanations.shortcuts.eye import read_eye
from calibration.explanations.shortcuts.swaps import PROPERTIES, SWAPS, Writing, with_controls
from edge_runtime.commands.main import main
from edge_runtime.photo.field import circle
from tests.calibration.explanations.corner_model import draw_eye

SIZE = (224, 224)


def eye(folder, name, photo, *, quality=95):
    path = folder / name
    values = [cv2.IMWRITE_JPEG_QUALITY, quality] if name.endswith("jpg") else []
    assert cv2.imwrite(str(path), np.ascontiguousarray(photo[..., ::-1]), values)
    return read_eye(path, size=SIZE)


def lab(seen):
    values = cv2.cvtColor(seen.image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return values[circle(SIZE, share=0.9)]


@pytest.fixture(scope="module")
def eyes(tmp_path_factory):
    """A plain eye, one in redder colours with a mark, and a cut one of few pixels, darker."""
    folder = tmp_path_factory.mktemp("eyes")
    cut = draw_fundus("normal", seed=5, size=(200, 260))
    cut[:30] = 0
    return {
        "plain": eye(folder, "plain.jpg", draw_eye(3, marked=False)),
        "marked": eye(folder, "m.jpg", draw_eye(4, marked=True, tint=(1.1, 0.9, 1))),
        "cut": eye(folder, "cut.png", (cut * 0.6).astype(np.uint8)),
        "rough": eye(folder, "rough.jpg", draw_eye(6, marked=False), quality=20),
    }


def seen_of(picture, own):
    """Compare as the model's picture: where it differs by more than 12 levels."""
    return np.abs(picture.astype(int) - own.seen.image).max(axis=2) > 12


@pytest.mark.parametrize("name", [*SWAPS])
def test_nothing_lies_outside_of_the_circle_after_any_swap(eyes, name):
    swap, own, donor = SWAPS[name], eyes["plain"], eyes["rough"]
    picture = (
        swap_file.writing(own, swap.place, 1)
        if isinstance(swap, Writing)
        else swap.give(own, donor)
    )
    if picture is not None:
        assert picture.shape == (*SIZE, 3)
        assert not picture[~circle(SIZE)].any()


def test_the_outline_brings_the_donors_cut(eyes):
    picture = swap_file.border(eyes["plain"], eyes["cut"])
    assert not picture[:15].any()
    assert eyes["plain"].seen.image[8:15].any()
    assert seen_of(picture, eyes["plain"])[60:200].mean() < 0.05


def test_the_outline_of_an_eye_of_the_same_form_changes_hardly_anything(eyes):
    assert seen_of(swap_file.border(eyes["plain"], eyes["marked"]), eyes["plain"]).mean() < 0.02


def test_a_frame_with_writing_comes_with_it_and_never_into_the_eye(eyes, tmp_path):
    photo = draw_eye(7, marked=False)
    cv2.putText(photo, "CAMERA", (10, 460), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 2)
    donor = eye(tmp_path, "written.png", photo)
    assert (donor.small[400:] * ~donor.lit[400:, :, None]).max() > 200
    assert seen_of(swap_file.frame(eyes["plain"], donor), eyes["plain"]).mean() < 0.02


def test_writing_over_the_rim_is_seen_and_in_the_frame_is_not(eyes):
    own = eyes["plain"]
    beside = seen_of(swap_file.writing(own, "frame", 0), own)
    across = seen_of(swap_file.writing(own, "rim", 0), own)
    assert beside.mean() < 0.005
    assert across[150:210, 150:210].mean() > 0.02
    assert across[:112].mean() < 0.02


def test_colour_takes_the_donors_mean_and_leaves_the_lightness(eyes):
    own, donor = eyes["plain"].seen, eyes["marked"].seen
    changed = swap_eye.colour(own, donor)
    before, wanted, after = (
        np.median(lab(each), axis=0) for each in (own, donor, type(own)(changed, *[None] * 3))
    )
    assert after[1:] == pytest.approx(wanted[1:], abs=1.5)
    assert abs(before[1] - wanted[1]) > 3
    assert after[0] == pytest.approx(before[0], abs=1)


def test_a_mark_keeps_its_colour_where_the_donor_has_none(eyes):
    """Its spread over all values would fade the mark with the eye."""
    changed = swap_eye.colour(eyes["marked"].seen, eyes["plain"].seen)
    white = eyes["marked"].seen.image.min(axis=2) > 245
    assert white.sum() > 100
    assert changed[white].min(axis=1).mean() > 200


def test_illumination_takes_the_donors_broad_light_and_leaves_the_colours(eyes):
    own, donor = eyes["plain"].seen, eyes["cut"].seen
    changed = swap_eye.illumination(own, donor)
    inner = circle(SIZE, share=0.6)
    assert changed[inner].mean() == pytest.approx(donor.image[inner].mean(), rel=0.12)
    shares = [each[inner].mean(0) / each[inner].mean() for each in (own.image, changed)]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


def test_fewer_pixels_soften_the_eye_and_as_many_leave_it(eyes):
    own = eyes["plain"]
    assert swap_file.resolution(own, eyes["marked"]) is None or eyes["marked"].across < own.across
    softer = swap_file.resolution(own, eyes["cut"])

    def edges(image):
        return cv2.Laplacian(image[..., 1], cv2.CV_32F)[circle(SIZE, share=0.8)].std()

    assert edges(softer) < 0.8 * edges(own.seen.image)
    assert swap_file.resolution(eyes["cut"], own) is None


def test_compression_is_by_the_donors_own_tables(eyes):
    assert eyes["cut"].form is None
    assert eyes["rough"].form.tables[0][0] > eyes["plain"].form.tables[0][0]
    rough, fine = (
        swap_file.jpeg(eyes["plain"], eyes[donor]).astype(int) for donor in ("rough", "marked")
    )
    off = [np.abs(each - eyes["plain"].seen.image).mean() for each in (rough, fine)]
    assert off[0] > 2 * off[1]


def test_a_corner_brings_the_mark_and_leaves_the_rest(eyes):
    own, donor = eyes["plain"].seen, eyes["marked"].seen
    changed = swap_eye.piece(own, donor, "lower right")
    assert (changed.min(axis=2) > 245).sum() > 0.8 * (donor.image.min(axis=2) > 245).sum()
    assert np.array_equal(changed[:112], own.image[:112])
    assert np.array_equal(changed[:, :112], own.image[:, :112])
    other = swap_eye.piece(own, donor, "upper right")
    assert not (other[112:].min(axis=2) > 245).any()


def test_a_piece_comes_in_the_light_and_colours_of_the_eye_that_it_is_put_into(eyes):
    own, donor = eyes["plain"].seen, eyes["cut"].seen
    corner = swap_eye._pieces(SIZE)["upper left"] > 0.99
    changed = swap_eye.piece(own, donor, "upper left")
    lit = corner & own.inside & donor.inside
    off = [abs(each[lit].mean(0) - own.image[lit].mean(0)).max() for each in (changed, donor.image)]
    assert off[0] < 8
    assert off[1] > 25


def test_the_middle_has_as_many_pixels_as_a_corner_and_the_broad_one_as_the_rim():
    pieces = swap_eye._pieces(SIZE)
    inside = circle(SIZE)
    areas = {name: float((mask * inside).sum()) for name, mask in pieces.items()}
    assert areas["middle"] == pytest.approx(areas["lower left"], rel=0.05)
    assert areas["broad middle"] == pytest.approx(areas["all round"], rel=0.05)
    assert areas["left"] < areas["lower left"]


def test_controls_are_added_to_the_properties_that_need_them():
    assert with_controls(("rim", "colour")) == ("colour", "rim", "broad-middle")
    assert len(PROPERTIES) == 17


def test_the_outermost_ring_and_the_pieces_are_told_with_their_sizes():
    assert SWAPS["rim"].title == "outermost ring of the eye (from 0.9 of its radius)"
    said = " ".join(CliRunner().invoke(main, ["explain", "shortcuts", "--help"]).stdout.split())
    assert f"from {swap_eye.FROM_ALL_ROUND:g} of its radius" in said
    sides, others = f"{swap_eye.FROM_AT_SIDES:g}", f"{swap_eye.FROM:g}"
    assert f"rim-right and rim-left from {sides}, the six others from {others}." in said
