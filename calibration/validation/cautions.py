"""Say what a validation's figures don't."""

from collections.abc import Mapping
from typing import Any

#: Below so many photos one of them is more than the share that the agreement gate allows.
FEW_PHOTOS = 100


def cautions(record: Mapping[str, Any]) -> list[str]:
    """List what a reader must know of a validation beside its verdict, a sentence each.

    Args:
        record: What ``validation.json`` holds.
    """
    data = record["data"]
    found = []
    if data["photos"] < FEW_PHOTOS:
        found.append(
            f"{data['photos']} photos are few: intervals are wide, and gates on shares of photos "
            "say little."
        )
    if not data["is_the_training_data"]:
        found.append("The data isn't the dataset that the model was trained on and measured with.")
    elif data["split"] == "val_dir":
        found.append(
            "val_dir also chose the model's training and, in a calibrated bundle, its temperature "
            "and thresholds."
        )
    controls = [
        record["controls"][key]["measures"].get("pearson", {}).get("median")
        for key in ("mirrored", "mirrored_in_place")
    ]
    if None not in controls and controls[1] > controls[0]:
        found.append(
            "The original's heatmaps follow the frame rather than the eye: when the photo is "
            f"mirrored, they correlate with the first ones by {controls[0]:.2f} turned back, but "
            f"by {controls[1]:.2f} in place."
        )
    return found
