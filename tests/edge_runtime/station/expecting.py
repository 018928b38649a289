"""Who is expected at a camp, for tests: entries of a worklist, and who answers with them."""

import datetime

from edge_runtime.hospital.worklist import Scheduled
from edge_runtime.hospital.worklist_apart import Answer
from edge_runtime.station.asker import Asker

SOURCE = "RIS@192.168.1.5:104"


def today():
    return datetime.datetime.now().astimezone().date().isoformat()


def scheduled(number, name="", *, issuer="H", time="10:15", what="Both eyes", year=None, **told):
    """Make an entry of the day; ``number`` is the patient's ID."""
    told = {
        "accession": f"A{number}", "study_uid": f"1.2.{number}", "modality": "OP",
        "time": f"{today()}T{time}", **told,
    }  # fmt: skip
    return Scheduled(
        patient_id=number, issuer=issuer, name=name, description=what, birth_year=year, **told
    )


class Hospital:
    """A worklist that answers as it is told; ``days`` are those that it was asked for."""

    def __init__(self, *entries, trouble=""):
        self.entries, self.trouble, self.days, self.is_ended = entries, trouble, [], False

    def ask(self, day):
        self.days.append(day)
        return Answer(trouble=self.trouble) if self.trouble else Answer(tuple(self.entries))

    def end(self):
        self.is_ended = True


def asker_of(store, *entries, **options):
    """Make an asker of a store that has asked once."""
    made = Asker(store.folder, Hospital(*entries, **options), source=SOURCE, changed=store.tell)
    made.ask()
    return made
