"""Measure what the choices of the int8 model are worth in agreement with float32, on val_dir.

python benchmarks/int8_choices.py FLOAT_BUNDLE DATASET
"""

import argparse
import re
import tempfile
from pathlib import Path

import numpy as np

from calibration.compare.agreement import agreement
from calibration.int8.quantise import EARLY_STAGES
from calibration.int8.representative import representative_set
from calibration.int8.targets import TARGETS
from calibration.int8.variants import LEAST_ERROR, Variants
from calibration.models.model_under_test import Outputs
from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.contract import CAM, PROBABILITIES
from edge_runtime.system.cache import default_cache
from export.parity import Run, onnx_run
from train.data.dataset import load_photos, read_dataset

_CHOICES = {
    "as made": (EARLY_STAGES, "x86", LEAST_ERROR),
    "ranges of all values": (EARLY_STAGES, "x86", "min-max"),
    "whole second stage in float": (re.compile("/(conv[12]|pool1)_"), "x86", LEAST_ERROR),
    "first convolution and pooling in float": (re.compile("/(conv|pool)1_"), "x86", LEAST_ERROR),
    "nothing in float": (re.compile("(?!)"), "x86", LEAST_ERROR),
    "weights of 8 bits": (EARLY_STAGES, "x86-vnni", LEAST_ERROR),
}


def main() -> None:
    """Print one row of a Markdown table for each choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path, help="a bundle of fundus-edge export")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--photos", type=int, default=200, help="size of a representative set")
    parser.add_argument("--seeds", type=int, default=2, help="how many representative sets")
    options = parser.parse_args()
    dataset = read_dataset(options.dataset)
    size = load_bundle(options.bundle).manifest.input_size
    images = load_photos(dataset.splits["val_dir"], size=size)
    model = options.bundle / "model.onnx"
    original = outputs(onnx_run(model.read_bytes()), images)
    sets = []
    for seed in range(options.seeds):
        chosen = representative_set(
            dataset, photos=options.photos, seed=seed, cache=default_cache()
        )
        sets.append(load_photos(chosen.photos, size=size))
    print("| int8 model | same class, by seed | correlation of Grad-CAMs, by seed |")
    print("|---|---|---|", flush=True)
    for name, (early, target, method) in _CHOICES.items():
        found = []
        for photos in sets:
            with tempfile.TemporaryDirectory() as folder:
                variants = Variants(
                    model, photos, Path(folder), early=early, on_step=lambda step: None
                )
                file = variants.quantise(TARGETS[target], method, ())
            found.append(agreement(original, outputs(onnx_run(file), images)))
        same = ", ".join(f"{result.top1:.3f}" for result in found)
        maps = ", ".join(f"{result.cam_correlation_median:.3f}" for result in found)
        print(f"| {name} | {same} | {maps} |", flush=True)


def outputs(run: Run, images: np.ndarray) -> Outputs:
    """Run photos one by one, as the device does."""
    parts = [run(image[None]) for image in images]
    probabilities, cam = (
        np.concatenate([part[name] for part in parts]) for name in (PROBABILITIES, CAM)
    )
    return Outputs(probabilities, None, cam)


if __name__ == "__main__":
    main()
