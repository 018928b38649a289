"""Say what is asked of a photo before it may be graded."""

from dataclasses import dataclass, fields

_LARGEST = 1e9  # no measure comes near, and a whole number without end is no float


@dataclass(frozen=True)
class QualityLimits:
    """Between which measures a photo is gradable; a manifest's ``quality`` may set its own.

    The defaults were set on the training and validation photographs of the package's model with
    ``benchmarks/quality_gate.py``.
    """

    field_min: float = 96.0
    brightness_min: float = 28.0
    brightness_max: float = 204.0
    frame_min: float = 0.10
    gaps_max: float = 0.16
    colour_min: float = 0.01
    grain_max: float = 0.06
    detail_min: float = 0.0024
    sharpness_min: float = 0.30
    sharpness_max: float = 0.95


def parse_limits(raw: object) -> QualityLimits:
    """Read a manifest's ``quality``: any of the limits, by name; the others keep their defaults.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "manifest.json".
    """
    if not isinstance(raw, dict):
        raise ValueError("has 'quality' that isn't an object")
    known = {field.name for field in fields(QualityLimits)}
    for name, value in raw.items():
        if name not in known:
            raise ValueError(f"has 'quality.{name}', which this version doesn't know")
        if type(value) not in (int, float) or not abs(value) < _LARGEST:
            raise ValueError(f"has 'quality.{name}' that isn't a number of a measure's size")
    return QualityLimits(**{name: float(value) for name, value in raw.items()})
