"""What a store of explanations holds, in numbers."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from calibration.explanations.store.index import opened, parts_of, rows_of
from calibration.explanations.store.info import EXPLANATIONS, StoreInfo, read_info
from calibration.explanations.store.parts import joined
from calibration.explanations.store.spread import MEASURED, Spread, spreads
from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import printable

#: The group of those that have no class.
REFUSED = "no class"

_UNKNOWN = "not known"

#: What photos are grouped by, as SQL.
_GROUPS = {
    "label": f"coalesce(label, '!' || excluded, '{_UNKNOWN}')",
    "predicted": f"CASE WHEN fault IS NULL THEN predicted ELSE '{REFUSED}' END",
    "source": f"coalesce(source, '{_UNKNOWN}')",
    "split": f"coalesce(split, '{_UNKNOWN}')",
    "eye": f"coalesce(eye, '{_UNKNOWN}')",
}


@dataclass(frozen=True)
class GroupCounts:
    """The photos of a group: how many, of them the refused, and those with disc and fovea found."""

    photos: int
    refused: int
    discs: int
    foveas: int


@dataclass(frozen=True)
class StoreSummary:
    """A store's provenance, and counts of its photos.

    ``photos`` are ``graded`` and ``refused`` ones, ``refused_by`` by reason; ``unreadable`` files
    are none of them. ``by_label`` has ``!glaucoma`` for any class but that. ``people`` counts the
    patients that are known, ``copies`` the photos whose content another one has too. ``discs`` and
    ``foveas`` were found on so many; on ``sides_differ`` photos the disc tells another side of the
    eye than the name. ``groups`` are the counts by "label", "predicted" (refused ones apart),
    "source", "split" and "eye", then by name. ``measured`` is how the photos' sizes, familiarity
    and quality are spread, by the index's columns. ``joined`` photos are in ``explanations.h5``:
    all, but after a run that was killed.
    """

    info: StoreInfo
    photos: int
    graded: int
    refused: int
    unreadable: int
    refused_by: Mapping[str, int]
    by_label: Mapping[str, int]
    by_predicted: Mapping[str, int]
    by_source: Mapping[str, int]
    by_split: Mapping[str, int]
    by_eye: Mapping[str, int]
    people: int
    copies: int
    discs: int
    foveas: int
    sides_differ: int
    groups: Mapping[str, Mapping[str, GroupCounts]]
    measured: Mapping[str, Spread]
    joined: int
    parts: int
    size_bytes: int
    disclaimer: str = DISCLAIMER


def summarise(store: Path) -> StoreSummary:
    """Count what a store holds.

    Raises:
        ExplanationStoreError: It is no store, or damaged.
    """
    info = read_info(store)
    with opened(store) as index:
        index.execute("BEGIN")
        photos = _count(index, "1")
        refused = _count(index, "fault IS NOT NULL")
        ((unreadable,),) = index.execute("SELECT count(*) FROM unreadable")
        persons = "SELECT DISTINCT source, patient FROM photos WHERE patient IS NOT NULL"
        ((people,),) = index.execute(f"SELECT count(*) FROM ({persons})")  # noqa: S608 - ours
        groups = {name: _groups(index, what) for name, what in _GROUPS.items()}
        of = {
            name: {key: each.photos for key, each in group.items()}
            for name, group in groups.items()
        }
        of["predicted"].pop(REFUSED, None)
        ((contents,),) = index.execute("SELECT count(DISTINCT sha256) FROM photos")
        return StoreSummary(
            info=info,
            photos=photos,
            graded=photos - refused,
            refused=refused,
            unreadable=unreadable,
            refused_by=_by(index, "fault", "fault IS NOT NULL"),
            by_label=of["label"],
            by_predicted=of["predicted"],
            by_source=of["source"],
            by_split=of["split"],
            by_eye=of["eye"],
            people=people,
            copies=photos - contents,
            discs=_count(index, "disc_x IS NOT NULL"),
            foveas=_count(index, "fovea_x IS NOT NULL"),
            sides_differ=_count(index, "eye != disc_eye"),
            groups=groups,
            measured=spreads(rows_of(index, MEASURED)),
            joined=joined(store) or 0,
            parts=len(parts_of(index)),
            size_bytes=sum(
                Path(folder, name).stat().st_size
                for folder, _, names in os.walk(store)
                for name in names
            ),
        )


def summary_text(store: Path, found: StoreSummary) -> str:
    """Write it for the console."""
    return "\n".join(_lines(store, found))


def _lines(store: Path, found: StoreSummary) -> Iterator[str]:
    info = found.info
    yield f"Explanations in {printable(store)}, begun {info.created} by fundus-edge {info.version}"
    yield f"  bundle       {printable(info.bundle)}, identity {info.bundle_identity[:12]}"
    yield f"  model        {info.model} ({info.precision}), {info.gradients} gradients"
    size = f"{found.size_bytes / 2**20:.1f} MiB in {found.parts} part(s)"
    yield f"  photos       {found.photos:,}, {size}"
    yield f"  graded       {found.graded:,}"
    yield f"  refused      {found.refused:,}"
    for reason, count in found.refused_by.items():
        yield f"               {count:,} x {reason}"
    yield f"  unreadable   {found.unreadable:,} files, which are no photos of it"
    for title, counts in (
        ("label", found.by_label),
        ("predicted", found.by_predicted),
        ("source", found.by_source),
        ("split", found.by_split),
        ("eye", found.by_eye),
    ):
        named = ", ".join(f"{printable(name)} {count:,}" for name, count in counts.items())
        yield f"  {title:<13}{named or '-'}"
    yield f"  people       {found.people:,} known by name or table"
    yield f"  copies       {found.copies:,} photos that stand here under another name too"
    yield f"  landmarks    optic disc on {found.discs:,}, fovea on {found.foveas:,}"
    if found.joined != found.photos:
        yield (
            f"  {EXPLANATIONS} has {found.joined:,} of the photos: a run was stopped; give its "
            "command again"
        )


def _count(index: sqlite3.Connection, where: str) -> int:
    ((count,),) = index.execute(f"SELECT count(*) FROM photos WHERE {where}")  # noqa: S608 - ours
    return int(count)


def _by(index: sqlite3.Connection, what: str, where: str = "1") -> dict[str, int]:
    """Count photos by a text, the most frequent first."""
    return dict(
        index.execute(
            f"SELECT {what} AS name, count(*) AS photos FROM photos WHERE {where} "  # noqa: S608
            "GROUP BY name ORDER BY photos DESC, name"
        ).fetchall()
    )


def _groups(index: sqlite3.Connection, what: str) -> dict[str, GroupCounts]:
    """Count photos by a text likewise, those of each kind apart."""
    rows = index.execute(
        f"SELECT {what} AS name, count(*) AS photos, count(fault), count(disc_x), "  # noqa: S608
        "count(fovea_x) FROM photos GROUP BY name ORDER BY photos DESC, name"
    )
    return {name: GroupCounts(*counts) for name, *counts in rows}
