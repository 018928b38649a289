"""A slip has the checkpoint of the log that covers its person, and alone finds out a forger."""

import contextlib
import re
import shutil
import sqlite3

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.station.camp_form import FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonCalled, ResultOverridden
from edge_runtime.station.logged import LOG
from edge_runtime.station.open_log import logged
from edge_runtime.station.papers.receipt_pdf import receipt_pdf
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.papers.slip_pdf import slip_pdf
from edge_runtime.station.web.pages import receipt_page, slip_page
from edge_runtime.tlog.examine import examine
from tests.edge_runtime.papers.pdf_tools import code_in, needs_tools, picture_of, text_of
from tests.edge_runtime.station.papers.slips import much_is_said_of, person, station_of
from tests.edge_runtime.station.web.served import words
from tests.edge_runtime.tlog.test_attacks import ATTACKS, entries_of, rewrite

_LINE = re.compile(r"[0-9]+: [0-9a-f]{4}(?: [0-9a-f]{4}){15}")


@pytest.fixture
def station(store, intake, classifier):
    with logged(store):
        yield station_of(store, intake, classifier)


def papers(station, number):
    """Give what the slip's and the receipt's paper says, and their pages."""
    slip = slip_of(station, number)
    for pdf in (slip_pdf(slip, station.store.picture), receipt_pdf(slip)):
        yield text_of(pdf)
    for page in (slip_page, receipt_page):
        yield words(page(station, {}, number))


def verified(data, *lines):
    typed = [each for line in lines for each in ("--checkpoint-root", line)]
    ran = CliRunner().invoke(
        main, ["log", "verify", str(data / LOG), "--records", str(data), *typed]
    )
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


@needs_tools
def test_paper_and_pages_have_the_same_line_and_the_log_fits_it(station):
    numbers = [person(station.store, f"K-{each}") for each in range(3)]
    lines = []
    for number in numbers:
        found = {tuple(_LINE.findall(said)) for said in papers(station, number)}
        assert len(found) == 1
        ((line,),) = found
        assert line == slip_of(station, number).log
        lines.append(line)
    assert len({*lines}) == 3
    station.store.close()
    ran = verified(station.store.folder, *lines)
    assert ran.exit_code == 0, ran.output


def test_the_line_covers_all_that_the_slip_says_and_stays_when_others_come(station):
    store = station.store
    number = person(store)
    before = slip_of(station, number).log
    size = int(before.partition(":")[0])
    assert size == store.log.log.size  # it was just logged, and nothing since
    person(store, "K-18")
    store.happen(PersonCalled(number))  # of which slips say nothing
    assert slip_of(station, number).log == before
    store.happen(ResultOverridden(1, "no-referral", "I saw it"))
    after = slip_of(station, number).log
    assert int(after.partition(":")[0]) == store.log.log.size > size
    entries = examine(store.folder / LOG).entries
    assert entries[size - 1].kind == entries[-1].kind == "event"


def test_a_camp_that_is_opened_again_gives_the_same_line(store, intake, classifier):
    with logged(store):
        number = person(store)
        line = slip_of(station_of(store, intake, classifier), number).log
    store.close()
    with contextlib.closing(CampStore(store.folder)) as again, logged(again) as log:
        log.begin("ab" * 32, "{}")
        assert slip_of(station_of(again, intake, classifier), number).log == line


def test_without_a_log_a_slip_has_no_such_line(store, intake, classifier):
    station = station_of(store, intake, classifier)
    number = person(store)
    assert slip_of(station, number).log == ""
    for page in (slip_page, receipt_page):
        assert "Checkpoint" not in words(page(station, {}, number))


def test_a_log_that_can_not_be_read_leaves_a_slip_without_the_line(station):
    store = station.store
    number = person(store)
    while store.log.log.size < 300:
        store.happen(PersonCalled(number))
    assert slip_of(station, number).log
    (store.folder / LOG / "tile/entries/000").unlink()
    assert slip_of(station, number).log == ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_by_a_slip_alone_each_attack_on_the_log_is_found(store, intake, classifier, attack):
    with logged(store):
        station = station_of(store, intake, classifier)
        for each in range(8):
            number = person(store, f"K-{each}")
        line = slip_of(station, number).log
        person(store, "K-9")
    data = store.folder
    store.close()
    rewrite(data / LOG, ATTACKS[attack](entries_of(data / LOG)))
    assert examine(data / LOG).findings == (), "the attack itself must be perfect"
    ran = verified(data, line)
    assert ran.exit_code == 1
    assert f"the checkpoint of {line.partition(':')[0]} entries" in ran.stderr


def test_by_a_slip_alone_a_result_is_found_that_was_changed_together_with_the_log(
    store, intake, classifier
):
    with logged(store):
        number = person(store)
        line = slip_of(station_of(store, intake, classifier), number).log
    data = store.folder
    store.close()
    with contextlib.closing(sqlite3.connect(data / FORM.file)) as opened, opened:
        asked = "UPDATE photos SET record = replace(record, 'glaucoma', 'normal')"
        assert opened.execute(asked).rowcount
    shutil.rmtree(data / LOG)  # and a new one is begun, which has all of it as found
    with contextlib.closing(CampStore(data)) as again, logged(again):
        pass
    assert verified(data).exit_code == 0, "the attack itself must be perfect"
    ran = verified(data, line)
    assert ran.exit_code == 1


@needs_tools
def test_the_code_for_the_hospital_stays_as_it_is_and_all_is_on_one_page(station, tmp_path):
    number = person(station.store)
    much_is_said_of(station.store, number)
    slip = slip_of(station, number)
    assert slip.log.replace(" ", "") not in slip.code
    for pdf in (slip_pdf(slip, station.store.picture), receipt_pdf(slip)):
        assert _LINE.findall(text_of(pdf)) == [slip.log]  # however much else is said
        # OpenCV overlooks the code of one of the two with and without the line at 200 dots
        read = {code_in(picture_of(pdf, tmp_path, dots)) for dots in (150, 200)}
        assert slip.code in read
