"""A disk with an index gives each of its photographs once."""

import gc
import shutil
import warnings

import pytest
from pydicom.fileset import FileSet
from pydicom.uid import generate_uid

from tests.edge_runtime.hospital.objects import lines


@pytest.fixture
def disk(wrapped, tmp_path):
    """A disk with an index of three photographs of two persons."""
    files = FileSet()
    for number, patient in enumerate(("P1", "P1", "P2")):
        data = wrapped(
            PatientID=patient, StudyDate="20240131", StudyTime="101112", StudyID="1",
            AccessionNumber="", Modality="OP", SeriesNumber=1, InstanceNumber=number,
            StudyInstanceUID=f"1.2.3.{patient[1]}", SeriesInstanceUID=f"1.2.3.{patient[1]}.1",
        )  # fmt: skip
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(
            entropy_srcs=[str(number)]
        )
        files.add(data)
    folder = tmp_path / "disk"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its own folders to Python
        files.write(folder)
        del files
        gc.collect()
    return folder


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
