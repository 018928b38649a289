"""Station and owner show each other that they know the key, which neither says."""

from edge_runtime.station.access.key import key_of
from edge_runtime.station.access.owner import Meeting, new_nonce, owner_proof, station_proof
from edge_runtime.station.access.password import set_password
from tests.edge_runtime.station.camps import Clock

KEY = "k" * 43
HERE = "127.0.0.1", 8000


def given_by(meeting):
    return meeting.answer(new_nonce(), HERE).partition(" ")[2]


def test_a_station_proves_itself_for_one_question_and_one_address():
    nonce = new_nonce()
    proof = Meeting(lambda: KEY).answer(nonce, HERE).partition(" ")[0]
    assert proof == station_proof(KEY, nonce, HERE)
    assert proof == station_proof(KEY, nonce, ("::ffff:127.0.0.1", 8000))
    assert proof != station_proof(KEY, nonce, ("127.0.0.1", 8001))
    assert proof != station_proof(KEY, nonce, ("192.168.1.7", 8000))
    assert proof != station_proof(KEY, new_nonce(), HERE)
    assert Meeting(lambda: KEY).answer("a\nb" * 10, HERE) is None


def test_a_proof_of_the_owner_counts_once_for_one_request_and_not_for_long():
    clock = Clock()
    meeting = Meeting(lambda: KEY, clock)
    nonce = given_by(meeting)
    told = f"{nonce} {owner_proof(KEY, 'POST', '/backup.zip', nonce)}"
    assert not meeting.is_owner("POST", "/export.zip", told)
    assert not meeting.is_owner("GET", "/backup.zip", told)
    assert meeting.is_owner("POST", "/backup.zip", told)
    assert not meeting.is_owner("POST", "/backup.zip", told)
    nonce = given_by(meeting)
    told = f"{nonce} {owner_proof(KEY, 'POST', '/backup.zip', nonce)}"
    clock.wait(31)
    assert not meeting.is_owner("POST", "/backup.zip", told)


def test_what_the_station_gave_cant_be_made_or_made_to_last_longer():
    clock = Clock()
    meeting, other = Meeting(lambda: KEY, clock), Meeting(lambda: "o" * 43, clock)
    random, until, mark = given_by(meeting).split(".")
    for nonce in (
        given_by(other), f"{random}.{int(until) + 60}.{mark}", f"{random}.{until}.", "", "..", "a",
    ):  # fmt: skip
        told = f"{nonce} {owner_proof(KEY, 'POST', '/backup.zip', nonce)}"
        assert not meeting.is_owner("POST", "/backup.zip", told)


def test_a_new_password_makes_a_new_key(tmp_path):
    before = key_of(tmp_path)
    set_password(tmp_path, "tres ojos azules")
    assert key_of(tmp_path) != before
    assert (tmp_path / "station.key").stat().st_mode & 0o777 == 0o600
