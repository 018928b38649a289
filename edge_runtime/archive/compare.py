"""Compare what two models' runs made of the same photographs: what changes if the model does."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from pyarrow import parquet

from edge_runtime.archive.destination import made_with
from edge_runtime.archive.errors import DestinationError
from edge_runtime.archive.place import Place, cause_of, parts_in
from edge_runtime.archive.schema import check_version
from edge_runtime.contract import DISCLAIMER

_COLUMNS = ("path", "source", "date", "status", "class", "confidence", "refer")

#: What stands for a class where there is none: the photograph's status.
NO_CLASS = ("error", "ungradable")

#: What a photograph is called whose referral nothing decides.
_NONE = "none"


class Changes(Struct, frozen=True):
    """What changed among photographs that both runs have.

    ``classes`` and ``referrals`` count photographs by what they were and what they are, "old to
    new"; a photo without a class has its status there. ``class_flips`` have
    another class now, ``lost`` had a class and have none, ``gained`` have one now, and
    ``referral_flips`` were to be referred and aren't, or the other way. ``drift`` is the mean
    change of the confidence of photographs that kept their class, ``drift_abs`` the mean of its
    size; None where there are none.
    """

    photos: int
    class_flips: int
    lost: int
    gained: int
    referral_flips: int
    classes: dict[str, int]
    referrals: dict[str, int]
    drift: float | None
    drift_abs: float | None


class Comparison(Struct, frozen=True):
    """Two runs side by side.

    ``only_old`` and ``only_new`` count photographs that one of them has; ``whole`` is of all that
    both have, ``by_source`` and ``by_month`` of parts of them, "" where neither run tells.
    ``made`` has what the runs were made with otherwise, by its name: of the old one, of the new.
    """

    old: str
    new: str
    made: dict[str, tuple[str, str]]
    only_old: int
    only_new: int
    whole: Changes
    by_source: dict[str, Changes]
    by_month: dict[str, Changes]
    disclaimer: str = DISCLAIMER


def compare(old: Place, new: Place) -> tuple[Comparison, Any]:
    """Compare two runs, photograph by photograph, by their paths.

    Of a photograph that has several records, as it changed, the last counts.

    Args:
        old: Where the one run's records are.
        new: Where the other's are.

    Returns:
        What differs, and a table of pyarrow of the photographs whose class or referral does.

    Raises:
        DestinationError: One has no records, or they can't be read.
    """
    one, other = _last_of(old), _last_of(new)
    both = one.join(other, "path", join_type="inner", left_suffix="_old", right_suffix="_new")
    both = both.sort_by("path")
    source = pc.fill_null(pc.coalesce(both["source_new"], both["source_old"]), "")
    month = pc.fill_null(pc.coalesce(both["month_new"], both["month_old"]), "")
    facts = _Facts(both)
    whole = facts.changes(np.ones(both.num_rows, bool))
    comparison = Comparison(
        old.text, new.text, _made_otherwise(old, new),
        one.num_rows - both.num_rows, other.num_rows - both.num_rows,
        whole, facts.by(source), facts.by(month),
    )  # fmt: skip
    return comparison, _flips(both, facts)


def _made_otherwise(old: Place, new: Place) -> dict[str, tuple[str, str]]:
    one, other = made_with(old), made_with(new)
    return {
        name: (one.get(name, ""), other.get(name, ""))
        for name in one | other
        if one.get(name) != other.get(name)
    }


class _Facts:
    """The columns of photographs that both runs have, as arrays."""

    def __init__(self, both: Any) -> None:
        self.was, self.now = (_texts(both[f"class_{run}"]) for run in ("old", "new"))
        self.referred, self.refers = (_texts(both[f"refer_{run}"]) for run in ("old", "new"))
        before, after = (
            both[f"confidence_{run}"].to_numpy(zero_copy_only=False) for run in ("old", "new")
        )
        self.drift = np.asarray(after, float) - np.asarray(before, float)

    @property
    def flipped(self) -> Any:
        """Which photographs have another class, or another referral."""
        return (self.was != self.now) | (self.referred != self.refers)

    def changes(self, chosen: Any) -> Changes:
        was, now = self.was[chosen], self.now[chosen]
        referred, refers = self.referred[chosen], self.refers[chosen]
        kept = self.drift[chosen][was == now]
        kept = kept[np.isfinite(kept)]
        had, has = (~np.isin(each.astype(str), NO_CLASS) for each in (was, now))
        is_told = (referred != _NONE) & (refers != _NONE)
        return Changes(
            len(was),
            int(((was != now) & had & has).sum()),
            int((had & ~has).sum()),
            int((has & ~had).sum()),
            int(((referred != refers) & is_told).sum()),
            _pairs(was, now),
            _pairs(referred, refers),
            round(float(kept.mean()), 6) if len(kept) else None,
            round(float(np.abs(kept).mean()), 6) if len(kept) else None,
        )

    def by(self, group: Any) -> dict[str, Changes]:
        names = np.asarray(group.to_pylist(), object)
        return {str(name): self.changes(names == name) for name in sorted(set(names))}


def _last_of(place: Place) -> Any:
    """Read a run's last record of each photograph."""
    tables = [_read(place, name) for name in parts_in(place)]
    if not tables:
        raise DestinationError(place.text, "no records of 'fundus-edge archive' lie there")
    table = pa.concat_tables(tables)
    table = table.append_column("number", pa.array(np.arange(table.num_rows)))
    last = table.group_by("path").aggregate([("number", "max")])["number_max"]
    return table.take(last).drop_columns(["number"])


def _read(place: Place, name: str) -> Any:
    try:
        with place.system.open_input_file(place.inner(name)) as raw:
            file = parquet.ParquetFile(raw)
            check_version(file.schema_arrow)
            return _small(file.read(columns=[*_COLUMNS]))
    except (OSError, ValueError) as error:
        cause = f"{name} can't be read: {cause_of(error)}"
        raise DestinationError(place.text, cause) from error


def _small(table: Any) -> Any:
    """Keep of records what is compared: a status stands for a class that there isn't."""
    has_class = pc.fill_null(table["class"], table["status"])
    refer = pc.fill_null(pc.if_else(table["refer"], "refer", "don't refer"), _NONE)
    month = pc.strftime(table["date"], "%Y-%m")
    return pa.table(
        {
            "path": table["path"], "source": table["source"], "month": month,
            "class": has_class, "confidence": table["confidence"], "refer": refer,
        }
    )  # fmt: skip


def _texts(column: Any) -> Any:
    return np.asarray(column.to_pylist(), object)


def _pairs(was: Any, now: Any) -> dict[str, int]:
    names, counts = np.unique(
        np.asarray([f"{a} to {b}" for a, b in zip(was, now, strict=True)], str), return_counts=True
    )
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def _flips(both: Any, facts: _Facts) -> Any:
    names = ("path", "source_new", "month_new", "class_old", "class_new", "confidence_old",
             "confidence_new", "refer_old", "refer_new")  # fmt: skip
    found = both.select(names).filter(pa.array(facts.flipped))
    return found.append_column("disclaimer", pa.array([DISCLAIMER] * found.num_rows, pa.string()))


def share(part: int, of: int) -> float:
    """Give a share 0..1; 0 of nothing."""
    return part / of if of else 0.0


def in_order(by: str, groups: Mapping[str, Changes]) -> list[str]:
    """Give the names of groups: months as they came, sources of which most flipped first."""
    if by == "month":
        return sorted(groups)
    return sorted(groups, key=lambda name: -share(groups[name].class_flips, groups[name].photos))
