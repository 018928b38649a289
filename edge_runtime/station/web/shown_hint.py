"""A hint as a page shows it: the words and buttons that several kinds share."""

from dataclasses import dataclass
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.results.texts import Texts
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told
from edge_runtime.station.hints import Hint
from edge_runtime.station.web.cards import title_of
from edge_runtime.station.web.hint_form import Answer


@dataclass(frozen=True)
class ShownHint:
    """A hint about a person of a camp, in words of one of the languages."""

    hint: Hint
    person: int
    camp: Camp
    texts: Texts

    @property
    def told(self) -> Told:
        """The photograph that it is about."""
        return self.camp.told[self.hint.photo or 0]

    @property
    def name(self) -> str:
        """The name of its file."""
        return name_of(self.told)

    def say(self, key: str, **values: object) -> str:
        """Say something in that language."""
        return self.texts.say(key, **values)

    def title(self, person: int | None) -> str:
        """Say what a person is called by."""
        return title_of(self.camp.people[person or 0], self.texts)

    def nothing(self, label: str = "") -> Answer:
        """Give the button that says that nothing is wrong."""
        fields: dict[str, str | int] = {"person": self.person, "key": self.hint.key}
        return Answer("hint", label or self.say(f"hint.{self.hint.kind}.no"), fields)

    def of_photo(self, kind: str, label: str, **fields: str) -> Answer:
        """Give a button of a form about the photograph."""
        return Answer(kind, label, {"photo": self.told.photo.number, **fields})

    def of_eye(self, eye: str | None) -> Answer:
        """Give the button that says which eye the photograph is of."""
        label = self.say("hint.side.is", eye=self.say(f"eye.{eye}"))
        return self.of_photo("eye", label, eye=eye or "")


def name_of(told: Told) -> str:
    """Give the name of a photograph's file."""
    return printable(Path(told.photo.path).name)


def in_one(*words: str | int | None) -> str:
    """Put in one what is known of somebody."""
    return printable(", ".join(str(each) for each in words if each))
