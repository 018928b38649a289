"""A camp whose person was told where to go: what the forms make of it, and what its table has."""

import csv

from edge_runtime.station import camp_store
from edge_runtime.station.events import PersonReferred
from edge_runtime.station.web import referral_forms
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.referrals_table import referrals_csv
from tests.edge_runtime.station import camps
from tests.edge_runtime.station.camps import WHEN
from tests.edge_runtime.station.papers.returns import NEXT, Camp
from tests.edge_runtime.station.papers.slips import station_of


def referred(store, intake, classifier, monkeypatch):
    """Give a camp whose person is to be referred by the first visit, and was told where to."""
    monkeypatch.setattr(camps, "WHEN", WHEN)
    for module in (camp_store, referral_forms):
        monkeypatch.setattr(module, "now", lambda: camps.WHEN)
    camp = Camp(store, station_of(store, intake, classifier), monkeypatch)
    camp.visit(0.9)
    store.happen(PersonReferred(1, "City", NEXT), by="Ana")
    camp.turn()
    return camp


def rows(camp, **options):
    """Give of each row the person, the visit, where to, and whether they went."""
    table = referrals_csv(camp.store.camp, **options).removeprefix("\ufeff").splitlines()
    return [
        (int(each["person"]), each["visit"], each["referred_to"], each["went"])
        for each in csv.DictReader(table)
    ]


def send(camp, action, **form):
    """Let happen what the page makes of a form; give the number of its last event."""
    words = {name: str(value) for name, value in form.items()}
    events = events_of(action, words, camp.store.camp, person=camp.store.next_person())
    return camp.store.happen(*events)[-1].number


def told(camp, place, day, person=1):
    return send(camp, "refer", person=person, place=place, day=day)


def went(camp, came=True, person=1):
    return send(camp, "follow", person=person, came="yes" if came else "no", note="")


def undo(camp, number):
    return send(camp, "undo", event=number)
