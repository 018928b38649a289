"""The class gradients of the fixed mode are means over the class's own photographs."""

import numpy as np

from export.gradients import class_gradients
from export.graph import Head


def test_each_class_takes_the_mean_gradient_of_its_own_photographs():
    generator = np.random.default_rng(0)
    head = Head(
        hidden=generator.normal(size=(6, 5)),
        hidden_bias=generator.normal(size=6),
        classes=generator.normal(size=(2, 6)),
        classes_bias=np.zeros(2),
    )
    features = generator.normal(size=(8, 5)).astype(np.float32)
    labels = np.array([0, 1, 0, 1, 1, 0, 1, 1])

    def gradient(pooled, c):
        """Differences of the logit: the head is linear near a point, so they are its slope."""
        step = 1e-6

        def logit(x):
            return head.classes[c] @ np.maximum(head.hidden @ x + head.hidden_bias, 0)

        return [
            (logit(pooled + step * e) - logit(pooled - step * e)) / (2 * step) for e in np.eye(5)
        ]

    found = class_gradients(head, features, labels, positions=49)
    for c in range(2):
        own = [gradient(x.astype(float), c) for x in features[labels == c]]
        # A pooled feature is the mean over 49 positions. Differences are good to about 1e-8.
        np.testing.assert_allclose(found[c], np.mean(own, axis=0) / 49, atol=1e-6)
