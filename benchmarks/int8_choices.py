"""Measure what the choices of the int8 model are worth in agreement with float32, on val_dir.

python benchmarks/int8_choices.py FLOAT_BUNDLE DATASET
"""

import argparse
import re
import tempfile
from pathlib import Path

import numpy as np
import onnx

from calibration.agreement import agreement
from calibration.quantise import EARLY_STAGES, prepare_model, quantisable_nodes, quantise_model
from calibration.ranges import measure_ranges
from calibration.representative import representative_set
from calibration.targets import TARGETS
from edge_runtime.contract import CAM, PROBABILITIES
from export.parity import Run, onnx_run
from train.dataset import load_photos, read_dataset

_CHOICES = {
    "7 bits, first two stages in float (as made)": (EARLY_STAGES, "x86"),
    "7 bits, first convolution in float": (re.compile("/conv1_"), "x86"),
    "7 bits, second stage in float": (re.compile("/conv2_"), "x86"),
    "7 bits everywhere": (re.compile("(?!)"), "x86"),
    "8 bits, first two stages in float": (EARLY_STAGES, "x86-vnni"),
    "8 bits everywhere": (re.compile("(?!)"), "x86-vnni"),
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
    size = (224, 224)
    images = load_photos(dataset.splits["val_dir"], size=size)
    model = options.bundle / "model.onnx"
    metadata = onnx.load(model)
    original = outputs(onnx_run(model.read_bytes()), images)
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder, "prepared.onnx")
        proto = prepare_model(model, prepared)
        ranges = []
        for seed in range(options.seeds):
            chosen = representative_set(dataset, photos=options.photos, seed=seed)
            photos = load_photos(chosen.photos, size=size)
            ranges.append(measure_ranges(prepared, photos, method="min-max"))
        print("| int8 model | same class, by seed | correlation of Grad-CAMs, by seed |")
        print("|---|---|---|")
        for name, (early, target) in _CHOICES.items():
            nodes = quantisable_nodes(proto, early=early)
            made = [
                quantise_model(
                    prepared, each, target=TARGETS[target], nodes=nodes, metadata=metadata
                )
                for each in ranges
            ]
            found = [agreement(original, outputs(onnx_run(file), images)) for file in made]
            same = ", ".join(f"{result['top1']:.3f}" for result in found)
            maps = ", ".join(f"{result['cam_correlation_median']:.3f}" for result in found)
            print(f"| {name} | {same} | {maps} |", flush=True)


def outputs(run: Run, images: np.ndarray) -> dict[str, np.ndarray]:
    """Run photos one by one, as the device does."""
    parts = [run(image[None]) for image in images]
    return {name: np.concatenate([part[name] for part in parts]) for name in (PROBABILITIES, CAM)}


if __name__ == "__main__":
    main()
