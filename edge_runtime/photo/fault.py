"""Tell whether a photo can be graded, from what was measured on it."""

from edge_runtime.bundle.quality_limits import QualityLimits
from edge_runtime.photo.quality import Quality


def fault(quality: Quality, limits: QualityLimits) -> str | None:
    """Say why a photo can't be graded; None if it can.

    Args:
        quality: From ``measure``.
        limits: What is asked of it.

    Returns:
        A clause to stand after "ungradable:", the first of the faults that were found.
    """
    shape, light = quality.shape, quality.light
    found = {
        f"the field of view is less than {limits.field_min:.0f} pixels wide; give the photo as the "
        "camera made it": (quality.field is not None and quality.field < limits.field_min),
        "the photo is too dark": quality.brightness < limits.brightness_min,
        "the photo is too bright": quality.brightness > limits.brightness_max,
        "it shows more than one field of view; give each eye as a photo of its own": (
            shape.fields > 1
        ),
        "a flash reflex or glare covers a part of the field": (
            light.white > limits.white_max or light.reflex > limits.reflex_max
        ),
        "no round field of view on a dark frame, so it doesn't look like a fundus": (
            quality.frame < limits.frame_min
        ),
        "a large part of the field of view is missing or dark": (
            quality.gaps > limits.gaps_max
            or light.missing > limits.missing_max
            or light.dark > limits.dark_max
            or shape.chord > limits.chord_max
            or shape.fill < limits.fill_min
        ),
        "a part of the field of view is evenly grey, as in a damaged file": (
            light.even > limits.even_max
        ),
        "it isn't reddish, as a fundus in white light is": quality.colour < limits.colour_min,
        "it is full of edges or noise, so it doesn't look like a fundus": (
            quality.grain > limits.grain_max or quality.sharpness > limits.sharpness_max
        ),
        "the field of view is empty: no vessel or disc stands out": (
            quality.detail < limits.detail_min
        ),
        "the photo is blurred": (
            quality.sharpness < limits.sharpness_min
            or (
                quality.outline is not None
                and quality.outline > limits.outline_max
                and quality.crispness < limits.crispness_min
            )
        ),
    }
    return next((reason for reason, holds in found.items() if holds), None)
