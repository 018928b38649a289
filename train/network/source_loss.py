"""The loss of a classifier whose photos come from several sources.

A source holds some of the classes only, and its camera shows in every photo. Compared with all
classes, the network learns which camera a class comes with. So a photo is compared, mainly, with
the classes that its own source holds, among which the camera tells nothing.

With the logits z, the classes S of the photo's source and the classes A that its label allows
(a part of S), and the smoothing e:

    term(T) = (1 - e) (logsumexp_T z - logsumexp_A z) + e (logsumexp_T z - mean_T z)
    loss    = (1 - share) term(S) + share term(all classes)

For a plain label, term(all classes) is the usual cross-entropy. Where a source holds all classes,
or a photo has no source, both terms are the same.
"""

from typing import Any

import keras
from keras import ops

_FAR = -1e30  # a logit that adds nothing to a sum of exponentials, and has no gradient


class SourceLoss(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy within the photo's source, mixed with that among all classes."""

    def __init__(self, *, whole_share: float = 0.0, label_smoothing: float = 0.0) -> None:
        """Choose the mixture.

        Args:
            whole_share: Share of the comparison with all classes, 0..1.
            label_smoothing: Share of each label that is spread over the classes compared.
        """
        super().__init__(name="source_loss", reduction="sum_over_batch_size")
        self.whole_share, self.label_smoothing = whole_share, label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Compute each photo's loss.

        Args:
            y_true: float32 (N, 2C) of 0 and 1: the classes that the label allows, then the
                classes of the source.
            y_pred: Logits (N, C).

        Returns:
            (N,).
        """
        allowed, source = _halves(y_true)
        own = _log_sum(y_pred, allowed)
        within = self._term(y_pred, source, own)
        whole = self._term(y_pred, ops.ones_like(source), own)
        return (1 - self.whole_share) * within + self.whole_share * whole

    def _term(self, logits: Any, among: Any, own: Any) -> Any:
        total = _log_sum(logits, among)
        mean = ops.sum(logits * among, axis=-1) / ops.sum(among, axis=-1)
        smoothing = self.label_smoothing
        return (1 - smoothing) * (total - own) + smoothing * (total - mean)


def right_within(labels: Any, logits: Any) -> Any:
    """Tell of each photo whether the highest class of its source is one that its label allows.

    A photo of a source of one class is always right.

    Args:
        labels: As for ``SourceLoss``.
        logits: (N, C).

    Returns:
        (N,), 1 or 0.
    """
    allowed, source = _halves(labels)
    highest = ops.argmax(ops.where(source > 0, logits, _FAR), axis=-1)
    return ops.sum(ops.one_hot(highest, logits.shape[-1], dtype=allowed.dtype) * allowed, axis=-1)


def accuracy() -> keras.metrics.Metric:
    """Make the metric "accuracy", the mean of ``right_within``."""
    return keras.metrics.MeanMetricWrapper(right_within, name="accuracy")


def _halves(labels: Any) -> tuple[Any, Any]:
    classes = labels.shape[-1] // 2
    return labels[:, :classes], labels[:, classes:]


def _log_sum(logits: Any, among: Any) -> Any:
    return ops.logsumexp(ops.where(among > 0, logits, _FAR), axis=-1)
