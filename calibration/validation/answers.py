"""Ask the original and the models under test about the same photos, and compare their maps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from calibration.compare.map_drift import (
    Distances,
    chance_distances,
    distances,
    mirror,
    mirrored_back,
    nudge,
)
from calibration.models.ask import ask
from calibration.models.evaluation_set import EvaluationSet, Images
from calibration.models.model_under_test import ModelUnderTest, Outputs


@dataclass(frozen=True, eq=False)
class Models:
    """The original, the models under test by name, and another training of the original, if any."""

    original: ModelUnderTest
    tested: Mapping[str, ModelUnderTest]
    second: ModelUnderTest | None


@dataclass(frozen=True, eq=False)
class Answers:
    """What the original and every model under test say of the photos, and how far maps drift.

    ``drifts`` are every model's by photo, ``controls`` those of the original alone.
    """

    original: Outputs
    outputs: Mapping[str, Outputs]
    drifts: Mapping[str, Distances]
    controls: Mapping[str, Distances]


def ask_models(
    models: Models,
    data: EvaluationSet,
    *,
    input_size: tuple[int, int],
    seed: int,
    on_photo: Callable[[int, int], None] = lambda done, total: None,
) -> Answers:
    """Ask all models about all photos.

    The maps cover ``input_size``, (height, width) in pixels; ``seed`` is that of the control by
    chance; ``on_photo`` is called with the photos answered so far by all models, and all there
    will be.
    """
    every, changed = 1 + len(models.tested), 2 + (models.second is not None)
    total = every * (len(data.photos) + len(data.others)) + changed * len(data.photos)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        on_photo(done, total)

    def alone(
        tested: ModelUnderTest, change: Callable[[Images], Images] = lambda images: images
    ) -> Outputs:
        return ask(tested, data, change=change, on_photo=advance)

    def apart(said: Outputs) -> Distances:
        return distances(original, said, input_size=input_size)

    original, *said = (
        ask(tested, data, others=True, on_photo=advance)
        for tested in (models.original, *models.tested.values())
    )
    outputs = dict(zip(models.tested, said, strict=True))
    feature = original.cam.shape[2:]
    nudged = alone(models.original, lambda images: nudge(images, feature=feature))
    mirrored = alone(models.original, mirror)
    controls = {
        "nudged": apart(nudged),
        "mirrored": apart(mirrored_back(mirrored)),
        "mirrored_in_place": apart(mirrored),
        "chance": chance_distances(
            original, data.groups, data.sides, input_size=input_size, seed=seed
        ),
    }
    if models.second is not None:
        controls["other_training"] = apart(alone(models.second))
    return Answers(
        original, outputs, {name: apart(found) for name, found in outputs.items()}, controls
    )
