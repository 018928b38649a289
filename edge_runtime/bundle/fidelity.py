"""How the maps from a bundle's class gradients follow the exact ones."""

from dataclasses import dataclass

from msgspec import UNSET, UnsetType


@dataclass(frozen=True)
class Fidelity:
    """How the maps of the fixed mode follow the exact ones: Pearson correlations, over photos."""

    photos: int
    correlation_predicted_class_median: float
    correlation_predicted_class_p05: float
    correlation_all_classes_median: float


@dataclass(frozen=True)
class GradientsEntry:
    """The file with the class gradients, from how many photos, and how they follow exact ones."""

    file: str
    calibration_photos: int | UnsetType = UNSET
    fidelity: Fidelity | UnsetType = UNSET
