"""Run the analysis of stability on photos with a model of a bundle."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from calibration.explanations.known_photos import KnownPhoto
from calibration.explanations.stability.record import StabilityRecord
from calibration.explanations.stability.shake import BATCH, shake
from calibration.explanations.stability.shaken import Shaken, ShakeOptions
from calibration.explanations.stability.stability import summarise
from calibration.models.model_under_test import open_model
from edge_runtime.bundle.bundle import Bundle


def run_stability(
    bundle: Bundle,
    photos: Sequence[KnownPhoto],
    *,
    model: str | None = None,
    threads: int | None = None,
    options: ShakeOptions,
    on_picture: Callable[[int], None] = lambda count: None,
) -> tuple[StabilityRecord, Shaken]:
    """Perturb photos, ask the model, and summarise.

    Args:
        bundle: Where the model is.
        photos: The files.
        model: As in ``EngineOptions``.
        threads: Likewise.
        options: What to do.
        on_picture: Called with the number of pictures that are done.

    Raises:
        UnknownNameError: The bundle has no such model.
        NoPhotoLeftError: No photo is left.
        AnswerInvalidError: The model's answer isn't numbers.
    """
    tested = replace(open_model(bundle, model, threads=threads), batch=BATCH)
    shaken = shake(
        tested, photos, options=options, limits=bundle.manifest.quality, on_picture=on_picture
    )
    record = summarise(
        shaken,
        model=str(tested.file),
        bundle=(bundle.manifest.name, bundle.identity),
        size=tested.input_size,
        options=options,
    )
    return record, shaken
