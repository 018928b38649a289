"""Ask the original and the models under test about the same photos, and compare their maps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from calibration.compare.map_drift import (
    Drifts,
    chance_drifts,
    drifts,
    mirror,
    mirrored_back,
    nudge,
)
from calibration.models.ask import ask, ask_others
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

    ``original`` and ``outputs`` are of the photos with a class; ``original_all`` and
    ``outputs_all`` have those too and behind them, where there are any, the photos without one.
    ``drifts`` are every model's by photo, ``controls`` those of the original alone.
    """

    original: Outputs
    original_all: tuple[Outputs, ...]
    outputs: Mapping[str, Outputs]
    outputs_all: Mapping[str, tuple[Outputs, ...]]
    drifts: Mapping[str, Drifts]
    controls: Mapping[str, Drifts]


def ask_models(
    models: Models,
    data: EvaluationSet,
    *,
    input_size: tuple[int, int],
    seed: int,
    on_photo: Callable[[int, int], None] = lambda done, total: None,
) -> Answers:
    """Ask all models about all photos.

    Args:
        models: The models.
        data: The photos.
        input_size: (height, width) in pixels, which the maps cover.
        seed: Of the control by chance.
        on_photo: Called with the photos answered so far by all models, and all there will be.
    """
    asked = _Asked(data, models, on_photo)
    original, *others = asked.all(models.original)
    found = {name: asked.all(tested) for name, tested in models.tested.items()}
    outputs = {name: parts[0] for name, parts in found.items()}
    nudged = asked.known(
        models.original, lambda images: nudge(images, feature=original.cam.shape[2:])
    )
    mirrored = asked.known(models.original, mirror)
    controls = {
        "nudged": drifts(original, nudged, input_size=input_size),
        "mirrored": drifts(original, mirrored_back(mirrored), input_size=input_size),
        "mirrored_in_place": drifts(original, mirrored, input_size=input_size),
        "chance": chance_drifts(original, data.groups, input_size=input_size, seed=seed),
    }
    if models.second is not None:
        controls["other_training"] = drifts(
            original, asked.known(models.second), input_size=input_size
        )
    drifted = {
        name: drifts(original, said, input_size=input_size) for name, said in outputs.items()
    }
    return Answers(original, (original, *others), outputs, found, drifted, controls)


class _Asked:
    """Asks models about photos and counts the photos for a progress bar."""

    def __init__(
        self, data: EvaluationSet, models: Models, on_photo: Callable[[int, int], None]
    ) -> None:
        self._data, self._on_photo = data, on_photo
        every = len(models.tested) + 1
        changed = 2 + (models.second is not None)  # the original's nudged and mirrored photos
        self._total = (every + changed) * len(data.photos) + every * len(data.others)
        self._done = 0

    def known(
        self, tested: ModelUnderTest, change: Callable[[Images], Images] = lambda images: images
    ) -> Outputs:
        """Ask a model about the photos with a class, or about what ``change`` makes of them."""
        return ask(tested, self._data, change=change, on_photo=self._advance)

    def all(self, tested: ModelUnderTest) -> tuple[Outputs, ...]:
        """Ask a model about the photos with a class and, where there are any, the others."""
        known = self.known(tested)
        others = ask_others(tested, self._data, on_photo=self._advance)
        return (known,) if others is None else (known, others)

    def _advance(self, count: int) -> None:
        self._done += count
        self._on_photo(self._done, self._total)
