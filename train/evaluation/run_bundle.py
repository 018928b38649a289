"""Ask a model of a bundle about photos as the device does, each photo once."""

from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.photo.prepare import Prepared, decode_timed
from edge_runtime.predict.classifier import Classifier
from edge_runtime.system.look_ahead import look_ahead
from train.errors import PhotosUnreadableError
from train.evaluation.answered import Answered, Photos
from train.evaluation.evaluated import Evaluated, bar

_LOOK_AHEAD = 2  # photos decoded beyond the one that is asked about: each may be 300 MB


def ask_bundle(classifier: Classifier, found: Evaluated) -> Answered:
    """Run every photo through the runtime's own path: decoding, field, quality gate, network, map.

    A photo that the gate turns away is asked about all the same, so that one pass gives the
    figures with the gate and without. A progress bar is shown on stderr.

    Args:
        classifier: With its quality gate.
        found: The photos, at least one.

    Raises:
        PhotosUnreadableError: Some photos can't be read; the sentence counts and names them.
        AnswerInvalidError: The model's answer to a photo isn't numbers.
    """

    def prepare(path: Path) -> Prepared:
        decoded, decode_ms = decode_timed(path, max_pixels=classifier.max_pixels)
        return classifier.prepare_decoded(decoded, decode_ms=decode_ms)

    rows, broken = [], []
    paths = [photo.path for photo in found.photos]
    with (
        bar(len(paths), f"predicting {found.split}") as predicting,
        closing(look_ahead(prepare, paths, ahead=_LOOK_AHEAD)) as answers,
    ):
        for coming in answers:
            try:
                prepared = coming.result()
            except (PhotoNotFoundError, PhotoUnreadableError) as error:
                broken.append(str(error))
            else:
                rows.append(_ask(classifier, prepared))
            predicting.update(1)
    if broken:
        raise PhotosUnreadableError(found.root, broken)
    images, probabilities, cams, faults = zip(*rows, strict=True)
    maps, manifest = np.stack(cams), classifier.bundle.manifest
    return Answered(
        Photos(found.names, found.truth, found.groups, np.stack(images)),
        np.stack(probabilities),
        manifest.classes,
        lambda chosen: maps[chosen],
        faults,
        manifest.for_model(classifier.session.name).thresholds,
        manifest.evidence_outside_max,
    )


_Row = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32], npt.NDArray[np.float32], str | None]


def _ask(classifier: Classifier, prepared: Prepared) -> _Row:
    prediction = classifier.answer(prepared)
    probabilities = np.array(list(prediction.probabilities.values()), np.float32)
    fault = prepared.fault or prediction.fault
    return prepared.image, probabilities, prediction.cam[probabilities.argmax()], fault
