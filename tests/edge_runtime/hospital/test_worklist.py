"""Who is to be photographed, asked of dcmtk's worklist and of ones that lie."""

import datetime
import json
import re
import socket
import threading
import time

import pytest
from click.testing import CliRunner
from pydicom.dataset import Dataset

from edge_runtime.commands.main import main
from edge_runtime.hospital import worklist as module
from edge_runtime.hospital.calling import PeerSilentError
from edge_runtime.hospital.demographics import Demographics
from edge_runtime.hospital.names import readable_name
from edge_runtime.hospital.peers import Peer
from edge_runtime.hospital.worklist import Scheduled, worklist
from tests.edge_runtime.hospital.receiving import needs_dcmtk
from tests.edge_runtime.hospital.worklists import dcmtks_worklist, entry, worklist_of

DAY = datetime.date(2026, 11, 28)


@pytest.fixture
def hospital(tmp_path):
    """Run dcmtk's worklist with three persons, two of them of the day; gives its port."""
    entries = entry(1, time="113000"), entry(2), entry(3, day="20261129")
    with dcmtks_worklist(tmp_path / "lists", entries) as peer:
        yield peer.port


@needs_dcmtk
def test_dcmtks_worklist_is_read_by_day_the_first_to_come_first(hospital):
    peer = f"HOSPITAL@127.0.0.1:{hospital}"
    run = CliRunner().invoke(main, ["dicom", "worklist", "--peer", peer, "--date", "2026-11-28"])
    assert run.exit_code == 0, run.output
    assert run.stdout.splitlines() == [
        "2026-11-28 10:15\tH/P2\tNúñez Ana\tOP\tBoth eyes",
        "2026-11-28 11:30\tH/P1\tNúñez Ana\tOP\tBoth eyes",
    ]
    any_day = ["dicom", "worklist", "--peer", peer, "--date", "any", "--json", "--modality", "OP"]
    lines = [json.loads(each) for each in CliRunner().invoke(main, any_day).stdout.splitlines()]
    assert [each["patient_id"] for each in lines] == ["P2", "P1", "P3"]
    assert (lines[0]["accession"], lines[0]["birth_year"]) == ("A2", 1950)
    assert re.fullmatch(r"[\d.]+", lines[0]["study_uid"])
    none = CliRunner().invoke(main, ["dicom", "worklist", "--peer", peer, "--date", "2001-01-01"])
    assert (none.exit_code, none.stdout) == (0, "")
    assert "Nobody is scheduled" in none.stderr


def test_more_than_a_days_work_is_cut_off(monkeypatch):
    monkeypatch.setattr(module, "MOST", 7)

    def endless():
        number = 0
        while True:
            number += 1
            yield 0xFF00, entry(number)

    with worklist_of(endless) as peer:
        found, is_cut_off = worklist(peer, ae_title="X", day=DAY)
    assert (len(found), is_cut_off) == (7, True)


def test_name_birth_date_and_sex_are_kept_as_the_hospital_writes_them():
    def answers():
        yield 0xFF00, entry(1, name="Nunez^Rosa=Rosa")
        yield 0xFF00, entry(2, PatientBirthDate="1950", PatientSex="")

    with worklist_of(answers) as peer:
        (one, two), _ = worklist(peer, ae_title="X", day=DAY)
    assert one.demographics == Demographics("Nunez^Rosa=Rosa", "19500101", "F")
    assert (two.demographics.birth_date, two.demographics.sex) == ("", "")


def test_what_an_answer_doesnt_say_is_empty():
    odd = entry(2, day="", name="", time="")
    with pytest.warns(UserWarning, match="Invalid value"):
        odd.ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartTime = "99"
    only = Dataset()
    only.PatientID = "\x1b[31m7"

    def answers():
        yield 0xFF00, odd
        yield 0xFF01, only

    with worklist_of(answers) as peer:
        found, _ = worklist(peer, ae_title="X", day=None)
    assert Scheduled("", "[31m7", "", "", "", "", "", "") in found
    assert {each.time for each in found} == {""}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (lambda: iter([(0xFF00, entry(1)), (0xA700, None)]), "answered with 0xa700"),
        (lambda: iter([(0xC001, None)]), "answered with 0xc001"),
    ],
)
def test_a_worklist_that_fails_is_said(answers, said):
    with worklist_of(answers) as peer, pytest.raises(PeerSilentError, match=said):
        worklist(peer, ae_title="X", day=DAY)


def test_who_cant_be_reached_or_hangs_up_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]

        def hang_up():
            deaf.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(PeerSilentError, match="; "):
            worklist(Peer("A", "127.0.0.1", port), ae_title="X", day=DAY)
        thread.join()
    with pytest.raises(PeerSilentError, match="nobody answers there"):
        worklist(Peer("A", "127.0.0.1", port), ae_title="X", day=DAY)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--peer", "A@B"], "port is missing"),
        (["--peer", "A@no-such-host.invalid:104"], "no such host is known here; check the name"),
        (["--peer", "A@127.0.0.1:1", "--date", "yesterday"], "neither today nor any"),
        (["--peer", "A@127.0.0.1:1", "--ae-title", ""], "1 to 16 letters"),
    ],
)
def test_what_cant_be_asked_is_said(options, said):
    result = CliRunner().invoke(main, ["dicom", "worklist", *options])
    assert result.exit_code in (1, 2)
    assert said in result.output + str(result.exception)


@pytest.mark.parametrize(
    ("time", "start"),
    [("101512.5", "T10:15"), ("101512", "T10:15"), ("1015", "T10:15"), ("09", "T09:00"), ("", ""),
     ("99", ""), ("1", ""), ("10:15:12", ""), ("soon", "")],
)  # fmt: skip
def test_a_start_is_as_exact_as_it_can_be_read(time, start):
    assert module._when("20261128", time) == f"2026-11-28{start}"
    assert module._when("", time) == ""


def test_who_answers_slowly_without_end_is_heard_for_a_while():
    def slow():
        number = 0
        while True:
            time.sleep(0.05)
            number += 1
            yield 0xFF00, entry(number)

    begun = time.monotonic()
    with worklist_of(slow) as peer, pytest.raises(PeerSilentError, match="takes too long"):
        worklist(peer, ae_title="X", day=DAY, within=0.5)
    assert time.monotonic() - begun < 15  # of which closing takes most


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("Núñez^Ana", "Núñez Ana"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada Tarou (山田 太郎, やまだ たろう)"),
        ("=山田^太郎", "山田 太郎"),
        ("Hong^Gildong=Hong^Gildong=홍^길동", "Hong Gildong (홍 길동)"),
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams John Robert Quincy Rev. B.A. M.Div."),
        ("^^^^=^=", ""),
        ("", ""),
    ],
)
def test_a_name_is_written_as_people_read_it(told, read):
    assert readable_name(told) == read


@pytest.mark.parametrize(
    ("born", "year"),
    [("19500101", 1950), ("1950", 1950), ("20240229", 2024), ("", None), ("00010101", None),
     ("195001011", None), ("soon", None)],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Invalid value")
def test_a_year_of_birth_is_one_or_none(born, year):
    assert module._scheduled(entry(1, PatientBirthDate=born)).birth_year == year


def test_a_name_in_japanese_comes_in_its_own_letters():
    """As PS3.5, H.3.2, has it: the Latin letters, Kanji by escape sequences, and Kana."""
    made = entry(1)
    made.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    made.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    with worklist_of(lambda: iter([(0xFF00, made)])) as peer:
        (found,), _ = worklist(peer, ae_title="X", day=DAY)
    assert found.name == "Yamada Tarou (山田 太郎, やまだ たろう)"
