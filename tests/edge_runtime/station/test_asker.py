"""The worklist is asked in the background, its last list kept for its day and its owner alone."""

import datetime
import json
import socket
import threading
import time

import pytest
from msgspec.structs import replace

from edge_runtime.hospital.peers import Peer
from edge_runtime.hospital.worklist_apart import Answer, WorklistApart, WorklistOf
from edge_runtime.station.asker import LIST, Asker, forget
from tests.edge_runtime.station.expecting import SOURCE, Hospital, scheduled, today
from tests.edge_runtime.station.taking_in import PATIENCE_S, wait_until

NOW = datetime.datetime.now().astimezone()


def asker(folder, hospital, *, source=SOURCE, at=lambda: NOW, changed=lambda: None):
    return Asker(folder, hospital, source=source, changed=changed, clock=at)


def test_the_last_list_outlives_the_station_for_its_owner_alone(tmp_path):
    told = []
    first = asker(tmp_path, Hospital(scheduled("P1", "Ana")), changed=lambda: told.append(1))
    first.ask()
    assert (tmp_path / LIST).stat().st_mode & 0o777 == 0o600
    assert len(told) == 2  # that it is asked, and what it said
    again = asker(tmp_path, Hospital(trouble="nobody answers there")).heard
    assert [each.name for each in again.patients] == ["Ana"]
    assert again.list == first.heard.list


def test_a_list_stays_while_the_network_is_away_and_it_is_said_why(tmp_path):
    hospital = Hospital(scheduled("P1", "Ana"))
    asking = asker(tmp_path, hospital)
    asking.ask()
    hospital.trouble = "nobody answers there"
    asking.ask()
    heard = asking.heard
    assert (heard.trouble, len(heard.patients)) == ("nobody answers there", 1)
    assert heard.tried
    hospital.trouble, hospital.entries = "", ()
    asking.ask()
    assert (asking.heard.trouble, asking.heard.patients) == ("", ())


def test_who_is_expected_is_worked_out_once_for_a_list_and_not_kept_with_it(tmp_path):
    hospital = Hospital(scheduled("P1", "Ana"))
    asking = asker(tmp_path, hospital)
    asking.ask()
    known, kept = asking.heard.patients, (tmp_path / LIST).read_bytes()
    hospital.trouble = "nobody answers there"
    asking.ask()
    assert asking.heard.patients is known
    asker(tmp_path, hospital)
    assert (tmp_path / LIST).read_bytes() == kept
    assert "patients" not in json.loads(kept)


def test_a_list_is_thrown_away_when_its_day_is_over(tmp_path):
    days = [NOW]
    asking = asker(tmp_path, Hospital(scheduled("P1")), at=lambda: days[-1])
    asking.ask()
    asking.forget_yesterday()
    assert asking.heard.list
    days.append(NOW + datetime.timedelta(days=1))
    asking.forget_yesterday()
    assert asking.heard.list is None
    assert not (tmp_path / LIST).exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told | {"day": "2001-01-01"},
        lambda told: told | {"source": "ANOTHER@10.0.0.1:104"},
        lambda told: told | {"at": "soon"},
        lambda told: told | {"scheduled": told["scheduled"] * 1001},
        lambda told: told | {"scheduled": [{"time": 1}]},
        lambda told: [],
    ],
)
def test_a_kept_list_of_another_day_or_hospital_or_that_is_damaged_is_thrown_away(tmp_path, spoil):
    asker(tmp_path, Hospital(scheduled("P1"))).ask()
    told = json.loads((tmp_path / LIST).read_text())
    assert told["day"] == today()
    (tmp_path / LIST).write_text(json.dumps(spoil(told)))
    assert asker(tmp_path, Hospital()).heard.list is None
    assert not (tmp_path / LIST).exists()


def test_a_worklist_that_names_other_days_too_is_heard_of_today_alone(tmp_path):
    entries = scheduled("P1"), replace(scheduled("P2"), time="2001-01-01T10:00")
    asking = asker(tmp_path, Hospital(*entries, replace(scheduled("P3"), time="")))
    asking.ask()
    assert [each.given_id for each in asking.heard.patients] == ["P1", "P3"]


def test_a_full_disk_leaves_the_list_on_the_page(tmp_path):
    asking = asker(tmp_path / "gone", Hospital(scheduled("P1")))
    asking.ask()
    assert len(asking.heard.patients) == 1


def test_it_is_asked_at_once_and_when_somebody_wants_it_and_ends_at_once(tmp_path):
    hospital = Hospital()
    asking = asker(tmp_path, hospital)
    thread = threading.Thread(target=asking.run)
    thread.start()
    wait_until(lambda: len(hospital.days) == 1)
    asking.ask_again()
    wait_until(lambda: len(hospital.days) == 2)
    asking.end()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert hospital.is_ended
    assert hospital.days == [NOW.date()] * 2


def test_the_end_doesnt_wait_for_a_hospital_that_never_answers(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        of = WorklistOf(Peer("RIS", "127.0.0.1", deaf.getsockname()[1]), "CAMP")
        asking = asker(tmp_path, WorklistApart(of))
        thread = threading.Thread(target=asking.run)
        thread.start()
        with deaf.accept()[0]:
            assert asking.heard.is_asking
            begun = time.monotonic()
            asking.end()
            thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert time.monotonic() - begun < 5  # where a peer is waited for 15 s


def test_what_was_kept_goes_where_no_worklist_is_asked_any_more(tmp_path):
    asker(tmp_path, Hospital(scheduled("P1"))).ask()
    forget(tmp_path)
    forget(tmp_path)
    assert not (tmp_path / LIST).exists()


def test_a_list_that_is_cut_off_is_known_to_be(tmp_path):
    hospital = Hospital()
    hospital.ask = lambda day: Answer((scheduled("P1"),), True)
    asking = asker(tmp_path, hospital)
    asking.ask()
    assert asking.heard.list.is_cut_off
