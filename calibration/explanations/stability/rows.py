"""Write the figures of a stability record as rows of text, for the page and the console."""

from calibration.compare.similarity import MEASURES
from calibration.explanations.estimate import Estimate
from calibration.explanations.stability.record import StabilityRecord
from edge_runtime.results.shown import number, percent

Row = tuple[str, ...]

AREA_HEADS = (
    "perturbation",
    "map kept, 0 to 1",
    "95 % interval",
    "class kept, 0 to 1",
    "correlation where the class held",
    "where it changed",
)
BASELINE_HEADS = ("in place of the photo's own map", "map kept, 0 to 1", "95 % interval")
STRENGTH_HEADS = (
    "strength",
    "amount",
    "class changed",
    "95 % interval",
    "probability moved by",
    "correlation",
    "95 % interval",
    "overlap",
    "where the class held",
    "where it changed",
)
MOVE_HEADS = ("moved", "map kept, carried back", "as it stands", "a map that follows the eye")
MEASURE_TITLES = {
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "ssim": "SSIM",
    "iou": "overlap of the hottest tenth",
    "jensen_shannon": "Jensen-Shannon distance",
    "emd_pixels": "earth mover's distance",
    "peak_pixels": "distance of the peaks",
}


def area_rows(record: StabilityRecord) -> list[Row]:
    """List the perturbations, the one under which maps are kept least first."""
    rows = [
        (
            name,
            number(of.areas["pearson"].value),
            interval(of.areas["pearson"]),
            number(of.class_area.value),
            with_photos(of.held["pearson"]),
            with_photos(of.flipped["pearson"]),
        )
        for name, of in record.perturbations.items()
    ]
    return sorted(rows, key=lambda row: row[1])


def measure_rows(record: StabilityRecord) -> list[Row]:
    """List the area of each measure by perturbation, and of the baselines in their place."""
    areas = {name: of.areas for name, of in record.perturbations.items()}
    chance = {name: of.closeness for name, of in record.baselines.items()}
    return [
        (name, *(number(of[measure].value) for measure in MEASURES))
        for name, of in (areas | chance).items()
    ]


def baseline_rows(record: StabilityRecord) -> list[Row]:
    """List what maps that weren't made of the photo reach."""
    return [
        (name, number(of.closeness["pearson"].value), interval(of.closeness["pearson"]))
        for name, of in record.baselines.items()
    ]


def move_rows(record: StabilityRecord) -> list[Row]:
    """List the map carried back, the map as it stands, and a map that moves with the eye."""
    return [
        (name, *(number(each["pearson"].value) for each in (of.areas, of.uncarried, of.followed)))
        for name, of in record.perturbations.items()
        if of.followed
    ]


def strength_rows(record: StabilityRecord, name: str) -> list[Row]:
    """List the strengths of one perturbation."""
    return [
        (
            str(at.strength),
            f"{at.amount:g}",
            "-" if at.changed.value is None else percent(at.changed.value),
            interval(at.changed),
            number(at.probability_moved.value),
            number(at.all["pearson"].value),
            interval(at.all["pearson"]),
            number(at.all["iou"].value),
            with_photos(at.held["pearson"]),
            with_photos(at.flipped["pearson"]),
        )
        for at in record.perturbations[name].strengths
    ]


def noise_rows(record: StabilityRecord) -> list[Row]:
    """List what noise that is hardly seen does to the map."""
    noise = record.noise
    return [
        ("map's largest change, as a share of its own size", number(noise.relative.value),
         interval(noise.relative)),
        ("the same if it were another photo's map", number(noise.other_photo.value),
         interval(noise.other_photo)),
        ("max-sensitivity, logits", number(noise.max_sensitivity.value),
         interval(noise.max_sensitivity)),
        ("local Lipschitz estimate, logits per unit of the picture (samples 0 to 1)",
         number(noise.lipschitz.value), interval(noise.lipschitz)),
    ]  # fmt: skip


def reliability_rows(record: StabilityRecord) -> list[Row]:
    """List for each measure how far photos agree on the order of the perturbations."""
    return [
        (
            MEASURE_TITLES[name],
            number(of.single),
            "-" if of.interval is None else _span(*of.interval),
            number(of.halves),
            "-" if of.halves_from is None or of.halves_to is None
            else _span(of.halves_from, of.halves_to),
        )
        for name, of in record.reliability.items()
    ]  # fmt: skip


def left_out_rows(record: StabilityRecord) -> list[Row]:
    """Name the photos of which nothing was measured, and why."""
    return [(each.path, each.reason) for each in record.left_out]


def interval(mean: Estimate) -> str:
    """Write a figure's interval, a dash where it has none."""
    return "-" if mean.interval is None else _span(*mean.interval)


def with_photos(mean: Estimate) -> str:
    """Write a figure with the number of its photos."""
    return "- (0)" if mean.value is None else f"{number(mean.value)} ({mean.photos})"


def _span(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}"
