"""What older versions wrote of drift is read, and what it lacks isn't made up."""

import numpy as np
from msgspec import UNSET

from calibration.compare.map_drift import WorstPhoto, other_photos
from edge_runtime.system.codec import plain, read

OLD = {
    "pearson": 0.5, "spearman": 0.4, "ssim": 0.3, "iou": 0.2, "emd_pixels": 40.0,
    "peak_pixels": 64.0, "photo": "a.jpg", "index": 3, "true": "normal", "explained": "glaucoma",
    "confidence_original": 0.9, "confidence_model": 0.8,
}  # fmt: skip


def test_a_worst_photo_of_an_older_record_has_no_jensen_shannon_distance_rather_than_none():
    found = read(OLD, WorstPhoto)
    assert found.jensen_shannon is UNSET
    assert plain(found) == OLD
    assert read(OLD | {"jensen_shannon": 0.7}, WorstPhoto).jensen_shannon == 0.7


def test_another_photo_is_of_another_group_and_of_the_class_and_the_side_where_one_is():
    tops = np.array([0, 0, 0, 0, 1, 1, 2])
    sides = ["left", "left", "left", "right", "left", "right", None]
    draws = [other_photos(tops, np.array([0, 0, 1, 1, 2, 3, 4]), sides, seed=n) for n in range(40)]
    assert {found[0] for found in draws} == {2}  # class, side and another group
    assert {found[3] for found in draws} == {0, 1}  # no right one of the class
    assert {found[4] for found in draws} == {5}  # nor a left one
    assert {found[6] for found in draws} == set(range(6))  # nor any of the class
    assert other_photos(tops[:2], np.array([0, 0]), sides[:2], seed=0) == [None, None]
