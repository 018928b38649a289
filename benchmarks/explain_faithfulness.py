"""Hold the figures of ROAD against those of pytorch-grad-cam, on equal pictures, maps and network.

    python benchmarks/explain_faithfulness.py FLOAT_BUNDLE PHOTO... --python PATH/python

The peer is pinned in ``peers-faithfulness-requirements.txt`` and belongs into an environment of its
own, whose Python is given. It knows no eye, so here all of the picture is one, and without noise,
which each draws from another generator. It exits with 1 where a difference is beyond its tolerance.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

#: Of pixels from 0 to 1, which the peer rounds to float32.
FILL_TOLERANCE = 1e-6
#: Of probabilities: a pixel that is filled to within rounding of a half may become another of 256
#: levels, which moves a float32 model by this at most. One of 8 bits was moved by 0.012.
ROAD_TOLERANCE = 1e-3


def main() -> None:
    """Print the largest differences."""
    if sys.argv[1:2] == ["--peer"]:
        peer(Path(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--python", required=True, help="of the peer's environment")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = measure(options.photos, options.bundle, folder)
        subprocess.run(  # noqa: S603 - our own code
            [options.python, __file__, "--peer", str(folder)], check=True
        )
        theirs = np.load(folder / "theirs.npz")
        rows = [("filled pixels", "filled", FILL_TOLERANCE)]
        rows += [(f"ROAD, {order}", order, ROAD_TOLERANCE) for order in ("morf", "lerf")]
        failed = False
        for title, key, tolerance in rows:
            difference = float(np.abs(ours[key] - theirs[key]).max())
            failed |= not difference <= tolerance
            print(
                f"{title}: {ours[key].shape}, largest difference {difference:.2g}, of {tolerance:g}"
            )
    sys.exit(failed)


def measure(photos: list[Path], bundle: Path, folder: Path) -> dict[str, np.ndarray]:
    """Take our figures, and write down what the peer needs for its own."""
    from concurrent.futures import ThreadPoolExecutor

    from calibration.explanations.faithfulness import shown_in_part
    from calibration.explanations.faithfulness.eyes import Eye, asking, read_eyes
    from calibration.explanations.faithfulness.map_orders import pixel_order, raised
    from calibration.explanations.faithfulness.road import impute
    from edge_runtime.bundle.bundle import load_bundle
    from edge_runtime.predict.classifier import Classifier

    shown_in_part.NOISE = 0.0
    classifier = Classifier(load_bundle(bundle))
    eyes, left_out = read_eyes(classifier, photos, people={}, limit=len(photos), seed=0)
    print(f"{len(eyes)} photos, {len(left_out)} left out")
    found: dict[str, list[np.ndarray]] = {"filled": [], "morf": [], "lerf": []}
    maps, masks = [], []
    everywhere = np.ones_like(eyes[0].inside)
    for eye in eyes:
        whole = Eye(eye.image, everywhere, eye.top, eye.maps, eye.person)
        heat = raised(eye.map, everywhere.shape)
        heat = (heat - heat.min()) / np.ptp(heat)
        with ThreadPoolExecutor(2) as pool:
            generator = np.random.default_rng(0)
            said = shown_in_part.say(
                asking(classifier.session), whole, heat, steps=2, generator=generator, pool=pool
            )
        missing = np.zeros(everywhere.shape, bool)
        missing.ravel()[pixel_order(heat, everywhere)[: heat.size // 3]] = True
        found["filled"].append(impute(eye.image / 255, missing))
        for order in ("morf", "lerf"):
            found[order].append(getattr(said, order)[0])
        maps.append(heat)
        masks.append(missing)
    np.savez(
        folder / "given.npz",
        images=[eye.image for eye in eyes],
        maps=maps,
        missing=masks,
        tops=[eye.top for eye in eyes],
        removed=shown_in_part.REMOVED,
        model=str(classifier.bundle.path / classifier.session.entry.file),
    )
    return {name: np.array(values) for name, values in found.items()}


def peer(folder: Path) -> None:
    """Take pytorch-grad-cam's figures; runs in the peer's environment."""
    import onnxruntime
    import torch
    from pytorch_grad_cam.metrics import perturbation_confidence as metrics
    from pytorch_grad_cam.metrics.road import NoisyLinearImputer
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    given = np.load(folder / "given.npz")
    session = onnxruntime.InferenceSession(str(given["model"]))

    class Network(torch.nn.Module):
        """The same file in the same engine, as the peer takes networks."""

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            """From float (N, 3, height, width), 0..1, to probabilities."""
            pixels = np.clip(np.rint(pictures.permute(0, 2, 3, 1).numpy() * 255), 0, 255)
            (said,) = session.run(["probabilities"], {"image": pixels.astype(np.uint8)})
            return torch.from_numpy(said)

    imputer = NoisyLinearImputer(noise=0.0)
    pictures = torch.from_numpy(given["images"].transpose(0, 3, 1, 2).astype(np.float32) / 255)
    filled = [
        imputer(picture, torch.from_numpy((~mask).astype(np.float32))).permute(1, 2, 0).numpy()
        for picture, mask in zip(pictures, given["missing"], strict=True)
    ]
    targets = [ClassifierOutputTarget(int(top)) for top in given["tops"]]
    found = {}
    for order, remover in (
        ("morf", metrics.RemoveMostRelevantFirst),
        ("lerf", metrics.RemoveLeastRelevantFirst),
    ):
        rows = [
            metrics.PerturbationConfidenceMetric(remover(100 * (1 - share), imputer))(
                pictures, given["maps"], targets, Network(), return_diff=False
            )
            for share in given["removed"]
        ]
        found[order] = np.array(rows).T
    np.savez(folder / "theirs.npz", filled=np.array(filled), **found)


if __name__ == "__main__":
    main()
