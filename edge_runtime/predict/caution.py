"""Say why a prediction shouldn't be relied on."""

from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.predict.familiarity import STRANGE, Likeness


def without_eye(said: str | None, dicom: DicomFacts | None) -> str:
    """Leave the doubt about the eye out of a caution; "" where nothing else is in it.

    Args:
        said: What ``caution`` gave.
        dicom: What a DICOM file says of the photo, as there.
    """
    if not said or dicom is None or dicom.eye_doubt is None:
        return said or ""
    return said.removesuffix(dicom.eye_doubt.text).removesuffix("; ")


def caution(
    outside: float, limit: float, like: Likeness | None, dicom: DicomFacts | None = None
) -> str | None:
    """Say why a prediction shouldn't be relied on; None if nothing speaks against it.

    Args:
        outside: The share 0..1 of the predicted class's evidence outside of the lit field.
        limit: The manifest's ``evidence_outside_max``.
        like: How the photo compares with those of training, if known.
        dicom: What a DICOM file says of it, whose doubt about the eye stands last.
    """
    cautions = []
    if outside > limit:
        cautions.append(
            f"{outside:.0%} of the evidence lies outside of the eye, more than {limit:.0%}: don't "
            "rely on this result"
        )
    if like is not None and like.share < STRANGE:
        cautions.append(
            f"it looks stranger to the model than {1 - STRANGE:.0%} of its validation photographs: "
            "look at it yourself"
        )
    if dicom is not None and dicom.eye_doubt is not None:
        cautions.append(dicom.eye_doubt.text)
    return "; ".join(cautions) or None
