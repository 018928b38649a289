"""Write the audit's page: self-contained HTML with the pairs side by side."""

import base64
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError, printable
from edge_runtime.photo.decode import decode_photo, read_photo
from train.audit.audit import POOL, Audit, Conflict, Leak
from train.audit.summary import headline, source_lines, unknown_patients
from train.copies.groups import Link

_THUMBNAIL_SIDE = 240  # pixels, the longer one
_MOST_PAIRS = 200  # of each kind; the rest stands in groups.csv

_STYLE = """
:root { color-scheme: light; --ink: #1b2230; --faint: #5d6675; --line: #dde1e8; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff;
  max-width: 66rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; border-top: 1px solid var(--line); padding-top: 1.2rem; }
.faint { color: var(--faint); }
.figures { display: flex; flex-wrap: wrap; gap: .8rem 2.2rem; margin: 1rem 0; }
.figures b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.bad b { color: #9d1c1c; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .2rem 1.4rem .2rem 0; border-bottom: 1px solid var(--line);
  font-weight: normal; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
td.number { text-align: right; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 1rem; }
.pair { border: 1px solid var(--line); border-radius: 6px; padding: .6rem; break-inside: avoid; }
.pair > p { margin: 0 0 .5rem; font-size: .9rem; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem; }
figure { margin: 0; min-width: 0; }
figure img { width: 100%; height: 10rem; object-fit: contain; background: #000;
  border-radius: 4px; display: block; }
figcaption { font-size: .8rem; color: var(--faint); overflow-wrap: anywhere; line-height: 1.35; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } }
"""


def audit_page(audit: Audit) -> Iterator[str]:
    """Write the page, part by part, so that thousands of pictures aren't held in memory."""
    title = escape(printable(audit.root.resolve().name))
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Audit of {title}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>Audit of {title}</h1>{_figures(audit)}{_confounds(audit)}"
    )
    used: set[Link] = set()
    findings: list[tuple[str, str, Iterable[Leak | Conflict]]] = [
        ("Leaks", "Groups with photos in more than one split.", audit.leaks),
        ("Conflicts", "Photos that show the same eye under two labels.", audit.conflicts),
    ]
    for name, sentence, found in findings:
        links = _links_of(audit, found)
        used.update(links)
        yield from _section(audit, name, sentence, links)
    rest = [link for link in audit.groups.links if link not in used]
    copies = [link for link in rest if link.reason != "patient"]
    copies.sort(key=lambda link: link.alignment.score if link.alignment else 9)
    yield from _section(
        audit, "Other copies", "Inside one split and class; the least certain first.", copies
    )
    yield _problems(audit)
    yield f'<p class="faint">{escape(DISCLAIMER)}</p></body></html>\n'


def _figures(audit: Audit) -> str:
    split = set(audit.splits) != {POOL}
    rows = [
        (len(audit.photos), "photos", False),
        (len(np.unique(audit.groups.ids)), "independent groups", False),
        (len(audit.leaks) if split else "not split", "leaks", bool(audit.leaks)),
        (len(audit.conflicts), "conflicts", bool(audit.conflicts)),
        (len(audit.problems), "files to look at", False),
    ]
    said = "".join(f"<p>{escape(sentence)}</p>\n" for sentence in unknown_patients(audit))
    return (
        '<div class="figures">'
        + "".join(
            f'<div class="{"bad" if bad else ""}"><b>{value}</b>{name}</div>'
            for value, name, bad in rows
        )
        + "</div>\n"
        + said
    )


def _confounds(audit: Audit) -> str:
    parts = [f"<h2>What gives the class away</h2><p>{escape(headline(audit))}</p>"]
    if audit.confounds is not None:
        rows = "".join(
            f'<tr><td>{escape(name)}</td><td class="number">{value:.1%}</td></tr>'
            for name, value in audit.confounds.accuracy.items()
        )
        parts.append(
            f"<table><tr><th>guessed from</th><th>right</th></tr>{rows}</table>"
            f'<p class="faint">Cross-validated by group, {audit.confounds.folds} folds, '
            f"{audit.confounds.photos} photos. What a classifier could learn from these features "
            "it doesn't need to learn from the disease.</p>\n"
        )
    parts += [f"<p>{escape(sentence)}</p>\n" for sentence in source_lines(audit)]
    return "".join(parts)


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


def _section(audit: Audit, name: str, sentence: str, links: list[Link]) -> Iterator[str]:
    if not links:
        return
    shown = f"{len(links)} pairs"
    if len(links) > _MOST_PAIRS:
        shown = f"{_MOST_PAIRS} of {shown}; groups.csv has them all"
    yield f'<h2>{name}</h2><p>{sentence} <span class="faint">{shown}</span></p>'
    yield '<div class="pairs">\n'
    for link in links[:_MOST_PAIRS]:
        yield (
            f'<div class="pair"><p>{_why(link)}</p><div class="two">'
            f"{_figure(audit, link.first)}{_figure(audit, link.second)}</div></div>\n"
        )
    yield "</div>\n"


def _why(link: Link) -> str:
    found = link.alignment
    if found is None:
        return link.reason
    mirror = ", mirrored" if found.is_mirrored else ""
    return (
        f"{link.reason}{mirror} "
        f'<span class="faint">agreement fine {found.fine:.2f}, coarse {found.coarse:.2f}</span>'
    )


def _figure(audit: Audit, index: int) -> str:
    path = audit.photos[index]
    name = escape(printable(path.relative_to(audit.root)))
    caption = name.replace("/", "/<wbr>")
    return f"<figure>{_thumbnail(path, name)}<figcaption>{caption}</figcaption></figure>"


def _thumbnail(path: Path, name: str) -> str:
    try:
        photo = decode_photo(read_photo(path), path=path)
    except (PhotoUnreadableError, PhotoNotFoundError):
        return '<p class="faint">can\'t be read</p>'
    scale = min(1.0, _THUMBNAIL_SIDE / max(photo.shape[:2]))
    size = max(1, round(photo.shape[1] * scale)), max(1, round(photo.shape[0] * scale))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA))
    _, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(small[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 80]
    )
    source = base64.b64encode(data.tobytes()).decode("ascii")
    return f'<img src="data:image/jpeg;base64,{source}" alt="{name}">'


def _problems(audit: Audit) -> str:
    if not audit.problems:
        return ""
    rows = "".join(
        f"<tr><td>{escape(printable(each.path.relative_to(audit.root)))}</td>"
        f"<td>{escape(each.kind)}</td><td>{escape(each.sentence)}</td></tr>"
        for each in audit.problems
    )
    return f"<h2>Files to look at</h2><table>{rows}</table>\n"
