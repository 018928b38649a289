"""Photographs whose marks, spots and colours are dealt out, and audits of planted models."""

import numpy as np

from calibration.explanations.known_photos import known_photos
from calibration.explanations.shortcuts.run import AuditOptions, run_audit
from edge_runtime.bundle.bundle import load_bundle
from tests.calibration.explanations.corner_model import (
    REDDER,
    YELLOWER,
    write_corner_bundle,
    write_corner_photos,
)

#: What each model hangs on: the weights of ``write_corner_bundle``.
MODELS = {
    "corner": {"mark": 6, "spot": 2},
    "middle": {"mark": 0, "spot": 6},
    "colour": {"mark": 0, "spot": 0, "colour": 9},
}


def deal(count, seed):
    """Deal marks to nine of ten ill eyes and one of ten others, spots to four of five and one."""
    draw = np.random.default_rng(seed)
    eyes = []
    for number in range(count):
        ill = number % 2 == 0
        options = {
            "marked": bool((draw.random() < 0.9) == ill),
            "spot": bool((draw.random() < 0.8) == ill),
            "tint": REDDER if draw.random() < 0.5 else YELLOWER,
        }
        eyes.append(("glaucoma" if ill else "normal", options))
    return eyes


def audited(folder, model, *, seed, count=36, limit=36):
    """Audit a model on photographs that are dealt by the seed."""
    photos = folder / f"photos{seed}"
    if not photos.exists():
        write_corner_photos(photos, deal(count, seed), seed=seed)
    bundle = folder / model
    if not bundle.exists():
        write_corner_bundle(bundle, **MODELS[model])
    known = known_photos([photos], sorted(photos.glob("*.jpg")))
    options = AuditOptions(limit=limit, seed=seed)
    return run_audit(load_bundle(bundle), known, threads=1, options=options)
