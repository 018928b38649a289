"""A person has one pseudonym by a key, which has a file of its own, and none can do without."""

import hashlib
import json
import subprocess
import sys

import pytest

from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms, PseudonymsError


@pytest.fixture
def file(tmp_path):
    return tmp_path / "apart" / "pseudonyms.json"


def test_the_same_person_has_one_pseudonym_in_each_run_and_another_person_another(file):
    first = Pseudonyms.of_file(file)
    named = first.person("P1", "H"), first.person("P2", "H"), first.person("P1", "J")
    first.keep()
    again = Pseudonyms.of_file(file)
    assert (again.person(" P1 ", "H"), again.person("P2", "H"), again.person("P1", "J")) == named
    assert len({*named, again.person("P1"), again.person("H", "P1")}) == 5
    assert all(len(each) == 17 and each[0] == "P" for each in named)
    assert again.people[named[0]].identity == "P1"
    assert again.people[named[2]].issuer == "J"


def test_the_file_is_for_its_owner_alone_and_is_told_what_it_is(file):
    known = Pseudonyms.of_file(file)
    known.person("Müller", "H")
    known.keep()
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    told = json.loads(file.read_text("ascii"))
    assert told["what"] == "pseudonyms of fundus-edge"
    assert "can tell whose" in told["warning"]


def test_without_the_key_a_pseudonym_cant_be_computed():
    names = [f"P{number}" for number in range(1000)]
    made = Pseudonyms.forgotten()
    given = {made.person(name) for name in names}
    others = Pseudonyms.forgotten()
    assert not given & {others.person(name) for name in names}
    guesses = {
        f"P{function(form.format(name).encode()).hexdigest()[:16].upper()}"
        for name in names
        for form in ("{}", "person{}", "person\0\0{}")
        for function in (hashlib.sha256, hashlib.sha1, hashlib.md5)
    }
    assert not given & guesses


def test_what_two_runs_add_at_the_same_time_is_all_kept(file):
    one, two = Pseudonyms.of_file(file), Pseudonyms.of_file(file)
    one.person("A")
    two.person("B")
    one.keep()
    two.keep()
    assert {each.identity for each in Pseudonyms.of_file(file).people.values()} == {"A", "B"}


def test_processes_that_begin_the_file_together_have_one_key(file):
    code = (
        "import sys; from pathlib import Path\n"
        "from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms\n"
        "known = Pseudonyms.of_file(Path(sys.argv[1])); print(known.person('A'))\n"
        "known.person(sys.argv[2]); known.keep()"
    )
    begun = [
        subprocess.Popen([sys.executable, "-c", code, str(file), name], stdout=subprocess.PIPE)
        for name in "BCDE"
    ]
    assert len({each.communicate()[0] for each in begun}) == 1
    kept = {each.identity for each in Pseudonyms.of_file(file).people.values()}
    assert kept == {*"ABCDE"}


def test_a_file_that_was_replaced_isnt_written_over(file):
    known = Pseudonyms.of_file(file)
    known.person("A")
    file.unlink()
    Pseudonyms.of_file(file)
    before = file.read_bytes()
    with pytest.raises(PseudonymsError, match="was replaced while it was used; begin again"):
        known.keep()
    assert file.read_bytes() == before


@pytest.mark.parametrize("inside", ["out/p.json", "out/deeper/p.json", "results/p.json"])
def test_it_may_not_lie_with_what_is_handed_on(tmp_path, inside):
    folders = tmp_path / "out", tmp_path / "results"
    with pytest.raises(PseudonymsError, match="with what it must be kept apart from"):
        Pseudonyms.of_file(tmp_path / inside, apart_from=folders)
    assert [*tmp_path.iterdir()] == []
    folders[0].mkdir()
    (tmp_path / "link").symlink_to(folders[0])
    with pytest.raises(PseudonymsError, match="kept apart"):
        Pseudonyms.of_file(tmp_path / "link" / "p.json", apart_from=folders)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no file of pseudonyms"),
        (b"[]", "is no file of pseudonyms"),
        (b"\xff\xfe\0", "is no file of pseudonyms"),
        (b'{"what": "pseudonyms of fundus-edge"}', "is no file of pseudonyms"),
        (b'{"what": "pseudonyms of fundus-edge", "schema": 1, "warning": "", "key": "00", '
         b'"people": {}}', "has a key of another length"),
        (b'{"what": "pseudonyms of fundus-edge", "schema": 1, "warning": "", "key": "zz", '
         b'"people": {}}', "is no file of pseudonyms"),
        (b"{" * 100_000, "is no file of pseudonyms"),
    ],
)  # fmt: skip
def test_another_file_is_refused_in_a_sentence_and_left_as_it_is(file, content, said):
    file.parent.mkdir()
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(PseudonymsError, match=said) as told:
        Pseudonyms.of_file(file)
    assert "\n" not in str(told.value)
    assert file.read_bytes() == content


def test_a_file_that_others_may_open_is_refused(file):
    Pseudonyms.of_file(file)
    file.chmod(0o640)
    with pytest.raises(PseudonymsError, match="see to it: chmod 600"):
        Pseudonyms.of_file(file)
    folder = file.parent / "f"
    folder.mkdir()
    with pytest.raises(PseudonymsError, match="can't be read"):
        Pseudonyms.of_file(folder)
