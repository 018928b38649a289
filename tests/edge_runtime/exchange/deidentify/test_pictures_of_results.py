"""What a picture may say of whose it is doesn't stand in results without names."""

import cv2
import numpy as np
import pytest

from edge_runtime.photo.decode import decode
from tests.edge_runtime.hospital.objects import make, save


def test_a_text_beside_the_eye_stands_in_no_picture(predict, eye, tmp_path):
    (tmp_path / "in").mkdir()
    named = eye.copy()
    cv2.putText(named, "ZYXWV", (3, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
    cv2.imwrite(str(tmp_path / "in" / "1_OD.png"), named[..., ::-1])
    for out, options in (("named", []), ("out", ["--deidentify", "--looked-at"])):
        predict(tmp_path / "in", "--out", tmp_path / out, *options)
    corners = {
        out: [
            int(decode(file.read_bytes()).pixels[: height // 20 + 1, : height // 4].max())
            for file in sorted((tmp_path / out).rglob("*.jpg"))
            if "average" not in file.name
            for height in (decode(file.read_bytes()).pixels.shape[0],)
        ]
        for out in ("named", "out")
    }
    assert min(corners["named"]) > 150
    assert max(corners["out"]) < 30
    assert len(corners["out"]) == len(corners["named"]) > 2


def test_a_picture_without_a_field_is_shown_black(predict, tmp_path):
    (tmp_path / "in").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "in" / "1_OD.png"), noise)
    predict(tmp_path / "in", "--out", tmp_path / "out", "--deidentify", "--looked-at")
    pictures = [*(tmp_path / "out" / "report").glob("*.jpg")]
    assert pictures
    assert all(decode(each.read_bytes()).pixels.max() < 10 for each in pictures)


def brightest(folder):
    """Tell the lightest blue of a photo's pictures, which the heat of evidence hasn't over black.

    Lines below the pictures, as of the disclaimer, are left out.
    """
    pictures = [decode(each.read_bytes()).pixels for each in (folder / "report").glob("*.jpg")
                if "average" not in each.name]  # fmt: skip
    assert pictures
    return max(int(each[: each.shape[0] // 2].max()) for each in pictures)


@pytest.mark.parametrize(
    ("told", "options", "is_shown"),
    [
        ("YES", [], False),
        (None, [], False),
        ("NO", [], True),
        ("YES", ["--looked-at"], True),
        ("jpeg", [], False),
        ("jpeg", ["--looked-at"], True),
    ],
)
def test_a_picture_in_which_a_name_may_stand_is_shown_black(
    predict, eye, jpeg, tmp_path, told, options, is_shown
):
    photo = tmp_path / "1_OD.jpg"
    if told == "jpeg":
        photo.write_bytes(jpeg)
    else:
        photo = save(make(eye, BurnedInAnnotation=told or "MAYBE"), tmp_path / "1.dcm")
    result = predict(photo, "--out", tmp_path / "out", "--deidentify", *options)
    assert result.exit_code == 0, result.output
    assert (brightest(tmp_path / "out") > 60) == is_shown
    said = "1 picture is shown black, as nobody says that no text stands in it; look at it, then"
    assert (f"{said} say --looked-at." in result.stderr) != is_shown
