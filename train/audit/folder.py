"""Write an audit as a folder: groups.csv, audit.json and the page."""

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from edge_runtime.errors import printable
from edge_runtime.system.folders import new_folder
from train.audit.audit import Audit
from train.audit.page import audit_page
from train.audit.summary import to_record


def write_audit(audit: Audit, out: Path) -> None:
    """Write the folder; it appears when it is complete.

    Raises:
        OutputExistsError: There is something at ``out``.
        OutputFailedError: It can't be written there.
    """
    with new_folder(out) as folder:
        _write_groups(audit, folder / "groups.csv")
        record = json.dumps(to_record(audit), indent=2)
        (folder / "audit.json").write_text(record + "\n", "utf-8")
        with (folder / "audit.html").open("w", encoding="utf-8") as page:
            page.writelines(audit_page(audit))


def _write_groups(audit: Audit, path: Path) -> None:
    """Write a row for each photo; the reason names the photos it is linked to."""
    reasons: dict[int, list[str]] = defaultdict(list)
    names = [printable(photo.relative_to(audit.root)) for photo in audit.photos]
    for link in audit.groups.links:
        reasons[link.first].append(f"{link.reason}: {names[link.second]}")
        reasons[link.second].append(f"{link.reason}: {names[link.first]}")
    order = np.argsort(audit.groups.ids, kind="stable").tolist()
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "split", "class", "group", "reason"])
        for index in order:
            rows.writerow(
                [
                    names[index],
                    audit.splits[index],
                    audit.classes[index],
                    int(audit.groups.ids[index]),
                    "; ".join(reasons[index]),
                ]
            )
