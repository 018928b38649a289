"""Choose the pairs of photos that are worth a closer look."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from train.descriptors import ANGLES, Descriptor, mirrored

_NEAREST = 6  # pairs proposed for each photo by each of the two ways
_LEAST_POLAR = 0.55  # of copies with a whole field 99 in 100 correlate above 0.8
_LEAST_WORDS = 0.08
_BLOCK = 256  # photos compared at a time: 256 x 256 x 64 float32 are 17 MB
_FREQUENCIES = 25  # of the 33 that 64 angles have; the rest is noise
_WORDS = 48
_SAMPLE = 40_000  # descriptors that the words are made from

Pairs = npt.NDArray[np.intp]


def candidate_pairs(
    descriptors: Sequence[Descriptor], *, on_share: Callable[[float], None] = lambda _: None
) -> Pairs:
    """Propose pairs that may show the same eye, the most similar first.

    Two ways add up: the polar maps, compared in every turn and mirrored, find blurred photos too,
    but need the field's centre; bags of local features need detail, but no centre.

    Args:
        descriptors: Of N photos.
        on_share: Called with the share of the work done, 0..1.

    Returns:
        int (P, 2), first < second, each pair once.
    """
    if len(descriptors) < 2:
        return np.empty((0, 2), np.intp)
    ways = [
        (_polar_scores(descriptors), _LEAST_POLAR, 1.0),
        (_word_scores(descriptors), _LEAST_WORDS, 0.5),
    ]
    found: dict[tuple[int, int], float] = {}
    blocks = range(0, len(descriptors), _BLOCK)
    for number, start in enumerate(blocks):
        rows = slice(start, start + _BLOCK)
        for scores, least, weight in ways:
            found_here = _best(scores(rows), start, least)
            for pair, score in found_here.items():
                found[pair] = max(found.get(pair, 0.0), weight * score)
        on_share((number + 1) / len(blocks))
    order = sorted(found, key=lambda pair: (-found[pair], pair))
    return np.array(order, np.intp).reshape(-1, 2)


def _best(
    scores: npt.NDArray[np.float32], start: int, least: float
) -> dict[tuple[int, int], float]:
    """Take the best columns of each row: of rows ``start`` and on, against all photos."""
    rows = np.arange(len(scores))
    scores[rows, start + rows] = -np.inf
    count = min(_NEAREST, scores.shape[1] - 1)
    best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
    return {
        (min(start + row, int(column)), max(start + row, int(column))): float(scores[row, column])
        for row in rows
        for column in best[row]
        if scores[row, column] >= least
    }


def _polar_scores(
    descriptors: Sequence[Descriptor],
) -> Callable[[slice], npt.NDArray[np.float32]]:
    """Correlate polar maps in every turn at once: the Fourier transform along the angle."""
    spectra = np.empty((_FREQUENCIES, len(descriptors), descriptors[0].polar[..., 0].size), "c8")
    for index, each in enumerate(descriptors):
        spectrum = np.fft.rfft(each.polar.astype(np.float32) / 2, axis=-1)[..., :_FREQUENCIES]
        spectra[:, index] = spectrum.reshape(-1, _FREQUENCIES).T
    waves = np.exp(2j * np.pi * np.outer(np.arange(ANGLES), np.arange(_FREQUENCIES)) / ANGLES)
    waves[:, 1:] *= 2
    turn = (np.hstack([waves.real, -waves.imag]) / ANGLES).astype(np.float32)

    def scores(rows: slice) -> npt.NDArray[np.float32]:
        chosen = spectra[:, rows]
        best = np.empty((chosen.shape[1], spectra.shape[1]), np.float32)
        for start in range(0, spectra.shape[1], _BLOCK):
            others = spectra[:, start : start + _BLOCK].transpose(0, 2, 1)
            either = [_in_every_turn(turn, chosen @ each) for each in (others.conj(), others)]
            best[:, start : start + _BLOCK] = np.maximum(*either)
        return best

    return scores


def _in_every_turn(
    turn: npt.NDArray[np.float32], products: npt.NDArray[np.complex64]
) -> npt.NDArray[np.float32]:
    flat = products.reshape(_FREQUENCIES, -1)
    correlation = turn @ np.concatenate([flat.real, flat.imag])
    return np.asarray(correlation.max(axis=0).reshape(products.shape[1:]), np.float32)


def _word_scores(
    descriptors: Sequence[Descriptor],
) -> Callable[[slice], npt.NDArray[np.float32]]:
    """Compare bags of local features, as they are and mirrored.

    Source: Jegou, Douze, Schmid and Perez, Aggregating local descriptors into a compact image
    representation, CVPR 2010; root-SIFT: Arandjelovic and Zisserman, CVPR 2012.
    """
    words = _words(descriptors)
    bags = np.stack([_bag(each.sift, words) for each in descriptors])
    turned = np.stack([_bag(mirrored(each.sift), words) for each in descriptors])

    def scores(rows: slice) -> npt.NDArray[np.float32]:
        return np.asarray(np.maximum(bags[rows] @ bags.T, turned[rows] @ bags.T), np.float32)

    return scores


def _words(descriptors: Sequence[Descriptor]) -> npt.NDArray[np.float32]:
    each = max(1, _SAMPLE // len(descriptors))
    sample = np.concatenate([_root(d.sift[:: max(1, len(d.sift) // each)]) for d in descriptors])
    if len(sample) <= _WORDS:
        return np.zeros((1, 128), np.float32)
    cv2.setRNGSeed(0)
    stop = (cv2.TERM_CRITERIA_MAX_ITER, 12, 0.0)
    _, _, centres = cv2.kmeans(
        sample[:_SAMPLE], _WORDS, np.empty(0), stop, 1, cv2.KMEANS_RANDOM_CENTERS
    )
    return np.asarray(centres, np.float32)


def _bag(sift: npt.NDArray[np.uint8], words: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    bag = np.zeros_like(words)
    if len(sift):
        vectors = _root(sift)
        nearest = (vectors @ words.T - (words**2).sum(axis=1) / 2).argmax(axis=1)
        rest = vectors - words[nearest]
        rest /= np.linalg.norm(rest, axis=1, keepdims=True) + 1e-6
        np.add.at(bag, nearest, rest)
        bag /= np.sqrt(np.linalg.norm(bag, axis=1, keepdims=True)) + 1e-6
    return np.asarray(bag.ravel() / (np.linalg.norm(bag) + 1e-6), np.float32)


def _root(sift: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    vectors = sift.astype(np.float32)
    return np.asarray(np.sqrt(vectors / (vectors.sum(axis=1, keepdims=True) + 1e-6)), np.float32)
