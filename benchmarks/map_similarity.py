"""Hold each measure of two maps against another library's, on random maps and on a store's.

    python benchmarks/map_similarity.py [STORE] [--pairs 300]

It takes scikit-image and POT (``pip install scikit-image POT``), which the package itself doesn't.
STORE is what ``fundus-edge explain store`` made. It exits with 1 where a difference is beyond 1e-6:
relative for the earth mover's distance, else of the value itself.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import astuple
from functools import partial
from pathlib import Path

import numpy as np
import ot
from scipy.spatial import distance
from scipy.stats import pearsonr, spearmanr
from skimage.metrics import structural_similarity

from calibration.compare.similarity import MEASURES, compare_maps, earth_movers_distance, shown
from edge_runtime.explain.gradcam import heatmap

TOLERANCE = 1e-6
SPAN = 224, 224

Floats = np.ndarray


def main() -> None:
    """Print the largest difference of each measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path, nargs="?")
    parser.add_argument("--pairs", type=int, default=300)
    options = parser.parse_args()
    generator = np.random.default_rng(0)
    random = generator.normal(size=(options.pairs, 2, 7, 7)).astype(np.float32)
    failed = compared("random maps", list(random))
    if options.store is not None:
        from calibration.explanations.store.read import read_store

        photos = read_store(options.store)
        own = photos.maps[np.arange(len(photos.photos)), photos.top]
        drawn = generator.integers(len(own), size=(options.pairs, 2))
        failed |= compared("maps of the store", [own[pair] for pair in drawn if pair[0] != pair[1]])
    sys.exit(failed)


def compared(title: str, pairs: list[Floats]) -> bool:
    """Compare all pairs by all measures, and say whether any is beyond the tolerance."""
    pairs = [pair for pair in pairs if all(heatmap(cam).positive for cam in pair)]
    ours = np.array([astuple(compare_maps(*pair, input_size=SPAN)) for pair in pairs])
    print(f"{title}: {len(pairs)} pairs")
    failed = False
    for at, name in enumerate(MEASURES):
        theirs = np.array([THEIRS[name](*pair) for pair in pairs])
        apart = np.abs(ours[:, at] - theirs)
        if name == "emd_pixels":
            apart /= theirs
        failed |= not float(apart.max()) <= TOLERANCE
        print(f"  {name:15} largest difference {apart.max():.2g}, of {TOLERANCE:g}")
    heats = [[heatmap(cam).values for cam in pair] for pair in pairs]
    solvers = {"ours": partial(earth_movers_distance, span=SPAN), "POT": emd}
    for name, solve in solvers.items():
        begun = time.process_time()
        for pair in heats:
            solve(*pair)
        took = 1000 * (time.process_time() - begun) / len(heats)
        print(f"  earth mover's distance, {name}: {took:.2f} ms of the processor's time")
    return failed


def positive(cam: Floats) -> Floats:
    """Keep the positive evidence."""
    return heatmap(cam).values.astype(np.float64)


def emd(a: Floats, b: Floats) -> float:
    """Solve optimal transport between all cells by POT's network simplex."""
    places = np.argwhere(np.ones(a.shape)) * np.divide(SPAN, a.shape)
    ways = np.linalg.norm(places[:, None] - places[None], axis=2)
    first, second = (v.ravel() / v.sum(dtype=np.float64) for v in (a, b))
    return float(ot.emd2(first.astype(np.float64), second.astype(np.float64), ways))


def ssim(a: Floats, b: Floats) -> float:
    """Take scikit-image's SSIM with the paper's window."""
    pictures = (shown(heatmap(cam).values).astype(np.float64) for cam in (a, b))
    return float(
        structural_similarity(
            *pictures, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1
        )
    )


def hottest(cam: Floats) -> Floats:
    """Choose the hottest tenth by sorting all pixels."""
    values = shown(heatmap(cam).values)
    count = int(np.ceil(values.size / 10))
    return np.asarray((values >= np.sort(values.ravel())[::-1][count - 1]) & (values > 0))


def peak(cam: Floats) -> Floats:
    """Find the hottest place, (2,), in pixels."""
    values = shown(heatmap(cam).values)
    row, column = divmod(int(values.argmax()), values.shape[1])
    return np.array([row, column]) * np.divide(SPAN, values.shape)


THEIRS: dict[str, Callable[[Floats, Floats], float]] = {
    "pearson": lambda a, b: pearsonr(a.ravel().astype(float), b.ravel().astype(float)).statistic,
    "spearman": lambda a, b: spearmanr(a.ravel(), b.ravel()).statistic,
    "ssim": ssim,
    "iou": lambda a, b: 1 - distance.jaccard(hottest(a).ravel(), hottest(b).ravel()),
    "jensen_shannon": lambda a, b: distance.jensenshannon(
        positive(a).ravel(), positive(b).ravel(), base=2
    ),
    "emd_pixels": lambda a, b: emd(positive(a), positive(b)),
    "peak_pixels": lambda a, b: distance.euclidean(peak(a), peak(b)),
}


if __name__ == "__main__":
    main()
