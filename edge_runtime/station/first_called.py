"""Who of a camp's people had an ID first, so that what was written of them stays theirs."""

from edge_runtime.station.camp import Camp
from edge_runtime.station.events import PersonDescribed, PersonExpected, PersonOpened
from edge_runtime.station.spelling import same_number


class FirstCalled:
    """The people who were ever called by each ID, however written, in the order in which it was."""

    def __init__(self, camp: Camp, person: int | None = None) -> None:
        """Look, as ``Past`` does, after everybody or after a person's ID alone.

        What was corrected or undone counts: it may have been exported before.
        """
        self._camp = camp
        asked = None if person is None else same_number(camp.people[person].given_id)
        self._had: dict[str, dict[int, None]] = {}
        for each in camp.history:
            match each.event:
                case PersonOpened(person, told) | PersonDescribed(person, told) if told:
                    self._learn(told, person, asked)
                case PersonExpected(person, told) if told:
                    self._learn(told, person, asked)

    def is_anothers(self, person: int) -> bool:
        """Tell whether a person's ID was another one's before, or is another one's in a hospital.

        Camps number from 1 each day: who comes with a number later doesn't take it from whom it was
        written of. Whom a worklist or a DICOM file calls so has it whenever they came.
        """
        had = self._had.get(same_number(self._camp.people[person].given_id), {})
        people = [*dict.fromkeys(now for each in had if (now := self._camp.now_of(each)))]
        others = [each for each in people if each != person]
        is_later = bool(others) and people[0] != person
        return is_later or any(map(self._is_patient, others))

    def _learn(self, told: str, person: int, asked: str | None) -> None:
        spelt = same_number(told)
        if asked is None or spelt == asked:
            self._had.setdefault(spelt, {}).setdefault(person)

    def _is_patient(self, person: int) -> bool:
        files = (told.photo.dicom for told in self._camp.of(person))
        is_of_file = any(each is not None and each.patient_id for each in files)
        return bool(self._camp.people[person].patient_id) or is_of_file
