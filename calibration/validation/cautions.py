"""Say what a validation's figures don't."""

from calibration.validation.record import ValidationRecord

#: Below so many photos one of them is more than the share that the agreement gate allows.
FEW_PHOTOS = 100


def cautions(record: ValidationRecord) -> tuple[str, ...]:
    """List what a reader must know of a validation beside its verdict, a sentence each."""
    data, found = record.data, []
    if data.photos < FEW_PHOTOS:
        found.append(
            f"{data.photos} photos are few: intervals are wide, and gates on shares of photos "
            "say little."
        )
    if not data.is_the_training_data:
        found.append("The data isn't the dataset that the model was trained on and measured with.")
    elif data.split == "val_dir":
        found.append(
            "val_dir also chose the model's training and, in a calibrated bundle, its temperature "
            "and thresholds."
        )
    back, in_place = (
        record.controls[key].measures.get("pearson") for key in ("mirrored", "mirrored_in_place")
    )
    if back and in_place and in_place.median > back.median:
        found.append(
            "The original's heatmaps follow the frame rather than the eye: when the photo is "
            f"mirrored, they correlate with the first ones by {back.median:.2f} turned back, but "
            f"by {in_place.median:.2f} in place."
        )
    return tuple(found)
