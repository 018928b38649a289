"""Write the figures of an audit as rows of text, for the page and the console."""

from calibration.explanations.estimate import Estimate
from calibration.explanations.shortcuts.record import Effect, ShortcutsRecord
from calibration.explanations.shortcuts.swaps import SWAPS
from edge_runtime.results.shown import number, percent, signed, titled

Row = tuple[str, ...]

#: The last column of the table by class: photos of another source.
SOURCE = "another source"

DETAIL_HEADS = (
    "property",
    "turned",
    "by its own like",
    "by the middle",
    "turned beyond its own like",
    "95 % interval",
    "moved by, logits",
    "95 % interval",
    "more than the middle",
    "adjusted p",
    "donors",
    "share no donor",
    "of the own source",
    "verdict",
)


def class_heads(record: ShortcutsRecord) -> Row:
    """Head the table by class."""
    return ("property", *(f"into {titled(name)}" for name in record.photos_by_class), SOURCE)


def class_rows(record: ShortcutsRecord) -> list[Row]:
    """List what each property turns into each class: photos turned of all (by their own like)."""
    by_key = {(each.property, each.donor): each for each in record.effects}
    names = dict.fromkeys(each.property for each in record.effects)
    return [
        (
            SWAPS[name].title,
            *(_turned(by_key.get((name, donor))) for donor in (*record.photos_by_class, "")),
        )
        for name in names
    ]


def detail_rows(record: ShortcutsRecord, donor: str) -> list[Row]:
    """List all figures of one class's donors, or of another source's (empty)."""
    return [
        (
            SWAPS[each.property].title,
            _share(each.turned),
            _share(each.turned_by_own),
            _share(each.middle.turned) if each.middle else "-",
            _share(each.turned_beyond),
            _interval(each.turned_beyond, share=True),
            signed(each.towards.value),
            _interval(each.towards),
            signed(each.middle.less.value) if each.middle else "-",
            number(each.p_adjusted, 4),
            str(each.donors or "-"),
            str(each.clusters),
            "-" if each.same_source is None else percent(each.same_source, 0),
            each.verdict,
        )
        for each in record.effects
        if each.donor == donor
    ]


def logit_rows(record: ShortcutsRecord, donor: str) -> list[Row]:
    """List by how much each class's logit moves, beyond the control, and the named class's lead."""
    return [
        (
            SWAPS[each.property].title,
            *(signed(of.value) for of in each.logits.values()),
            signed(each.margin.value),
            _interval(each.margin),
        )
        for each in record.effects
        if each.donor == donor
    ]


def conclusion(record: ShortcutsRecord) -> str:
    """Say in a sentence or two what came out, and what could have been missed."""
    judged, limits = _judged(record), record.thresholds
    few = len(record.effects) - len(judged)
    if not judged:
        return (
            f"Nothing can be judged: it takes photos of {limits.clusters_least} persons that share "
            f"no donor. Give more photos."
        )
    comparisons = _compared(judged)
    rest = (
        f" {_counted(few, 'more comparison')} can't be judged, on too few photos or donors."
        if few
        else ""
    )
    if record.shortcuts:
        change = "changes" if len(record.shortcuts) == 1 else "change"
        return (
            f"The model takes shortcuts: {len(record.shortcuts)} of {comparisons} {change} its "
            f"answers.{rest}"
        )
    least = percent(limits.turned_beyond_least, 0)
    return (
        f"No shortcut was found in {comparisons}. Only what turns at least {least} of the photos "
        f"more than its control does is called one, from {limits.clusters_least} persons that "
        f"share no donor on; what turns fewer can be missed, and by the intervals so can one "
        f"that turns up to {percent(_most_missed(judged), 0)}.{rest}"
    )


def is_clean(record: ShortcutsRecord) -> bool:
    """Say whether no comparison can have hidden a shortcut: each was judged, on enough photos.

    Enough is where its interval leaves out the share of photos from which on one is called so.
    """
    judged = _judged(record)
    return (
        0 < len(judged) == len(record.effects)
        and not record.shortcuts
        and _most_missed(judged) < record.thresholds.turned_beyond_least
    )


def _judged(record: ShortcutsRecord) -> list[Effect]:
    return [each for each in record.effects if each.verdict != "too few"]


def _compared(judged: list[Effect]) -> str:
    """Count comparisons, and say of what they are."""
    properties = len({each.property for each in judged})
    names = {
        bool(each.donor): "each class's donors" if each.donor else SOURCE + "'s" for each in judged
    }
    kinds = [names[of] for of in (True, False) if of in names]
    of = "1 property" if properties == 1 else f"{properties} properties"
    return f"{_counted(len(judged), 'comparison')} ({of}; {' and '.join(kinds)})"


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def _most_missed(judged: list[Effect]) -> float:
    """Give the highest share of photos that a property may turn beyond its control.

    Where no photo differs there is no interval: then the exact one of the share turned bounds it.
    """
    return max(
        (each.turned_beyond.interval or each.turned.interval or (0.0, 1.0))[1] for each in judged
    )


def _turned(effect: Effect | None) -> str:
    if effect is None:
        return "-"
    mark = {"shortcut": " !", "too few": " ?"}.get(effect.verdict, "")
    return f"{effect.count} of {effect.turned.photos} ({effect.count_by_own}){mark}"


def _share(figure: Estimate) -> str:
    return "-" if figure.value is None else percent(figure.value, 0)


def _interval(figure: Estimate, *, share: bool = False) -> str:
    if figure.interval is None:
        return "-"
    low, high = (percent(end, 0) if share else number(end, 2) for end in figure.interval)
    return f"{low} to {high}"
