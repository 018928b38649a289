"""DICOM files and objects stand for the photographs in them, and cost no more than their header."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import fs, parquet

from edge_runtime.archive import inside
from edge_runtime.archive import place as places
from edge_runtime.archive.listing import Listed, entries
from edge_runtime.archive.place import place_of
from edge_runtime.hospital import look
from edge_runtime.hospital.find import DicomFinder
from edge_runtime.photo.find import find_photos
from tests.edge_runtime.archive.scans import OTHERS, PHOTOS, wrapped, write_scans
from tests.edge_runtime.hospital.objects import write_disk


def listed(source, **options):
    counts = Listed()
    return [*entries(str(source), counts, **options)], counts


def listed_paths(source, **options):
    return [entry.path for entry in listed(source, **options)[0]]


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    return write_scans(tmp_path_factory.mktemp("scans"))


def test_a_folder_has_the_photographs_that_predict_finds_and_counts_what_it_passes_over(scans):
    found, counts = listed(scans)
    finder = DicomFinder()
    others = find_photos([scans], in_named=finder.in_named, in_others=finder.in_others)
    assert [entry.path for entry in found] == [str(scans / name) for name in PHOTOS]
    assert {entry.path for entry in found} == {*map(str, others.photos)}
    assert counts.others == finder.passed_over == OTHERS
    assert counts.beside == len(others.unread) == 1
    assert {entry.source for entry in found if "three" in entry.path} == {"north"}


def test_no_file_with_a_photos_ending_is_looked_into(scans, monkeypatch):
    asked = []
    monkeypatch.setattr(DicomFinder, "in_others", lambda _, file: asked.append(file.name))
    listed(scans)
    assert "plain.jpg" not in asked
    assert len(asked) == 11  # the others but the text, and what is hidden


def test_a_disk_with_an_index_gives_each_photograph_once_and_names_what_is_gone(tmp_path):
    disk = write_disk([wrapped(number, PatientID=f"P{number}") for number in range(3)],
                      tmp_path / "disk")  # fmt: skip
    photos = sorted(path for path in disk.rglob("*") if path.is_file() and path.suffix == ""
                    and path.name != "DICOMDIR")  # fmt: skip
    assert len(photos) == 3
    photos[1].unlink()
    shutil.copy(disk / "DICOMDIR", disk / "DICOMDIR.BAK")
    assert sorted(listed_paths(disk)) == [*map(str, photos)]
    assert listed_paths(disk).count(str(photos[1])) == 1


def write_list(folder, paths):
    file = folder / "list.parquet"
    table = {"path": paths, "source": [f"s{n}" for n in range(len(paths))]}
    parquet.write_table(pa.table(table), file)
    return file


def test_a_list_names_files_of_several_and_single_photographs_of_them(scans, tmp_path):
    north, south = f"{scans}/north", f"{scans}/south"
    rows = [f"{north}/three.dcm#2", f"{north}/three.dcm", f"{north}/three.dcm#3",
            f"{north}/three.dcm", f"{south}/ct.dcm", f"{north}/none.dcm", f"{scans}/plain.jpg",
            f"{north}/IM0001"]  # fmt: skip
    found, counts = listed(write_list(tmp_path, rows))
    assert [(entry.path, entry.source) for entry in found] == [
        (f"{north}/three.dcm#2", "s0"), (f"{north}/three.dcm#1", "s1"),
        (f"{north}/three.dcm#3", "s2"), (f"{south}/ct.dcm", "s4"), (f"{north}/none.dcm", "s5"),
        (f"{scans}/plain.jpg", "s6"), (f"{north}/IM0001", "s7"),
    ]  # fmt: skip
    assert (counts.duplicates, counts.photos, counts.others) == (3, 7, {})


def test_without_what_reads_dicom_each_file_stands_for_itself(scans, tmp_path, monkeypatch):
    for module in ("archive.inside", "hospital.find"):
        monkeypatch.setattr(f"edge_runtime.{module}.is_installed", lambda: False)
    named = f"{scans}/north/three.dcm"
    assert named in listed_paths(scans)
    assert f"{scans}/north/IM0001" in listed_paths(scans)
    assert listed_paths(write_list(tmp_path, [named])) == [named]


def test_a_file_that_has_a_record_is_not_looked_into_again(scans, tmp_path, monkeypatch):
    asked = []
    photos_in = look.photos_in
    monkeypatch.setattr(
        look, "photos_in", lambda file, **told: asked.append(file.name) or photos_in(file, **told)
    )
    stamp = (scans / "north" / "one.dcm").stat()
    done = (f"{scans}/north/one.dcm", stamp.st_size, stamp.st_mtime_ns)
    whole, _ = listed(scans)
    asked.clear()
    assert listed(scans, is_done=lambda *told: told == done)[0] == whole
    assert "one.dcm" not in asked
    assert "IM0001" in asked
    assert listed_paths(write_list(tmp_path, [done[0]]), is_done=lambda *told: told == done) == [
        done[0]
    ]
    assert asked.count("one.dcm") == 0


@pytest.fixture
def bucket(scans, monkeypatch):
    """The same as objects that are kept in memory."""
    place = place_of("mock://bucket/scans")
    system = fs.FileSystem.from_uri("mock://bucket")[0]
    monkeypatch.setattr(places, "_system", lambda url: system if url else fs.LocalFileSystem())
    for file in sorted(each for each in scans.rglob("*") if each.is_file()):
        put(place, file.relative_to(scans), file.read_bytes())
    return place


def put(place, name, data):
    path = Path(place.root, name)
    place.system.create_dir(str(path.parent))
    with place.system.open_output_stream(str(path)) as out:
        out.write(data)


def test_objects_with_an_ending_of_dicom_are_listed_as_the_files_of_a_folder(bucket, scans):
    found, counts = listed(bucket.text)
    expected = [f"{bucket.text}/{name}" for name in PHOTOS if name != "north/IM0001"]
    assert [entry.path for entry in found] == expected
    assert counts.others == OTHERS
    assert counts.beside == 2  # the film, and what has no ending
    sizes = {entry.path: entry.size_bytes for entry in found}
    assert sizes[f"{bucket.text}/north/three.dcm#2"] == (scans / "north/three.dcm").stat().st_size


def test_only_of_objects_with_several_photographs_more_is_read_than_their_begin(
    bucket, monkeypatch
):
    asked = []
    read = inside.Inside._read
    monkeypatch.setattr(
        inside.Inside, "_read",
        lambda self, path, size: asked.append((path.rpartition("/")[2], size))
        or read(self, path, size),
    )  # fmt: skip
    listed(bucket.text)
    begun = [name for name, size in asked if size == inside.FIRST_BYTES]
    assert sorted(begun) == [
        "ct.dcm", "cut.dcm", "damaged.dcm", "empty.DICOM", "one.dcm", "overlay.dcm", "report.dcm",
        "rle.dcm", "three.dcm",
    ]  # fmt: skip
    whole = {name for name, size in asked if size != inside.FIRST_BYTES}
    assert whole == {"cut.dcm", "rle.dcm", "three.dcm"}


def test_a_list_of_objects_names_those_without_an_ending_and_single_photographs_too(
    bucket, tmp_path
):
    text = bucket.text
    rows = [f"{text}/north/IM0001", f"{text}/north/three.dcm#2", f"{text}/north/three.dcm",
            f"{text}/south/ct.dcm", f"{text}/none.dcm", f"{text}/plain.jpg"]  # fmt: skip
    put(bucket, "list.parquet", write_list(tmp_path, rows).read_bytes())
    found, counts = listed(f"{text}/list.parquet")
    assert [entry.path.removeprefix(f"{text}/") for entry in found] == [
        "north/IM0001", "north/three.dcm#2", "north/three.dcm#1", "north/three.dcm#3",
        "south/ct.dcm", "none.dcm", "plain.jpg",
    ]  # fmt: skip
    assert (counts.duplicates, counts.others) == (1, {})


def test_an_object_of_several_that_is_too_large_to_be_fetched_stands_for_itself(
    bucket, monkeypatch
):
    monkeypatch.setattr(inside, "LARGEST", 100_000)
    found = [entry.path.removeprefix(f"{bucket.text}/") for entry in listed(bucket.text)[0]]
    assert "north/three.dcm" in found
    assert "north/three.dcm#1" not in found
    assert "north/one.dcm" in found


def test_an_object_that_has_a_record_is_not_asked_for(bucket, monkeypatch):
    asked = []
    read = inside.Inside._read
    monkeypatch.setattr(
        inside.Inside, "_read",
        lambda self, path, size: asked.append(path.rpartition("/")[2]) or read(self, path, size),
    )  # fmt: skip
    whole, _ = listed(bucket.text)
    asked.clear()
    known = {entry[0]: entry[3:] for entry in whole}
    again, _ = listed(bucket.text, is_done=lambda path, *stamp: known.get(path) == stamp)
    assert again == whole
    assert "one.dcm" not in asked
    assert "damaged.dcm" not in asked
    assert {"three.dcm", "ct.dcm"} <= set(asked)
