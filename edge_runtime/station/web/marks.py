"""What the pages and papers show of an advice: a sign, a word, and a look."""

from dataclasses import dataclass

from edge_runtime.results.texts import Texts
from edge_runtime.station.advice import Advice

#: A sign for each advice, so that it isn't told by colour alone.
SIGNS: dict[Advice, str] = {
    "refer": "▲", "retake": "↻", "incomplete": "◐", "undecided": "?", "no-referral": "✓",
    "waiting": "…",
}  # fmt: skip

#: Advice by which nothing is to be done at the camera: an earlier referral that is due is more.
SETTLED: frozenset[Advice] = frozenset(("no-referral", "undecided", "waiting"))


@dataclass(frozen=True)
class Mark:
    """What is to be done: its key, its sign and its word, and as what it is to look."""

    key: Advice
    sign: str
    word: str
    look: Advice

    @property
    def said(self) -> str:
        """Both in one."""
        return f"{self.sign} {self.word}"


def mark(advice: Advice, texts: Texts) -> Mark:
    """Show an advice."""
    return Mark(advice, SIGNS[advice], texts.say(f"advice.{advice}"), advice)


def needless_mark(texts: Texts) -> Mark:
    """Mark photographs without a result of an eye that isn't known, once both eyes have one."""
    return Mark("waiting", "…", texts.say("advice.needless"), "waiting")


def due_mark(advice: Advice, texts: Texts) -> Mark:
    """Show that a referral of an earlier visit is due, whatever is advised now."""
    return Mark(advice, "◆", texts.say("advice.due"), "retake")
