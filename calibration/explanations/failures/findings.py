"""Say in words what sets wrong predictions apart."""

from collections.abc import Iterator, Mapping

from calibration.explanations.failures.contrast import LEVEL, Contrast, p_text
from calibration.explanations.failures.one_place import ANY_CLASS, PlaceRecord
from calibration.explanations.failures.record import Compared, Contrasts, Counts, Sources
from calibration.explanations.failures.traits import Trait
from edge_runtime.results.shown import percent, titled

_NAMED = 8  # traits of a table at most
_CLEARLY = 0.1  # of the photos, by which right or wrong ones must be more at one place than all
_LOOK = "look there for a mark, text, a reflection or the edge of the picture"
_FOLLOWS = {
    "photo": f"in left and right eyes alike: {_LOOK}",
    "not told": f"and the sides of the eyes don't tell whether it is a part of the retina: {_LOOK}",
}

_ONES = {"all": "in all", "right": "right ones", "wrong": "wrong ones"}


#: What a store without labels is told.
NO_LABELS = (
    "No photo of this store has a class to judge by; name a DATASET with labels to 'explain store'."
)


def findings(
    counts: Counts,
    compared: Compared,
    places: Mapping[str, PlaceRecord],
    sources: Sources,
    traits: Mapping[str, Trait],
) -> tuple[str, ...]:
    """Say what sets wrong predictions apart, the surest first; one sentence where nothing does."""
    if not counts.right + counts.wrong:
        return (NO_LABELS,)
    at_a_place = (said for which, said in _places(places) if which == "wrong")
    found = [*at_a_place, *_apart(compared, traits), *_sources(sources)]
    if found:
        return tuple(found)
    told = any(row.p_value is not None for row in compared.in_class.values())
    nothing = "Nothing that was measured sets wrong predictions apart from right ones."
    few = next((row.note for row in compared.in_class.values() if row.note), "nothing is known")
    return (nothing if told else f"Wrong predictions couldn't be compared with right ones: {few}.",)


def at_one_place(places: Mapping[str, PlaceRecord]) -> tuple[str, ...]:
    """Say where the maps of a class, or of its right ones, look, be the prediction right or not."""
    return tuple(said for which, said in _places(places) if which != "wrong")


def _apart(compared: Compared, traits: Mapping[str, Trait]) -> Iterator[str]:
    for name, row in most_apart(compared.in_class, traits)[:_NAMED]:
        within = compared.in_class_and_source[name]
        holds = (
            "; within the same source too" if within.apart
            else "; not shown within the same source" if within.p_value is not None
            else ""
        )  # fmt: skip
        yield (
            _sentence("Wrong against right predictions of the same class", row, traits[name])
            + f"{holds}."
        )
    for label, rows in compared.by_class.items():
        for name, row in most_apart(rows, traits)[:_NAMED]:
            if not compared.in_class[name].apart:
                yield (
                    _sentence(
                        f"Wrong against right predictions of {titled(label)}", row, traits[name]
                    )
                    + "."
                )


def most_apart(rows: Contrasts, traits: Mapping[str, Trait]) -> list[tuple[str, Contrast]]:
    """List what is apart and no control, the farthest first."""
    return sorted(
        ((name, row) for name, row in rows.items() if row.apart and traits[name].kind != "control"),
        key=lambda pair: -abs((pair[1].superiority or 0.5) - 0.5),
    )


def _sentence(who: str, row: Contrast, trait: Trait) -> str:
    if row.superiority is None or row.mean is None or row.mean_others is None:
        raise ValueError("what is apart has figures")
    more = row.superiority >= 0.5
    share = row.superiority if more else 1 - row.superiority
    return (
        f"{who}: {trait.title}: {row.mean:.3g} against {row.mean_others:.3g}, "
        f"{'more' if more else 'less'} in {percent(share, 0)} of pairs "
        f"(corrected p {p_text(row.p_holm)})"
    )


def _places(places: Mapping[str, PlaceRecord]) -> Iterator[tuple[str, str]]:
    """Name each place of a class once: of all photos, or of those of which more are hot there.

    Each with which ones they are: all, right or wrong.

    Those of any class come last, and such a place isn't named again.
    """
    named: set[str | None] = set()
    for name in dict.fromkeys(key.rpartition(", ")[0] for key in places):
        of = {said: places[f"{name}, {said}"] for said in ("all", "right", "wrong")}
        best: dict[str | None, str] = {}
        for said, record in of.items():
            if record.follows in _FOLLOWS:
                before = best.setdefault(record.commonest, said)
                if _share(record) > _share(of[before]) + _CLEARLY:
                    best[record.commonest] = said
        for place, said in best.items():
            if name != ANY_CLASS or place not in named:
                yield said, _at_one_place(f"Predicted as {titled(name)}, {said}", said, of)
            named.add(place)


def _share(record: PlaceRecord) -> float:
    return (record.share.value if record.share else None) or 0.0


def _at_one_place(who: str, said: str, of: Mapping[str, PlaceRecord]) -> str:
    record = of[said]
    place = record.commonest or ""
    others = [
        f"{percent(each.counts.get(place, 0) / each.photos, 0)} of {each.photos} {_ONES[name]}"
        for name, each in of.items()
        if each.photos and name != said
    ]
    chance = f"by chance in {percent(record.by_turning or 0, 0)}"
    told = "; ".join([chance, *others, f"corrected p {p_text(record.p_holm)}"])
    return (
        f"{who}: the map is hottest {place}, in {percent(_share(record), 0)} of {record.photos} "
        f"photos ({told}), {_FOLLOWS[record.follows]}."
    )


def _sources(sources: Sources) -> Iterator[str]:
    if sources.p_value is not None and sources.p_value < LEVEL:
        yield (
            "The source tells wrong predictions beyond the predicted class (p "
            f"{p_text(sources.p_value)}): what sets them apart may be the camera's or the labels'."
        )
