"""Take photos through the classifier, one record each, whatever is wrong with some of them."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge_runtime.classifier import Classifier, Prediction, decode_timed
from edge_runtime.contract import DISCLAIMER
from edge_runtime.decode import Photo
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.referral import referral


@dataclass(frozen=True, eq=False)
class Screened:
    """One photo's outcome: either ``photo`` and ``prediction``, or ``error``, a sentence."""

    path: Path
    photo: Photo | None = None
    prediction: Prediction | None = None
    error: str | None = None


def screen(classifier: Classifier, paths: Iterable[Path]) -> Iterator[Screened]:
    """Predict photos one after the other; one that can't be read doesn't stop the others."""
    for path in paths:
        try:
            photo, decode_ms = decode_timed(path)
        except (PhotoNotFoundError, PhotoUnreadableError) as error:
            yield Screened(path, error=str(error))
            continue
        yield Screened(path, photo, classifier.predict_decoded(photo, decode_ms=decode_ms))


def chosen_classes(prediction: Prediction, choice: str) -> tuple[str, ...]:
    """Say which classes to explain: "top" is the predicted one, "all" are all, else a name."""
    if choice == "top":
        return (prediction.class_name,)
    return tuple(prediction.probabilities) if choice == "all" else (choice,)


def to_record(
    screened: Screened, classifier: Classifier, *, choice: str, overlays: dict[str, str]
) -> dict[str, Any]:
    """Turn an outcome into the record that ``--json`` and ``results.jsonl`` show.

    Its path is the file's true one; what shows it to a person makes it printable.

    Args:
        screened: The outcome.
        classifier: What made it.
        choice: Which classes are explained: "top", "all" or a class name.
        overlays: The overlay's file by class name, for the overlays that were written.
    """
    bundle, session = classifier.bundle, classifier.session
    identity = {
        "model": {
            "name": session.name,
            "precision": session.entry.precision,
            "sha256": bundle.manifest.files[session.entry.file].sha256,
        },
        "bundle": {"name": bundle.manifest.name, "identity": bundle.identity},
        "disclaimer": DISCLAIMER,
    }
    path = str(screened.path)
    prediction = screened.prediction
    if prediction is None:
        return {"path": path, "status": "error", "error": screened.error, **identity}
    explanations = []
    for name in chosen_classes(prediction, choice):
        heat = prediction.heatmap(name)
        explanation = {
            "class": name,
            "positive_evidence": heat.positive,
            "evidence_logits": round(heat.evidence, 4),
        }
        explanations.append(explanation | ({"overlay": overlays[name]} if name in overlays else {}))
    decision = referral(prediction.probabilities, bundle.manifest.thresholds)
    gap = prediction.completeness_gap
    return {
        "path": path,
        "status": "ok",
        "class": prediction.class_name,
        "confidence": prediction.confidence,
        "referral": None if decision is None else asdict(decision),
        "probabilities": dict(prediction.probabilities),
        "logits": None if prediction.logits is None else dict(prediction.logits),
        "explanations": explanations,
        "gradients": prediction.gradients,
        "completeness_gap": None if gap is None else max(map(abs, gap.values())),
        "photo_size": list(prediction.photo_size),
        "field_of_view": asdict(prediction.box),
        "times_ms": {stage: round(ms, 3) for stage, ms in prediction.times_ms.items()},
        **identity,
    }
