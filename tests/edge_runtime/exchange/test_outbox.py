"""The queue: what is in it once, what is tried when, what becomes of it, and who sees it."""

import hashlib
import json
import random
import sqlite3

import pytest

from edge_runtime.errors import OutputExistsError, StoreInvalidError
from edge_runtime.exchange import by_hand, outcome
from edge_runtime.exchange.deliver import work
from edge_runtime.exchange.errors import NotInQueueError, NotSendableError
from edge_runtime.exchange.outbox import Outbox
from edge_runtime.exchange.outbox_form import Parcel, Peer
from edge_runtime.exchange.outcome import (
    LONGEST_S,
    MOST_TRIES,
    MOST_VISITS,
    Kept,
    Later,
    PeerFailed,
    Refused,
    Sent,
    delay_s,
    words,
)  # fmt: skip
from edge_runtime.exchange.standing import read_standing, sentence_of
from tests.edge_runtime.read_only_disk import on_a_read_only_disk

PEER = Peer("dicom", "ARCH@127.0.0.1:104", "US")
OTHER = Peer("dicom", "OTHER@127.0.0.1:104", "US")


@pytest.fixture
def queue(tmp_path):
    """The folder of a queue."""
    return tmp_path / "queue"


@pytest.fixture
def outbox(queue):
    """An open queue."""
    opened = Outbox(queue)
    yield opened
    opened.close()


@pytest.fixture
def add(outbox, tmp_path):
    """Put a thing into the queue, of some content under some identity."""

    def added(identity="1.2.3", content=b"bytes", *, to=PEER, may_change=False):
        file = tmp_path / "thing"
        file.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        parcel = Parcel(identity, digest, len(content), "Thing", "thing.dcm", may_change)
        return outbox.add(parcel, file, to)

    return added


def contents(outbox):
    return sorted(each.read_bytes() for each in outbox.content_of("").iterdir())


def send(outbox, way, *, patience_s=0.0, kind="dicom"):
    came = []
    work(outbox, kind, way, patience_s=patience_s, tell=lambda *each: came.append(each))
    return came


def says(*outcomes):
    """Make a way that says the outcomes of things one after the other, the last again and again."""
    left = list(outcomes)

    def way(peer, things, until):
        for item, _ in things:
            said = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(said, PeerFailed):
                raise said
            yield item, said

    return way


def test_the_same_thing_for_the_same_peer_is_in_the_queue_once(outbox, add):
    assert add() == "new"
    assert add() == "waits already"
    assert add(to=OTHER) == "new"
    send(outbox, says(Sent()))
    assert add() == "sent before"
    assert outbox.standing().sent == 2


def test_bytes_are_kept_for_as_long_as_somebody_is_to_get_them(outbox, add):
    add()
    add(to=OTHER)
    assert contents(outbox) == [b"bytes"]
    outbox.note(outbox.due_items(PEER, most=9)[0], Sent())
    outbox.tidy()
    assert contents(outbox) == [b"bytes"]
    outbox.note(outbox.due_items(OTHER, most=9)[0], Sent())
    outbox.tidy()
    assert contents(outbox) == []


def test_an_object_that_changed_under_its_uid_is_refused_unless_the_peer_refused_it(outbox, add):
    add()
    with pytest.raises(NotSendableError, match="on its way to this peer under its SOP Instance"):
        add(content=b"other")
    send(outbox, says(Refused("no")))
    assert add(content=b"other") == "new"
    send(outbox, says(Sent()))
    with pytest.raises(NotSendableError, match="another content is with this peer"):
        add(content=b"third")


def test_a_record_that_changed_takes_the_place_of_the_one_that_waits(outbox, add):
    add(may_change=True)
    assert add(content=b"newer", may_change=True) == "new"
    outbox.tidy()
    assert contents(outbox) == [b"newer"]
    assert len(outbox.items()) == 1
    assert len(send(outbox, says(Sent()))) == 1
    assert add(content=b"newest", may_change=True) == "new"


def test_a_file_that_changes_while_it_is_read_is_refused(outbox, tmp_path):
    file = tmp_path / "thing"
    file.write_bytes(b"later")
    with pytest.raises(NotSendableError, match="changed while it was read"):
        outbox.add(Parcel("1", "0" * 64, 5, "Thing", "thing", False), file, PEER)
    assert contents(outbox) == []
    assert outbox.items() == []


def test_only_its_owner_reads_the_queue(outbox, add, queue):
    add()
    outbox.tell()
    modes = {each.name: each.stat().st_mode & 0o077 for each in queue.rglob("*")}
    assert set(modes.values()) == {0}, modes


def test_what_a_killed_process_left_half_copied_is_cleared(outbox, add, queue):
    add()
    outbox.close()
    (queue / "content" / "stray").write_bytes(b"x")
    (queue / "content" / ".plain-1").mkdir()
    with_others = Outbox(queue)
    assert contents(with_others) == [b"bytes"]
    with_others.close()


def test_one_process_works_at_a_queue(outbox, queue):
    with pytest.raises(OutputExistsError, match="another process is sending from it"):
        Outbox(queue)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda file: file.write_bytes(b"no database" * 99), "not a database"),
        (lambda file: _set(file, "PRAGMA user_version = 9"), "it is of form 9"),
        (lambda file: _set(file, "PRAGMA application_id = 1"), "it is no queue"),
    ],
)
def test_another_file_in_the_queues_place_is_refused_in_a_sentence(outbox, queue, spoil, why):
    outbox.close()
    spoil(queue / "outbox.sqlite")
    with pytest.raises(StoreInvalidError, match=f"{why}.*choose another --queue"):
        Outbox(queue)


def _set(file, statement):
    opened = sqlite3.connect(file, isolation_level=None)
    opened.execute(statement)
    opened.close()


def test_pauses_get_longer_up_to_an_hour_and_have_a_part_by_chance(monkeypatch):
    monkeypatch.setattr(outcome.random, "uniform", lambda low, high: high)
    assert [delay_s(tries) for tries in (1, 2, 3, 4)] == [2, 4, 8, 16]
    assert delay_s(60) == delay_s(10**6) == LONGEST_S
    monkeypatch.setattr(outcome.random, "uniform", random.Random(1).uniform)
    many = [delay_s(4) for _ in range(1000)]
    assert 8 <= min(many) < 8.1  # the half
    assert 15.9 < max(many) <= 16  # to the whole


@pytest.mark.parametrize(("asked", "waits"), [(0, 2), (100, 100), (10**9, LONGEST_S)])
def test_a_peers_own_word_for_when_to_come_counts_up_to_an_hour(asked, waits):
    assert waits / 2 <= delay_s(1, at_least_s=asked) <= waits


def test_what_a_peer_says_is_one_short_line_without_the_token():
    said = words("no\n\x1b[31m\tsecret " + "x" * 10**6, without="secret")
    assert said.startswith("no [31m ... xxx")
    assert len(said) == 300


def test_what_cant_be_taken_now_is_tried_again_and_given_up_after_twenty_times(
    outbox, add, monkeypatch
):
    monkeypatch.setattr(outcome, "_FIRST_S", 0.0)
    add()
    came = send(outbox, says(Later("busy")), patience_s=60)
    assert len(came) == MOST_TRIES
    (item,) = outbox.items()
    assert (item.state, item.tries, item.said) == ("given up", MOST_TRIES, "busy")
    assert add() == "new"  # who sends it once more means it
    assert send(outbox, says(Sent()))[0][1] == Sent()


def test_a_peer_that_is_never_reached_is_given_up_at_last(outbox, add, monkeypatch):
    monkeypatch.setattr(outcome, "_FIRST_S", 0.0)
    add()
    add("1.2.4")
    visits = []
    work(
        outbox, "dicom", says(PeerFailed("nothing answers")), patience_s=60,
        tell_failed=lambda *each: visits.append(each),
    )  # fmt: skip
    assert len(visits) == MOST_VISITS
    assert {(each.state, each.tries, each.said) for each in outbox.items()} == {
        ("given up", 0, "nothing answers")
    }
    assert by_hand.retry(outbox) == 2
    assert len(send(outbox, says(Sent()))) == 2


def test_without_patience_each_peer_is_visited_once(outbox, add):
    add()
    add("1.2.4", to=OTHER)
    visits = []

    def way(peer, things, until):
        visits.append(peer.address)
        raise PeerFailed("nothing answers")
        yield

    send(outbox, way)
    assert visits == [PEER.address, OTHER.address]
    assert outbox.standing().waiting == 2


def test_what_failed_often_holds_nothing_else_up(outbox, add, monkeypatch):
    monkeypatch.setattr(outcome, "_FIRST_S", 0.0)
    add("poison", b"p")
    add("good", b"g")

    def way(peer, things, until):
        for item, _ in things:
            if item.identity == "poison":
                yield item, Later("the connection was lost")
                raise PeerFailed("the connection was lost")
            yield item, Sent()

    came = send(outbox, way, patience_s=60)
    assert [item.identity for item, _ in came[:2]] == ["poison", "good"]
    assert [(each.identity, each.state) for each in outbox.items()] == [("poison", "given up")]


def test_a_clock_that_was_set_back_makes_nothing_wait(outbox, add, monkeypatch):
    add()
    send(outbox, says(Later("busy")))
    assert outbox.due_items(PEER, most=9) == []
    monkeypatch.setattr("edge_runtime.exchange.outbox.time.time", lambda: 1000.0)
    assert len(outbox.due_items(PEER, most=9)) == 1


def test_more_than_one_visit_takes_are_all_sent(outbox, add, monkeypatch):
    monkeypatch.setattr("edge_runtime.exchange.deliver._MOST", 2)
    for number in range(5):
        add(f"1.2.{number}", b"%d" % number)
    assert len(send(outbox, says(Sent()))) == 5


def test_things_of_another_kind_stay(outbox, add):
    add()
    assert send(outbox, says(Sent()), kind="fhir") == []
    assert outbox.standing().waiting == 1


def test_a_stop_between_two_things_loses_nothing(outbox, add):
    for number in range(3):
        add(f"1.2.{number}", b"%d" % number)

    def way(peer, things, until):
        yield things[0][0], Sent()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(outbox, way)
    assert (outbox.standing().sent, outbox.standing().waiting) == (1, 2)


def test_how_a_queue_stands_is_seen_without_opening_it(outbox, add, queue):
    assert read_standing(queue) is None
    for number, said in enumerate((Sent(), Refused("it has no room for you"), Sent())):
        add(f"1.2.{number}", b"%d" % number)
        send(outbox, says(said))
    outbox.note(outbox._items("WHERE identity = '1.2.0'")[0], Kept())
    outbox.tell()
    standing = read_standing(queue)
    assert sentence_of(standing) == (
        "1 refused, 2 sent (1 of them promised to be kept); ARCH@127.0.0.1:104: it has no room "
        "for you"
    )
    assert not standing.is_done
    (queue / "standing.json").write_text("[" * 10**5)
    assert read_standing(queue) is None


def test_how_it_stands_tells_of_nobody(outbox, add, queue):
    add()
    outbox.tell()
    told = json.loads((queue / "standing.json").read_text())
    assert set(told) == {"waiting", "sent", "kept", "refused", "given_up", "said", "at"}


def test_the_files_name_goes_once_it_is_sent(outbox, add, queue):
    add()
    send(outbox, says(Sent()))
    outbox.close()
    assert b"thing.dcm" not in (queue / "outbox.sqlite").read_bytes()


def test_things_are_taken_out_by_their_numbers_and_no_others(outbox, add):
    add()
    (item,) = outbox.items()
    for number in (item.number + 1, 10**15):
        with pytest.raises(NotInQueueError, match="nothing in the queue"):
            by_hand.remove(outbox, [number])
    assert by_hand.remove(outbox, [item.number, item.number]) == 1
    assert outbox.items() == []
    assert contents(outbox) == []


def test_a_row_that_somebody_changed_is_a_sentence(outbox, add, queue):
    add()
    outbox.close()
    _set(queue / "outbox.sqlite", "UPDATE peers SET settings = '{}'")
    opened = Outbox(queue)
    with pytest.raises(StoreInvalidError, match="isn't a peer"):
        send(opened, says(Sent()))
    opened.close()


def test_a_queue_that_cant_be_written_is_refused_before_anything_is_said_of_it(outbox, add, queue):
    add()
    outbox.close()
    done = on_a_read_only_disk(queue, "dicom", "queue", queue)
    assert (done.returncode, done.stdout) == (1, "")
    assert "read-only" in done.stderr
    assert "Traceback" not in done.stderr
