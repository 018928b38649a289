"""Find the photos of a store that should be explained alike: two eyes, repeats, copies."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from calibration.explanations.explained import ExplainedPhoto
from calibration.explanations.stored_field import file_of
from train.copies.facts import Facts, read_facts
from train.copies.near_copies import find_near_copies
from train.copies.progress import OnShare


@dataclass(frozen=True, eq=False)
class PhotoPairs:
    """Pairs of photos by their numbers, int (P,) each; ``mirrored``, bool (P,), whose map to turn.

    Those of ``second`` that are mirrored show the eye as in a mirror, beside their ``first``.
    """

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    mirrored: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class CopySearch:
    """What became of the search for near copies.

    ``searched`` photos' files lie where they did and were compared, ``gone`` ones' don't, are other
    files now or can't be read. ``repeated`` pairs are of the same eye of the same person, and so
    may stand among the repeated photos too. ``skipped`` where it wasn't asked for.
    """

    searched: int
    gone: int
    repeated: int = 0
    skipped: bool = False


def both_eyes(photos: Sequence[ExplainedPhoto]) -> PhotoPairs:
    """Pair each person's first photo of the right eye with the first of the left, to be mirrored.

    One pair a person: someone with many photos doesn't count more.
    """
    eyes: dict[Hashable, dict[str, int]] = {}
    for number, photo in enumerate(photos):
        if photo.patient and photo.side:
            eyes.setdefault((photo.source, photo.patient), {}).setdefault(photo.side, number)
    both = [(each["right"], each["left"]) for each in eyes.values() if len(each) == 2]
    return _pairs(both, mirrored=[True] * len(both))


def repeated(photos: Sequence[ExplainedPhoto]) -> PhotoPairs:
    """Pair other photos of the same eye of the same person, each with the one stored before it.

    Files of the same bytes aren't other photos.
    """
    once = {photo.sha256: number for number, photo in reversed(list(enumerate(photos)))}
    return _chained(
        photos,
        _eye,
        lambda number, photo: bool(photo.patient and photo.side) and once[photo.sha256] == number,
    )


def same_bytes(photos: Sequence[ExplainedPhoto]) -> PhotoPairs:
    """Pair files of the same bytes."""
    return _chained(photos, lambda photo: photo.sha256, lambda number, photo: True)


def near_copies(
    photos: Sequence[ExplainedPhoto], *, cache: Path | None, on_share: OnShare
) -> tuple[PhotoPairs, CopySearch]:
    """Pair photos of other bytes that show the same picture or eye, as ``fundus-edge audit`` does.

    The pairs connect each group of copies; not every pair of a group is among them.

    Args:
        photos: The photos, whose files are read again.
        cache: Folder to keep what was read in; None keeps nothing.
        on_share: Shows how far reading and comparing are.
    """
    paths = [file_of(photo) for photo in photos]
    facts = read_facts(paths, cache=cache, on_share=lambda share: on_share("reading photos", share))
    by_digest = {
        each.digest: (number, each.descriptor)
        for number, each in reversed(list(enumerate(facts)))
        if isinstance(each, Facts) and each.digest == photos[number].sha256
    }
    there = [by_digest[digest] for digest in sorted(by_digest)]
    found = find_near_copies(
        [descriptor for _, descriptor in there],
        on_share=lambda share: on_share("comparing photos", share),
    )
    links = sorted(
        (min(there[i][0], there[j][0]), max(there[i][0], there[j][0]), alignment.is_mirrored)
        for (i, j), alignment in found.items()
    )
    digests = {photo.sha256 for photo in photos}
    eyes = [(_eye(photos[i]), _eye(photos[j])) for i, j, _ in links]
    same = sum(first == second and all(first[1:]) for first, second in eyes)
    search = CopySearch(len(there), len(digests) - len(there), same)
    return _pairs(
        [(i, j) for i, j, _ in links], mirrored=[turned for _, _, turned in links]
    ), search


def _eye(photo: ExplainedPhoto) -> tuple[str | None, str | None, str | None]:
    return photo.source, photo.patient, photo.side


def _chained(
    photos: Sequence[ExplainedPhoto],
    key: Callable[[ExplainedPhoto], Hashable],
    counts: Callable[[int, ExplainedPhoto], bool],
) -> PhotoPairs:
    """Pair photos of one key, each with the next."""
    alike: dict[Hashable, list[int]] = {}
    for number, photo in enumerate(photos):
        if counts(number, photo):
            alike.setdefault(key(photo), []).append(number)
    links = [pair for numbers in alike.values() for pair in pairwise(numbers)]
    return _pairs(links, mirrored=[False] * len(links))


def _pairs(links: Sequence[tuple[int, int]], *, mirrored: Sequence[bool]) -> PhotoPairs:
    table = np.array(links, np.intp).reshape(len(links), 2)
    return PhotoPairs(table[:, 0], table[:, 1], np.array(mirrored, np.bool_))
