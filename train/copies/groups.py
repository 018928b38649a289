"""Group photos that aren't independent of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import DisjointSet

from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from edge_runtime.photo.patient import PATIENT_PATTERN
from train.copies.alignment import Alignment
from train.copies.facts import Facts, read_facts
from train.copies.near_copies import find_near_copies
from train.copies.progress import OnShare
from train.data.labelled import LabelledPhoto
from train.data.patients import count_unknown, patient_links

Reason = Literal["exact copy", "near copy", "patient"]


@dataclass(frozen=True)
class Link:
    """Why two photos, by their indices, are in one group; ``alignment`` of near copies alone."""

    first: int
    second: int
    reason: Reason
    alignment: Alignment | None = None


@dataclass(frozen=True)
class Groups:
    """The groups of N photos, and why.

    ``ids`` int (N,): photos with one number hang together by copies or patients. ``content``
    int (N,): likewise by copies alone. ``links`` connect each group and form no more than that.
    ``facts``: what was read of each photo, or the error. ``unknown_patients``: of how many photos
    no patient is known.
    """

    ids: npt.NDArray[np.intp]
    content: npt.NDArray[np.intp]
    links: tuple[Link, ...]
    facts: tuple[Facts | PhotoUnreadableError | PhotoNotFoundError, ...]
    unknown_patients: int


def find_groups(
    photos: Sequence[LabelledPhoto],
    *,
    patient_pattern: str | None = PATIENT_PATTERN,
    cache: Path | None = None,
    on_share: OnShare = lambda _label, _share: None,
) -> Groups:
    """Group photos by exact copies, near copies and patients.

    Near copies are found by content, whatever the files are called, and in an order that depends
    on nothing but the content. A photo that can't be read is linked by its patient alone.

    Args:
        photos: N photos.
        patient_pattern: See ``train.data.patients``; None takes no patients from names.
        cache: Folder to keep what was read in; None keeps nothing.
        on_share: Shows how far the reading, then the comparison is.
    """
    paths = [photo.path for photo in photos]
    facts = read_facts(paths, cache=cache, on_share=partial(on_share, "reading photos"))
    by_digest: dict[str, list[int]] = {}
    for index, each in enumerate(facts):
        if isinstance(each, Facts):
            by_digest.setdefault(each.digest, []).append(index)
    links = [
        Link(same[0], index, "exact copy") for same in by_digest.values() for index in same[1:]
    ]
    order = [by_digest[digest][0] for digest in sorted(by_digest)]
    descriptors = [each.descriptor for index in order if isinstance(each := facts[index], Facts)]
    copies = find_near_copies(descriptors, on_share=partial(on_share, "comparing them"))
    for pair, alignment in copies.items():
        first, second = sorted(order[each] for each in pair)
        links.append(Link(first, second, "near copy", alignment))
    together = DisjointSet(range(len(photos)))
    for link in links:
        together.merge(link.first, link.second)
    content = component_ids(together)
    for first, second in patient_links(photos, content, pattern=patient_pattern):
        if together.merge(first, second):
            links.append(Link(first, second, "patient"))
    unknown = count_unknown(photos, pattern=patient_pattern)
    return Groups(component_ids(together), content, tuple(links), tuple(facts), unknown)


def component_ids(together: DisjointSet) -> npt.NDArray[np.intp]:
    """Number the components of N things 0, 1, 2 ... in the order of their first member.

    Returns:
        (N,), in the order of the set, the same number for things that hang together.
    """
    numbers: dict[object, int] = {}
    ids = [numbers.setdefault(together[each], len(numbers)) for each in together]
    return np.array(ids, np.intp)
