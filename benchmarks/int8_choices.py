"""Measure what the choices of the int8 model are worth in agreement with float32, on val_dir.

python benchmarks/int8_choices.py FLOAT_BUNDLE DATASET
"""

import argparse
import re
from pathlib import Path

import numpy as np

from calibration.agreement import agreement
from calibration.quantize import EARLY_STAGES, quantize
from edge_runtime.contract import CAM, PROBABILITIES
from export.parity import Run, onnx_run
from train.dataset import balanced_sample, load_photos, read_dataset

_NONE = re.compile("(?!)")
_CHOICES = {
    "7 bits, first two stages in float (as shipped)": (EARLY_STAGES, True),
    "7 bits everywhere": (_NONE, True),
    "8 bits everywhere, saturates without VNNI": (_NONE, False),
}


def main() -> None:
    """Print one row of a Markdown table for each choice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path, help="a bundle of fundus-edge export")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--photos", type=int, default=200, help="size of a representative set")
    parser.add_argument("--seeds", type=int, default=4, help="how many representative sets")
    options = parser.parse_args()
    dataset = read_dataset(options.dataset)
    size = (224, 224)
    sets = [
        load_photos(balanced_sample(dataset, photos=options.photos, seed=seed), size=size)
        for seed in range(options.seeds)
    ]
    images = load_photos(dataset.splits["val_dir"], size=size)
    model = options.bundle / "model.onnx"
    original = outputs(onnx_run(model.read_bytes()), images)
    print("| int8 model | same class, by seed | mean | correlation of Grad-CAMs, mean |")
    print("|---|---|---|---|")
    for name, (stages, reduce_range) in _CHOICES.items():
        found = []
        for chosen in sets:
            file = quantize(model, chosen, float_stages=stages, reduce_range=reduce_range)
            found.append(agreement(original, outputs(onnx_run(file), images)))
        same = [result["top1"] for result in found]
        correlation = np.mean([result["cam_correlation_median"] for result in found])
        each = ", ".join(f"{share:.3f}" for share in same)
        print(f"| {name} | {each} | {np.mean(same):.3f} | {correlation:.3f} |", flush=True)


def outputs(run: Run, images: np.ndarray) -> dict[str, np.ndarray]:
    """Run photos one by one, as the device does."""
    parts = [run(image[None]) for image in images]
    return {name: np.concatenate([part[name] for part in parts]) for name in (PROBABILITIES, CAM)}


if __name__ == "__main__":
    main()
