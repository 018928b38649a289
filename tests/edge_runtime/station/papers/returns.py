"""A camp of one person, or of several, who come again on the days after."""

import csv
from datetime import date, timedelta

from edge_runtime.station.advice import Advised
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.web.export import camp_csv
from edge_runtime.station.web.plan import plan_of
from tests.edge_runtime.station import camps
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.papers.slips import PICTURES

FIRST, NEXT, THIRD = "2024-05-17", "2024-05-18", "2024-05-19"
OPEN = f"Referred at the visit of {FIRST} and told where to go; nobody knows yet whether they went"


class Camp:
    """A station of one person, or of several, who come again on a next day."""

    def __init__(self, store, station, monkeypatch):
        self.store, self.station, self._monkeypatch = store, station, monkeypatch

    def visit(self, score, *, eyes="LR", person=1):
        """Photograph both eyes of a person with one score."""
        for eye in eyes:
            name = f"{len(self.store.camp.photos)}_O{'S' if eye == 'L' else 'D'}.jpg"
            known = person if person in self.store.camp.people else None
            photo = added(self.store, name, score, person=known, pictures=PICTURES, at=camps.WHEN)
            for picture in PICTURES:
                self.store.picture(photo, picture).write_bytes(camps.jpeg(photo))

    def turn(self, days=1):
        self._monkeypatch.setattr(camps, "WHEN", camps.WHEN + timedelta(days=days))

    def slip(self, day=None, person=1):
        """Give the advice, why, and where the person is to go, None where nothing stands there."""
        slip = slip_of(self.station, person, day=day)
        blanks = dict(slip.blanks)
        return slip.card.mark.key, slip.card.why, blanks.get("Referred to")

    def report(self, day=None, person=1):
        return camp_report(self.store, person, self.station.classifier, day=day).referral

    def due(self, day=None):
        """Give what is due by the report, by the code on the slip and by the table's last row."""
        report = camp_report(self.store, 1, self.station.classifier, day=day)
        code = slip_of(self.station, 1, day=day).code
        *_, row = csv.DictReader(camp_csv(self.store.camp, day=day).splitlines())
        assert report.due == report.visits[-1].due
        in_code = code.partition(";due=")[2].partition(";")[0]
        told = ("", "") if report.due is None else (report.due.why, report.due.day)
        assert told == (row["due"], row["due_since"])
        assert told[0] == in_code
        return told

    def referral(self, day=None, person=1):
        """Give the referral that the report and the last rows in the tables have."""
        told, yes_no = self.report(day, person), {True: "yes", False: "no", None: ""}
        may, went = yes_no[told.may_be_called], yes_no[told.went]
        said = told.place, told.day, may, told.contact, went, told.note
        *_, row = csv.DictReader(camp_csv(self.store.camp, day=day).splitlines())
        *_, last = csv.DictReader(camp_csv(self.store.camp).splitlines())
        for each in (row, last) if day is None else (row,):
            assert tuple(each.values())[22:28] == said
        return said

    def stage(self, person=1):
        camp = self.store.camp
        return plan_of(camp, person, Advised(camp), date.fromisoformat(NEXT)).stage
