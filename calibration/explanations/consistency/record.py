"""What ``explain consistency --json`` prints: whether what is alike is explained alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from calibration.explanations.consistency.compare_photos import PhotoLikeness
from calibration.explanations.consistency.mirror_alone import MirrorAlone
from calibration.explanations.consistency.pairs import CopySearch
from calibration.explanations.likeness import Measures
from calibration.explanations.similarity.compare_models import ModelLikeness
from calibration.explanations.store.info import StoreInfo
from edge_runtime.contract import DISCLAIMER

EYES, REPEATED, SAME, NEAR = "both eyes", "repeated photos", "same bytes", "near copies"

#: What each kind of pairs is.
KINDS = {
    EYES: "A person's right eye and the left one mirrored, the first photo of either: one pair a "
    "person. The eyes of a person are alike, but not the same; a disease may be in one of them.",
    REPEATED: "Other photos of the same eye of the same person, each with the one before it. The "
    "camera was moved in between, and time may have passed.",
    SAME: "Files of the same bytes. Their maps must be equal.",
    NEAR: "Photos of other bytes that show the same picture or eye by its content, found as by "
    "'fundus-edge audit'; the second's map is mirrored where the photo is. Turned copies aren't "
    "turned back.",
}


@dataclass(frozen=True)
class OtherModel:
    """Another store, and how alike its model explains the same photos."""

    name: str
    store: StoreInfo
    result: ModelLikeness


@dataclass(frozen=True)
class ConsistencyRecord:
    """How alike the explanations of things are that should be explained alike.

    ``photos`` of ``persons`` were graded, ``refused`` ones are left out. ``pairs`` are by kind:
    both eyes, repeated photos, same bytes, near copies. ``random_pairs`` are of photos of different
    persons, each map of the class predicted there. ``mirror`` is None where no bundle was given, or
    no file lies where it did, as ``mirror_missing`` says.
    """

    store: StoreInfo
    photos: int
    persons: int
    refused: int
    field_degrees: float
    resamples: int
    seed: int
    pairs: Mapping[str, PhotoLikeness]
    copies: CopySearch
    random_pairs: Measures
    models: tuple[OtherModel, ...]
    mirror: MirrorAlone | None
    mirror_missing: str | None
    disclaimer: str = DISCLAIMER
