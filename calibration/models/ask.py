"""Ask a model about the photos of an evaluation set."""

from collections.abc import Callable

from calibration.models.evaluation_set import EvaluationSet, Images
from calibration.models.model_under_test import ModelUnderTest, Outputs, run_model


def ask(
    tested: ModelUnderTest,
    data: EvaluationSet,
    *,
    change: Callable[[Images], Images] = lambda images: images,
    on_photo: Callable[[int], None] = lambda count: None,
) -> Outputs:
    """Ask a model about the photos that have a class, or about what ``change`` makes of them.

    ``on_photo`` is called with the number of photos after each batch.
    """
    images = change(data.images(tested.input_size))
    return run_model(tested, images, data.classes, on_photo=on_photo)


def ask_others(
    tested: ModelUnderTest,
    data: EvaluationSet,
    *,
    on_photo: Callable[[int], None] = lambda count: None,
) -> Outputs | None:
    """Ask a model about the photos without a class; None where there are none."""
    if not data.others:
        return None
    images = data.other_images(tested.input_size)
    return run_model(tested, images, data.classes, on_photo=on_photo)
