"""Write an audit as a folder: groups.csv, audit.json and the page."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge_runtime.system.folders import new_folder
from train.audit.audit import Audit
from train.audit.page import audit_page
from train.audit.summary import to_json


def write_audit(audit: Audit, out: Path) -> None:
    """Write the folder; it appears when it is complete.

    Raises:
        OutputExistsError: There is something at ``out``.
        OutputFailedError: It can't be written there.
    """
    with new_folder(out) as folder:
        with (folder / "groups.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_group_rows(audit))
        (folder / "audit.json").write_text(to_json(audit) + "\n", "utf-8")
        with (folder / "audit.html").open("w", encoding="utf-8") as page:
            page.writelines(audit_page(audit))


def _group_rows(audit: Audit) -> Iterator[tuple[object, ...]]:
    """Give a row for each photo; the reason names the photos it is linked to."""
    yield "path", "split", "class", "group", "reason"
    reasons: dict[int, list[str]] = defaultdict(list)
    names = [audit.name(photo) for photo in audit.photos]
    for link in audit.groups.links:
        reasons[link.first].append(f"{link.reason}: {names[link.second]}")
        reasons[link.second].append(f"{link.reason}: {names[link.first]}")
    ids = audit.groups.ids
    for i in np.argsort(ids, kind="stable").tolist():
        yield names[i], audit.splits[i], audit.classes[i], ids[i], "; ".join(reasons[i])
