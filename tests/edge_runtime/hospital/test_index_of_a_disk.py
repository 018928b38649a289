"""A disk with an index gives each of its photographs once."""

import shutil

import pytest

from tests.edge_runtime.hospital.objects import lines, write_disk


@pytest.fixture
def disk(wrapped, tmp_path):
    """A disk with an index of three photographs of two persons."""
    return write_disk([wrapped(PatientID=each) for each in ("P1", "P1", "P2")], tmp_path / "disk")


def photos_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "DICOMDIR")


@pytest.mark.parametrize("named", ["the folder", "the index", "both"])
def test_a_disk_with_an_index_gives_each_photo_once(predict, disk, named):
    paths = {"the folder": [disk], "the index": [disk / "DICOMDIR"]}
    result = predict(*paths.get(named, [disk, disk / "DICOMDIR"]), "--json")
    assert result.exit_code == 0, result.stderr
    assert sorted(record["path"] for record in lines(result)) == [*map(str, photos_of(disk))]


def test_what_an_index_names_and_isnt_there_is_named(predict, disk):
    gone = photos_of(disk)[1]
    gone.unlink()
    result = predict(disk, "--json")
    assert result.exit_code == 1
    assert f"Error: {gone}: no such file" in result.stderr
    assert [record["status"] for record in lines(result)].count("ok") == 2


def test_a_disk_that_lists_small_letters_gives_each_photo_once(predict, disk):
    for path in sorted(disk.rglob("*"), reverse=True):
        if path.name != "DICOMDIR":
            path.rename(path.with_name(path.name.lower()))
    result = predict(disk, "--json")
    assert result.exit_code == 0, result.stderr
    assert len(lines(result)) == 3


def test_an_index_that_leads_out_of_its_folder_is_refused(predict, disk, jpeg):
    index = disk / "DICOMDIR"
    data = index.read_bytes()
    name = "\\".join(photos_of(disk)[0].relative_to(disk).parts).encode()
    assert name in data
    (disk.parent / "x").write_bytes(jpeg)
    lead = b"..\\x".ljust(len(name))
    index.write_bytes(data.replace(name, lead, 1))
    result = predict(index, "--json")
    assert result.exit_code == 1
    assert [record["status"] for record in lines(result)] == ["error"]


def test_an_index_that_lists_an_index_ends(predict, disk):
    index = disk / "DICOMDIR"
    second = photos_of(disk)[0]
    shutil.copy(index, second)
    result = predict(index, "--json")
    assert result.exit_code == 1
    assert "is no photograph but Media Storage Directory" in result.stderr
    assert len(lines(result)) == 3
