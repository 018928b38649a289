"""Photographs and their masks are found, read and brought to the round field."""

import shutil

import cv2
import numpy as np
import pytest

from calibration.errors import LesionMasksError
from calibration.explanations.lesions.marked_photos import find_marked_photos
from calibration.explanations.lesions.masks import TARGETS, read_marks, read_mask
from edge_runtime.photo.decode import decode, read_photo
from edge_runtime.photo.field import Field
from edge_runtime.photo.round_field import round_field
from tests.calibration.explanations.lesions.drawn import SIZE, spots, write_marked


@pytest.fixture
def marked(tmp_path):
    write_marked(tmp_path / "set")
    return tmp_path / "set"


def marks_of(photo):
    """Give a photo's round field, that in the file's pixels, and its marks."""
    decoded = decode(read_photo(photo.photo.path))
    seen = round_field(decoded.pixels, size=SIZE)
    field = seen.field.scaled(decoded.pixels.shape[:2], decoded.size)
    return seen, field, read_marks(photo.masks, field, photo_size=decoded.size, size=SIZE)


def test_both_layouts_give_the_same_photos_and_marks(marked, tmp_path):
    write_marked(tmp_path / "idrid", idrid=True)
    ours, theirs = (find_marked_photos(each) for each in (marked, tmp_path / "idrid"))
    assert [each.photo.path.name for each in ours] == ["eye0.jpg", "eye1.jpg", "eye2.jpg"]
    assert [sorted(each.masks) for each in ours] == [
        ["haemorrhages", "hard_exudates"], ["haemorrhages", "hard_exudates"], ["hard_exudates"],
    ]  # fmt: skip
    for one, other in zip(ours, theirs, strict=True):
        assert one.photo.path.name == other.photo.path.name
        first, second = (marks_of(each)[2] for each in (one, other))
        np.testing.assert_array_equal(first.covered, second.covered)
        np.testing.assert_array_equal(first.spots, second.spots)


def test_marks_lie_where_the_photo_shows_them_and_keep_their_area(marked):
    photo = find_marked_photos(marked)[0]
    seen, field, marks = marks_of(photo)
    blood = marks.covered[TARGETS.index("haemorrhages")]
    shown = seen.image[blood > 200].astype(float)
    assert shown.mean(axis=0)[0] < 130  # the dark red that was drawn there
    per_pixel = abs(np.linalg.det(field.to_square(SIZE)[:, :2]))
    drawn = (cv2.imread(str(photo.masks["haemorrhages"]), 0) > 0).sum()
    assert blood.sum() / 255 == pytest.approx(drawn * per_pixel, rel=0.03)
    assert marks.spots.tolist() == [0, 1, 2, 0, 3, 0]
    together = marks.covered[TARGETS.index("all_lesions")]
    np.testing.assert_allclose(together, marks.covered[:4].sum(axis=0), atol=2)


def test_the_disc_is_no_lesion(marked):
    lesions, disc = marked / "masks" / "haemorrhages", marked / "masks" / "optic_disc"
    lesions.rename(disc)
    marks = marks_of(find_marked_photos(marked)[0])[2]
    together, at = marks.covered[TARGETS.index("all_lesions")], TARGETS.index("optic_disc")
    np.testing.assert_array_equal(together, marks.covered[TARGETS.index("hard_exudates")])
    assert marks.covered[at].any()
    assert marks.spots.tolist() == [0, 0, 2, 0, 2, 1]


def test_a_spot_of_a_few_camera_pixels_is_not_lost(tmp_path):
    mask = spots((2848, 4288), [(0.5, 0.5)], 4)
    cv2.imwrite(str(tmp_path / "m.png"), mask)
    field = Field.of_box(600, 0, 3400, 2848)
    marks = read_marks(
        {"microaneurysms": tmp_path / "m.png"}, field, photo_size=(2848, 4288), size=SIZE
    )
    area = marks.covered[0].sum() / 255
    expected = (mask > 0).sum() * abs(np.linalg.det(field.to_square(SIZE)[:, :2]))
    assert area == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("depth", [1, 8])
def test_whatever_is_not_black_is_marked(tmp_path, depth):
    mask = np.zeros((60, 80), np.uint8)
    mask[10:20, 30:40] = 255 if depth == 1 else 1
    options = [cv2.IMWRITE_PNG_BILEVEL, 1] if depth == 1 else []
    cv2.imwrite(str(tmp_path / "m.png"), mask, options)
    found = read_mask(tmp_path / "m.png", size=(60, 80))
    np.testing.assert_array_equal(found, (mask > 0) * np.uint8(255))


def spoil(folder, how):
    """Spoil a dataset in one way."""
    mask = folder / "masks" / "hard_exudates" / "eye1.png"
    if how == "no photos":
        shutil.rmtree(folder / "images")
    elif how == "no masks":
        shutil.rmtree(folder / "masks")
    elif how == "a mask of no photo":
        shutil.copy(mask, mask.with_name("eye9.png"))
    elif how == "an unknown kind":
        mask.parent.rename(folder / "masks" / "vessels")
    elif how == "two photos":
        (folder / "more").mkdir()
        shutil.copy(folder / "images" / "eye1.jpg", folder / "more")
    elif how == "two masks":
        shutil.copy(mask, mask.with_name("eye1_EX.png"))
    elif how == "another size":
        cv2.imwrite(str(mask), cv2.imread(str(mask), 0)[:-3])
    elif how == "nearly all":
        cv2.imwrite(str(mask), 255 - cv2.imread(str(mask), 0))
    elif how == "cut":
        mask.write_bytes(mask.read_bytes()[:200])
    elif how == "a JPEG":
        cv2.imwrite(str(mask.with_suffix(".jpg")), cv2.imread(str(mask), 0))
        mask.unlink()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("no photos", "set: no photograph here; expected them in images/"),
        ("no masks", "set: no mask here; expected masks/KIND/"),
        ("a mask of no photo", "eye9.png: there is no photograph 'eye9'"),
        ("an unknown kind", "eye0.png: a mask of what isn't known; its folder must be one of"),
        ("two photos", "eye1.jpg: has the same name as"),
        ("two masks", "eye1_EX.png: marks the same as"),
        ("another size", "eye1.png: the mask has "),
        ("nearly all", "eye1.png: it marks most of the picture"),
        ("cut", "eye1.png: the mask is truncated"),
        ("a JPEG", "eye1.jpg: the mask is no mask; save it as PNG"),
    ],
)
def test_what_is_wrong_is_said_with_the_file(marked, how, said):
    spoil(marked, how)
    with pytest.raises(LesionMasksError) as caught:
        [marks_of(photo) for photo in find_marked_photos(marked)]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(LesionMasksError, match="no such folder; expected one with images/"):
        find_marked_photos(tmp_path / "nowhere")
