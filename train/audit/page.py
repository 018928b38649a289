"""Write the audit's page: self-contained HTML with the pairs side by side."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError, printable
from edge_runtime.photo.decode import decode_photo, read_photo
from edge_runtime.results.embedded import embedded
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import percent
from train.audit.audit import POOL, Audit
from train.audit.summary import headline, source_lines, unknown_patients
from train.copies.groups import Link

_TEMPLATES = Path(__file__).parent / "templates"
_THUMBNAIL_SIDE = 240  # pixels, the longer one
_MOST_PAIRS = 200  # of each kind; the rest stands in groups.csv

_Photo = tuple[str, str | None]  # a name, and a thumbnail's URL unless it can't be read
_Pair = tuple[Link, _Photo, _Photo]


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
        problems=[(audit.name(each.path), each.kind, each.sentence) for each in audit.problems],
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


def _findings(audit: Audit) -> list[tuple[str, str, str, Iterator[_Pair]]]:
    """List the kinds of findings that there are, the gravest first: name, sentence, count, pairs.

    The pairs are read one by one, as they are written.
    """
    leaks, conflicts = (
        [link for each in found for link in each.links] for found in (audit.leaks, audit.conflicts)
    )
    used = {*leaks, *conflicts}
    copies = [each for each in audit.groups.links if each not in used and each.reason != "patient"]
    copies.sort(key=lambda link: link.alignment.score if link.alignment else 9)
    kinds = [
        ("Leaks", "Groups with photos in more than one split.", leaks),
        ("Conflicts", "Photos that show the same eye under two labels.", conflicts),
        ("Other copies", "Inside one split and class; the least certain first.", copies),
    ]
    return [
        (name, sentence, _shown(links), _pairs(audit, links[:_MOST_PAIRS]))
        for name, sentence, links in kinds
        if links
    ]


def _shown(links: list[Link]) -> str:
    count = f"{len(links)} pairs"
    if len(links) > _MOST_PAIRS:
        return f"{_MOST_PAIRS} of {count}; groups.csv has them all"
    return count


def _pairs(audit: Audit, links: list[Link]) -> Iterator[_Pair]:
    for link in links:
        first, second = audit.photos[link.first], audit.photos[link.second]
        yield link, (audit.name(first), _picture(first)), (audit.name(second), _picture(second))


def _picture(path: Path) -> str | None:
    """Make a thumbnail's URL; None if the photo can't be read."""
    try:
        photo = decode_photo(read_photo(path), path=path)
    except (PhotoUnreadableError, PhotoNotFoundError):
        return None
    return embedded(photo, side=_THUMBNAIL_SIDE, quality=80)
