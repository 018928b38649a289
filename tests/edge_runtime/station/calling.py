"""A camp in which patients of a worklist are called, and files come, without a store."""

from pathlib import Path

from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import PersonOpened
from edge_runtime.station.happened import Happened
from edge_runtime.station.moment import in_words, now
from edge_runtime.station.patients import Came, patients_of
from edge_runtime.station.whom import given_to
from tests.edge_runtime.station.expecting import scheduled, today


class CampToday:
    """A camp of today that is told things one after the other."""

    def __init__(self):
        self.camp = Camp()

    def happen(self, *events):
        first, at = len(self.camp.history) + 1, in_words(now())
        self.camp.take([], [Happened(first + i, at, each) for i, each in enumerate(events)])

    def came(self):
        return Came(self.camp, today())

    def call(self, patient):
        """Call a patient; gives the number of who is at the camera then."""
        self.happen(*self.came().call(patient, new=self.camp.newest + 1))
        return self.camp.called

    def file(self, name="x.jpg", *, patient_id=None, issuer="", study=""):
        """Let a file come; gives whom it would be of."""
        facts = None
        if patient_id is not None:
            facts = DicomFacts("1.2", patient_id=patient_id, issuer=issuer, study_uid=study)
        events = given_to(self.camp, 1, Path(name), self.camp.call, facts)
        self.happen(*(each for each in events if isinstance(each, PersonOpened)))
        return events[-1].person


def patient(number="P17", name="Ana Lopez", **told):
    (made,) = patients_of([scheduled(number, name, **told)])
    return made
