"""Write the audit's page: self-contained HTML with the pairs side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError, printable
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.results.embedded import embedded
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import percent
from train.audit.audit import POOL, Audit, Conflict, Leak
from train.audit.summary import headline, source_lines, unknown_patients
from train.copies.alignment import Alignment
from train.copies.groups import Link

_TEMPLATES = Path(__file__).parent / "templates"
_THUMBNAIL_SIDE = 240  # pixels, the longer one
_MOST_PAIRS = 200  # of each kind; the rest stands in groups.csv


@dataclass(frozen=True)
class _Photo:
    """A photo's name, and its thumbnail as a URL; None if it can't be read."""

    name: str
    picture: str | None


@dataclass(frozen=True)
class _Pair:
    reason: str
    alignment: Alignment | None
    first: _Photo
    second: _Photo


@dataclass(frozen=True)
class _Finding:
    """One kind of finding; its pairs are read one by one, as they are written."""

    name: str
    sentence: str
    shown: str
    pairs: Iterator[_Pair]


def audit_page(audit: Audit) -> Iterator[str]:
    """Write the page, part by part, so that thousands of pictures aren't held in memory."""
    guesses = audit.confounds.accuracy.items() if audit.confounds else ()
    return page_template("audit.html.jinja", _TEMPLATES).generate(
        name=printable(audit.root.resolve().name),
        counts=_counts(audit),
        unknown_patients=unknown_patients(audit),
        headline=headline(audit),
        confounds=audit.confounds,
        guesses=[(name, percent(value)) for name, value in guesses],
        source_lines=source_lines(audit),
        findings=_findings(audit),
        problems=[
            (printable(each.path.relative_to(audit.root)), each.kind, each.sentence)
            for each in audit.problems
        ],
        disclaimer=DISCLAIMER,
    )


def _counts(audit: Audit) -> list[tuple[int | str, str, bool]]:
    """List the figures of the page's top: value, of what, and whether that is bad."""
    split = set(audit.splits) != {POOL}
    return [
        (len(audit.photos), "photos", False),
        (len(np.unique(audit.groups.ids)), "independent groups", False),
        (len(audit.leaks) if split else "not split", "leaks", bool(audit.leaks)),
        (len(audit.conflicts), "conflicts", bool(audit.conflicts)),
        (len(audit.problems), "files to look at", False),
    ]


def _findings(audit: Audit) -> list[_Finding]:
    """List the kinds of findings that there are, the gravest first."""
    leaks, conflicts = _links_of(audit, audit.leaks), _links_of(audit, audit.conflicts)
    used = {*leaks, *conflicts}
    copies = [each for each in audit.groups.links if each not in used and each.reason != "patient"]
    copies.sort(key=lambda link: link.alignment.score if link.alignment else 9)
    kinds = [
        ("Leaks", "Groups with photos in more than one split.", leaks),
        ("Conflicts", "Photos that show the same eye under two labels.", conflicts),
        ("Other copies", "Inside one split and class; the least certain first.", copies),
    ]
    return [
        _Finding(name, sentence, _shown(links), _pairs(audit, links[:_MOST_PAIRS]))
        for name, sentence, links in kinds
        if links
    ]


def _links_of(audit: Audit, found: Iterable[Leak | Conflict]) -> list[Link]:
    """Take the links that a finding consists of, those that cross splits or classes first."""
    place = {path: index for index, path in enumerate(audit.photos)}
    chosen: list[Link] = []
    for each in found:
        members = {place[path] for path in each.photos}
        mark = audit.splits if isinstance(each, Leak) else audit.classes
        inside = [
            link
            for link in audit.groups.links
            if link.first in members
            and link.second in members
            and (isinstance(each, Leak) or link.reason != "patient")
        ]
        crossing = [link for link in inside if mark[link.first] != mark[link.second]]
        chosen += crossing or inside
    return chosen


def _shown(links: list[Link]) -> str:
    count = f"{len(links)} pairs"
    if len(links) > _MOST_PAIRS:
        return f"{_MOST_PAIRS} of {count}; groups.csv has them all"
    return count


def _pairs(audit: Audit, links: list[Link]) -> Iterator[_Pair]:
    for link in links:
        first, second = _photo(audit, link.first), _photo(audit, link.second)
        yield _Pair(link.reason, link.alignment, first, second)


def _photo(audit: Audit, index: int) -> _Photo:
    path = audit.photos[index]
    name = printable(path.relative_to(audit.root))
    try:
        photo = decode_photo(read_photo(path), path=path)
    except (PhotoUnreadableError, PhotoNotFoundError):
        return _Photo(name, None)
    return _Photo(name, embedded(photo, side=_THUMBNAIL_SIDE, quality=80))
