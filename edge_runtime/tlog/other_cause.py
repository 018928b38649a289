"""Say what else than somebody can be why the last records of a store aren't there."""

from collections.abc import Collection, Sequence

from edge_runtime.tlog.entry import Entry
from edge_runtime.tlog.living import Living


def other_cause(
    entries: Sequence[Entry], living: Living, records: Collection[str], *, run: str
) -> str:
    """Say it as the end of a sentence, where it can be; "" where it can't.

    A run that was stopped between an entry and its record, as a full disk does it, lacks what came
    last, at one moment. One that was gone on with in a copy of its folder lacks what was logged
    since. Neither has a record that the log doesn't know, but for those that were to be replaced.

    Args:
        entries: All entries of the log.
        living: Those of the run that count.
        records: The hashes of those that the store has.
        run: The run's name; "" for a station.
    """
    gone = {of: number for of, (number, _) in living.living.items() if of not in records}
    was = {new.of: old.of for _, new, (_, old) in living.replaced}
    replaced = set[str]()
    for of in gone:
        while of in was:
            of = was[of]  # noqa: PLW2901 - from what counts back to what was first
            replaced.add(of)
    if not gone or set(records) - living.living.keys() - replaced:
        return ""
    if gone.keys() <= {each.of for each in living.behind(records)}:
        remedy = "go on with predict --resume" if run else "start the station again"
        return f"; or it was stopped there, as by a full disk: {remedy}, then verify again"
    there = [living.logged[of] for of in records if of in living.logged]
    between = entries[max(there, default=0) : min(gone.values())]
    if run and there and any(each.kind == "begin" and each.run == run for each in between):
        return "; or the run went on in a copy of this folder: then name that one"
    return ""
