"""Records as a run writes them, without a model."""

from edge_runtime.bundle.referral import Referral
from edge_runtime.photo.field import Field
from edge_runtime.predict.record import (
    BundleIdentity,
    ErrorRecord,
    Explanation,
    GradedRecord,
    ModelIdentity,
    UngradableRecord,
)

REST = (
    ModelIdentity("int8", "int8", "0" * 64, ("CPU",), "passed"),
    BundleIdentity("b", "1" * 64),
    "for study",
)


def graded(path="a.jpg", score=0.5, *, limit=0.25, caution=None, decided=True, overlay=None):
    """Describe a photo with so much for glaucoma, which is referred from the limit on."""
    referral = Referral(score >= limit, score, limit, "because") if decided else None
    named = {} if overlay is None else {"overlay": overlay}
    return GradedRecord(
        path, "glaucoma", score, referral, caution, None,
        {"glaucoma": score, "normal": 1 - score}, None,
        (Explanation("glaucoma", True, 1.0, 0.0, **named),), "exact", None, (480, 640),
        Field(320, 240, 470, 460, 3), {}, *REST,
    )  # fmt: skip


def ungradable(path="dark.jpg"):
    return UngradableRecord(path, "the photo is too dark", *REST)


def unreadable(path="cut.jpg"):
    return ErrorRecord(path, f"{path}: the JPEG file is truncated", *REST)


def forget(store, *numbers):
    """Take records out of a store."""
    with store.at_once() as ask:
        for number in numbers:
            ask("DELETE FROM photos WHERE number = ?", (number,))
