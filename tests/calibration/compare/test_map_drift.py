"""What older versions wrote of drift is read, and what it lacks isn't made up."""

from msgspec import UNSET

from calibration.compare.map_drift import WorstPhoto
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
