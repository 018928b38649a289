"""Say what an audit found, for people and as data."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from train.audit.audit import POOL, Audit, Finding
from train.audit.confounds import ALL
from train.data.patients import say_unknown

_SHOWN = 5  # of each kind of finding; the rest is counted


def summary(audit: Audit) -> str:
    """Write what was found, in lines that fit a terminal."""
    sizes = np.bincount(audit.groups.ids)
    reasons = Counter(link.reason for link in audit.groups.links)
    splits = list(dict.fromkeys(audit.splits))
    where = "" if splits == [POOL] else f" in {', '.join(splits)}"
    lines = [
        f"{len(audit.photos)} photos{where} are {len(sizes)} independent groups, the largest of "
        f"{sizes.max()}.",
        f"Linked by: exact copies {reasons['exact copy']}, near copies {reasons['near copy']}, "
        f"patients {reasons['patient']}.",
        *unknown_patients(audit),
        "",
    ]
    if splits == [POOL]:
        lines.append("Leaks: the dataset isn't split yet.")
    else:
        lines.append(f"Leaks (groups in more than one split): {len(audit.leaks)}")
        lines += _shown([f"{', '.join(e.reasons)}: {_names(audit, e.photos)}" for e in audit.leaks])
    lines.append(f"Conflicts (one photo under two labels): {len(audit.conflicts)}")
    lines += _shown([_names(audit, each.photos) for each in audit.conflicts])
    lines.append(f"Files to look at: {len(audit.problems)}")
    lines += _shown([f"{audit.name(e.path)}: {e.kind}: {e.sentence}" for e in audit.problems])
    return "\n".join([*lines, "", *_confound_lines(audit), *source_lines(audit)])


def headline(audit: Audit) -> str:
    """Write the one figure of the confounds as a sentence."""
    found = audit.confounds
    if found is None:
        return "Too few photos or groups to measure how far the class can be told without the eye."
    return (
        f"Without looking at the eye, the class is guessed right for {found.accuracy[ALL]:.1%} of "
        f"the photos; always naming the most frequent class gives {found.majority:.1%}."
    )


def unknown_patients(audit: Audit) -> list[str]:
    """Say of how many photos no patient is known, in one sentence or none."""
    sentence = say_unknown(audit.groups.unknown_patients, len(audit.photos))
    return [sentence[0].upper() + sentence[1:] + "."] if sentence else []


def source_lines(audit: Audit) -> list[str]:
    """Write how well source and class tell each other, in two sentences or none."""
    found = audit.sources
    if found is None:
        return []
    return [
        f"The class alone tells the source of {found.source:.1%} of the photos, of "
        f"{len(found.sources)} sources; always naming the largest gives "
        f"{found.source_majority:.1%}.",
        f"The source alone tells the class of {found.label:.1%} of the photos; always naming the "
        f"most frequent gives {found.label_majority:.1%}.",
    ]


def to_json(audit: Audit) -> str:
    """Write all that was found as one JSON object; paths are relative to the dataset."""
    reasons = Counter(link.reason for link in audit.groups.links)
    found = audit.confounds

    def findings(some: Iterable[Finding], apart: str) -> list[dict[str, object]]:
        return [
            {
                "group": each.group,
                "photos": [audit.name(path) for path in each.photos],
                "reasons": each.reasons,
                apart: each.names,
            }
            for each in some
        ]

    confounds = found and {
        "accuracy": found.accuracy[ALL],
        "majority": found.majority,
        "photos": found.photos,
        "folds": found.folds,
        "by_family": {name: value for name, value in found.accuracy.items() if name != ALL},
    }
    record = {
        "photos": len(audit.photos),
        "groups": len(np.unique(audit.groups.ids)),
        "links": {name.replace(" ", "_"): count for name, count in sorted(reasons.items())},
        "leaks": findings(audit.leaks, "splits"),
        "conflicts": findings(audit.conflicts, "classes"),
        "problems": [{**vars(each), "path": audit.name(each.path)} for each in audit.problems],
        "confounds": confounds,
        "unknown_patients": audit.groups.unknown_patients,
        "sources": audit.sources and vars(audit.sources),
    }
    return json.dumps(record, indent=2)


def _confound_lines(audit: Audit) -> list[str]:
    found = audit.confounds
    lines = [headline(audit)]
    if found is not None:
        lines.append(f"By ({found.folds}-fold cross-validation by group):")
        lines += [f"  {name:<14}{value:7.1%}" for name, value in found.accuracy.items()]
    return lines


def _shown(rows: list[str]) -> list[str]:
    more = [f"  and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
    return [*(f"  {row}" for row in rows[:_SHOWN]), *more]


def _names(audit: Audit, paths: tuple[Path, ...]) -> str:
    rest = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(audit.name(path) for path in paths[:3]) + rest
