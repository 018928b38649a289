"""Say in a sentence why there is to be done with a person what is to be done."""

from edge_runtime.errors import printable
from edge_runtime.explain.landmarks import Eye
from edge_runtime.results.texts import Texts
from edge_runtime.station.advice import EYES, EyeAdvice, PersonAdvice
from edge_runtime.station.by_number import event_of
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told


def why_of(camp: Camp, found: PersonAdvice, texts: Texts) -> str:
    """Say which eyes decide and by what, and what lacks besides.

    Args:
        camp: Where the person is.
        found: What is to be done with them.
        texts: In which words.
    """
    by_eye: dict[Eye | None, EyeAdvice] = dict(found.eyes) | {None: found.of_unknown}
    deciding = {eye: each for eye, each in by_eye.items() if each.advice == found.advice}
    if found.advice in ("waiting", "undecided"):
        said = [texts.say(f"why.{found.advice}")]
    elif found.advice == "incomplete":
        said = []
    else:
        said = [*_by_operator(camp, deciding, texts), *_by_photos(found, deciding, texts)]
    return "; ".join(said + _lacking(found, texts))


def _by_operator(camp: Camp, deciding: dict[Eye | None, EyeAdvice], texts: Texts) -> list[str]:
    """Say what operators decided, eye by eye, as each has a reason of its own."""
    said: dict[str, list[Eye | None]] = {}
    for eye, each in deciding.items():
        if each.why == "operator" and each.photo is not None:
            said.setdefault(decided(camp, camp.told[each.photo]), []).append(eye)
    return [
        texts.say("why.operator", eyes=_named(eyes, texts), why=why) for why, eyes in said.items()
    ]


def decided(camp: Camp, told: Told) -> str:
    """Give the reason of an operator's decision, and who decided where that is known."""
    found = None if told.by is None else event_of(camp.history, told.by)
    name = found.by if found else ""
    return printable(f"{told.why} ({name})" if name else told.why)


def _by_photos(
    found: PersonAdvice, deciding: dict[Eye | None, EyeAdvice], texts: Texts
) -> list[str]:
    """Say what photographs came to, or that there are none that can be read."""
    results = [eye for eye, each in deciding.items() if each.why == "result"]
    rest = [eye for eye, each in deciding.items() if each.why not in ("result", "operator")]
    said = []
    if found.advice == "no-referral":
        both = len([eye for eye in results if eye]) == len(EYES)
        return (
            [
                *([texts.say("why.no-referral", eyes=_named(results, texts))] if not both else ()),
                texts.say("why.no-referral.both" if both else "why.others"),
            ]
            if results
            else []
        )
    if results:
        said.append(texts.say("why.refer", eyes=_named(results, texts)))
    if rest:
        key = "why.unreadable" if found.advice == "refer" else "why.retake"
        said.append(texts.say(key, eyes=_named(rest, texts)))
    return said


def _lacking(found: PersonAdvice, texts: Texts) -> list[str]:
    """Name the eyes of which there is no photograph, or no result, though that decides nothing."""
    said = []
    again: list[Eye | None] = [eye for eye in EYES if found.eyes[eye].advice == "retake"]
    if again and found.advice != "retake":
        said.append(texts.say("why.retake", eyes=_named(again, texts)))
    waiting: list[Eye | None] = [eye for eye in EYES if found.eyes[eye].advice == "waiting"]
    if waiting and not found.unknown and found.advice != "waiting":
        said.append(texts.say("why.incomplete", eyes=_named(waiting, texts)))
    if waiting and found.unknown and found.advice == "incomplete":  # one of those may be it
        said.append(texts.say("why.unknown_eye"))
    return said


def _named(eyes: list[Eye | None], texts: Texts) -> str:
    """Name eyes as a part of a sentence."""
    known = [eye for eye in EYES if eye in eyes]
    words = ["both"] if len(known) == len(EYES) else [*known]
    words += ["unknown"] if None in eyes else []
    return texts.say("and").join(texts.say(f"the.{word}") for word in words)
