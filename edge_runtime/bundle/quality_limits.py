"""Say what is asked of a photo before it may be graded."""

from dataclasses import dataclass, fields
from typing import Annotated

from msgspec import Meta

#: No measure comes near the bounds.
_Limit = Annotated[float, Meta(gt=-1e9, lt=1e9, description="a number of a measure's size")]


@dataclass(frozen=True)
class QualityLimits:
    """Between which measures a photo is gradable; a manifest's ``quality`` may set its own.

    They are of the measures of ``photo.quality``. A photo is blurred below ``sharpness_min``, and
    below ``crispness_min`` too where the outline of its field is softer than ``outline_max``.

    The defaults were set on the training and validation photographs of the package's model with
    ``benchmarks/quality_gate.py``.
    """

    field_min: _Limit = 96.0
    brightness_min: _Limit = 17.0
    brightness_max: _Limit = 222.0
    frame_min: _Limit = 0.10
    gaps_max: _Limit = 0.16
    colour_min: _Limit = 0.001
    grain_max: _Limit = 0.06
    detail_min: _Limit = 0.0011
    sharpness_min: _Limit = 0.12
    sharpness_max: _Limit = 0.95
    outline_max: _Limit = 1.3
    crispness_min: _Limit = 1.3
    chord_max: _Limit = 0.72
    fill_min: _Limit = 0.62
    missing_max: _Limit = 0.25
    dark_max: _Limit = 0.2
    even_max: _Limit = 0.15
    white_max: _Limit = 0.4
    reflex_max: _Limit = 0.06


def check_limits(manifest: object) -> None:
    """Check that a manifest sets no limit that this version doesn't know.

    Args:
        manifest: As parsed.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after "manifest.json".
    """
    given = manifest.get("quality", {}) if isinstance(manifest, dict) else {}
    for name in given:
        if name not in {field.name for field in fields(QualityLimits)}:
            raise ValueError(f"has 'quality.{name}', which this version doesn't know")
