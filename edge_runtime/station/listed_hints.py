"""Who of a hospital's worklist may be somebody at the camp, and has another name or birth year."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from edge_runtime.station.asker import Heard
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import date_of
from edge_runtime.station.events import Event, PersonDescribed
from edge_runtime.station.hints import Hint, Hints
from edge_runtime.station.patients import Came, Patient
from edge_runtime.station.spelling import same_number
from edge_runtime.station.visits import last_day


class ListedHint(NamedTuple):
    """A hint that a patient of the list, who isn't at the camp yet, has a person's ID."""

    hint: Hint
    patient: Patient


class ListedHints:
    """The hints of a camp that a worklist gives."""

    def __init__(self, camp: Camp, heard: Heard) -> None:
        """Look; whoever asks holds the store's lock.

        Args:
            camp: The camp.
            heard: What the worklist says.
        """
        self._camp, self._heard = camp, heard
        self._came = Came(camp, heard.day)

    def of(self, person: int) -> list[ListedHint]:
        """List the hints about a person, without those that were answered."""
        return [each for each in self._all_of(person) if each.hint.key not in self._camp.answered]

    def _all_of(self, person: int) -> Iterator[ListedHint]:
        own = self._camp.people[person]
        found = self._of_number.get(same_number(own.given_id), ()) if own.given_id else ()
        if not found or date_of(last_day(self._camp, person)) != self._heard.day:
            return
        for patient in found:
            is_of_id = (own.patient_id, own.issuer) == (patient.patient_id, patient.issuer)
            if (is_of_id or not own.patient_id) and self._came.person(patient) is None:
                key = f"listed:{person}:{patient.code}"
                yield ListedHint(Hint("listed", key), patient)

    @cached_property
    def _of_number(self) -> dict[str, list[Patient]]:
        found: dict[str, list[Patient]] = defaultdict(list)
        for each in self._heard.patients:
            if each.spelt:
                found[each.spelt].append(each)
        return found


def is_hinted(camp: Camp, heard: Heard, person: int, key: str) -> bool:
    """Tell whether there is a hint about a person; ``key`` names it."""
    hints = *Hints(camp).of(person), *(each.hint for each in ListedHints(camp, heard).of(person))
    return key in {each.key for each in hints}


def same_as_listed(camp: Camp, person: int, patient: Patient) -> list[Event]:
    """Say what happens where a person is a patient of the list: the list's words count then."""
    own = camp.people[person]
    name, year = patient.name or own.name, patient.birth_year or own.birth_year
    return [patient.expected(person), PersonDescribed(person, patient.given_id, name, year)]
