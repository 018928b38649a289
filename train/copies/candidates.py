"""Choose the pairs of photos that are worth a closer look."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from train.copies.descriptors import ANGLES, Descriptor, mirrored

_NEAREST = 5  # pairs proposed for each photo by each of the two ways
_LEAST_POLAR = 0.65  # 99 in 100 copies with a whole field correlate above 0.8
_LEAST_WORDS = 0.1  # 1 in 100 pairs of different eyes is above
_BLOCK = 256  # photos compared at a time: 256 x 256 x 64 float32 are 17 MB
_FREQUENCIES = 25  # of the 33 that 64 angles have; the rest is noise
_WORDS = 48
_SAMPLE = 40_000  # descriptors that the words are made from

Floats = npt.NDArray[np.float32]
_Scores = dict[tuple[int, int], float]  # by pair


@dataclass(frozen=True)
class Candidate:
    """A pair of photos, by their indices, first < second, and which way proposed it."""

    first: int
    second: int
    by_polar: bool
    by_words: bool


def candidate_pairs(
    descriptors: Sequence[Descriptor],
    *,
    pool: Executor,
    on_share: Callable[[float], None] = lambda _: None,
) -> list[Candidate]:
    """Propose pairs that may show the same eye, the most similar first.

    Two ways add up: the polar maps, compared in every turn and mirrored, find blurred photos too,
    but need the field's centre; bags of local features need detail, but no centre.

    Args:
        descriptors: Of N photos.
        pool: Threads to compare in.
        on_share: Called with the share of the work done, 0..1.
    """
    if len(descriptors) < 2:
        return []
    polar, words = _polar_scores(descriptors), _word_scores(descriptors)

    def nearest(start: int) -> tuple[_Scores, _Scores]:
        rows = slice(start, start + _BLOCK)
        best_polar = _best(polar(rows), start, _LEAST_POLAR)
        return best_polar, _best(words(rows), start, _LEAST_WORDS)

    by_polar: _Scores = {}
    by_words: _Scores = {}
    starts = range(0, len(descriptors), _BLOCK)
    for start, found in zip(starts, pool.map(nearest, starts), strict=True):
        by_polar |= found[0]
        by_words |= found[1]
        on_share(min(1.0, (start + _BLOCK) / len(descriptors)))
    order = sorted(
        by_polar.keys() | by_words.keys(),
        key=lambda pair: (-by_polar.get(pair, 0.0) - by_words.get(pair, 0.0), pair),
    )
    return [Candidate(*pair, pair in by_polar, pair in by_words) for pair in order]


def _best(scores: Floats, start: int, least: float) -> _Scores:
    """Take the best columns of each row: of rows ``start`` and on, against all photos."""
    every = np.arange(len(scores))
    scores[every, start + every] = -np.inf
    count = min(_NEAREST, scores.shape[1] - 1)
    columns = np.argpartition(-scores, count - 1, axis=1)[:, :count].ravel()
    rows = every.repeat(count)
    good = scores[rows, columns] >= least
    rows, columns = rows[good], columns[good]
    ends = np.minimum(start + rows, columns), np.maximum(start + rows, columns)
    pairs = zip(*(each.tolist() for each in ends), strict=True)
    return dict(zip(pairs, scores[rows, columns].tolist(), strict=True))


def _polar_scores(
    descriptors: Sequence[Descriptor],
) -> Callable[[slice], Floats]:
    """Correlate polar maps in every turn at once: the Fourier transform along the angle."""
    spectra = np.empty((_FREQUENCIES, len(descriptors), descriptors[0].polar[..., 0].size), "c8")
    for index, each in enumerate(descriptors):
        spectrum = np.fft.rfft(each.polar.astype(np.float32) / 2, axis=-1)[..., :_FREQUENCIES]
        spectra[:, index] = spectrum.reshape(-1, _FREQUENCIES).T
    waves = np.exp(2j * np.pi * np.outer(np.arange(ANGLES), np.arange(_FREQUENCIES)) / ANGLES)
    waves[:, 1:] *= 2
    turn = (np.hstack([waves.real, -waves.imag]) / ANGLES).astype(np.float32)

    def scores(rows: slice) -> Floats:
        chosen = spectra[:, rows]
        best = np.empty((chosen.shape[1], spectra.shape[1]), np.float32)
        for start in range(0, spectra.shape[1], _BLOCK):
            others = spectra[:, start : start + _BLOCK].transpose(0, 2, 1)
            either = [_in_every_turn(turn, chosen @ each) for each in (others.conj(), others)]
            best[:, start : start + _BLOCK] = np.maximum(*either)
        return best

    return scores


def _in_every_turn(turn: Floats, products: npt.NDArray[np.complex64]) -> Floats:
    flat = products.reshape(_FREQUENCIES, -1)
    correlation = turn @ np.concatenate([flat.real, flat.imag])
    return np.asarray(correlation.max(axis=0).reshape(products.shape[1:]), np.float32)


def _word_scores(
    descriptors: Sequence[Descriptor],
) -> Callable[[slice], Floats]:
    """Compare bags of local features, as they are and mirrored.

    Source: Jegou, Douze, Schmid and Perez, Aggregating local descriptors into a compact image
    representation, CVPR 2010; root-SIFT: Arandjelovic and Zisserman, CVPR 2012.
    """
    words = _words(descriptors)
    bags = np.stack([_bag(each.sift, words) for each in descriptors])
    turned = np.stack([_bag(mirrored(each.sift), words) for each in descriptors])

    def scores(rows: slice) -> Floats:
        return np.asarray(np.maximum(bags[rows] @ bags.T, turned[rows] @ bags.T), np.float32)

    return scores


def _words(descriptors: Sequence[Descriptor]) -> Floats:
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


def _bag(sift: npt.NDArray[np.uint8], words: Floats) -> Floats:
    bag = np.zeros_like(words)
    if len(sift):
        vectors = _root(sift)
        nearest = (vectors @ words.T - (words**2).sum(axis=1) / 2).argmax(axis=1)
        rest = vectors - words[nearest]
        rest /= np.linalg.norm(rest, axis=1, keepdims=True) + 1e-6
        np.add.at(bag, nearest, rest)
        bag /= np.sqrt(np.linalg.norm(bag, axis=1, keepdims=True)) + 1e-6
    return np.asarray(bag.ravel() / (np.linalg.norm(bag) + 1e-6), np.float32)


def _root(sift: npt.NDArray[np.uint8]) -> Floats:
    vectors = sift.astype(np.float32)
    return np.asarray(np.sqrt(vectors / (vectors.sum(axis=1, keepdims=True) + 1e-6)), np.float32)
