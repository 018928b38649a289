"""Photos for stores that tests make without a network."""

import hashlib
from pathlib import Path

import numpy as np

from calibration.explanations.explained import ExplainedPhoto
from calibration.explanations.store.info import FORM, StoreInfo
from calibration.explanations.store.row import StoredPhoto, UnreadablePhoto
from edge_runtime.explain.landmarks import Landmarks
from edge_runtime.photo.field import Field
from edge_runtime.photo.find import Stamp
from edge_runtime.photo.light import Light
from edge_runtime.photo.quality import Quality
from edge_runtime.photo.shape import Shape

INFO = StoreInfo(
    form=FORM, version="1", created="2026-11-28T09:00:00+00:00", bundle="b",
    bundle_identity="a" * 64,
    model="int8", model_sha256="b" * 64, precision="int8", providers=("CPUExecutionProvider",),
    gradients="exact", classes=("glaucoma", "normal"), input_size=(224, 224), map_size=(3, 4),
    features=5, max_pixels=1000, split_seed=0,
)  # fmt: skip

QUALITY = Quality(
    500, 90.0, 0.9, 0.0, 0.3, 0.01, 0.1, 0.2, 0.3, None, Shape(1, 0.1, 0.9), Light(0, 0.1, 0, 0, 0)
)


def stored(number, **changes):
    """Make a photo of random arrays, the same ones for the same number."""
    random = np.random.default_rng(number)
    share = float(random.uniform(0.5, 1))
    name = f"photos/{number}_left.jpg"
    photo = {
        "path": name, "sha256": hashlib.sha256(name.encode()).hexdigest(), "label": "normal",
        "source": "clinic", "patient": str(number), "eye": "left", "fault": None,
        "familiarity": 0.25, "landmarks": Landmarks((-0.5, 0.1), 0.3, 0.8, (0.25, 0.0), "left"),
        "excluded": None, "split": "test_dir",
    }  # fmt: skip
    photo |= {key: changes.pop(key) for key in tuple(changes) if key in photo}
    rest = {
        "place": f"place{number}", "stamp": Stamp(9, number),
        "field": Field(10.0, 11.0, 20.0, 19.0, 45.0), "photo_size": (22, 23), "quality": QUALITY,
        "predicted": "glaucoma",
        "maps": random.normal(size=(2, 3, 4)).astype(np.float32),
        "features": random.uniform(size=5).astype(np.float32),
        "probabilities": np.array([share, 1 - share], np.float32),
        "logits": random.normal(size=2).astype(np.float32),
    }  # fmt: skip
    return StoredPhoto(ExplainedPhoto(**photo), **rest | changes)


def unreadable(number):
    return UnreadablePhoto(
        Path(f"photos/{number}.jpg"), f"place{number}", None, None, None, None, "can't be read"
    )
