"""Why a file is no photograph is said in the reader's language, and its name once."""

from pathlib import Path

import numpy as np
import pytest

from edge_runtime.contract import MAX_PIXELS
from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.hospital.kinds import OVERLAY_MARK
from edge_runtime.hospital.read import read_dicom
from edge_runtime.hospital.syntaxes import DEFLATED
from edge_runtime.photo.decode import decode, read_photo
from edge_runtime.photo.find import Stamp
from edge_runtime.results.texts import LANGUAGES, texts
from edge_runtime.station.web.camp_pages import files_page
from edge_runtime.station.web.faults import fault_of
from edge_runtime.station.web.frame import TEXTS
from tests.edge_runtime.hospital.objects import SC, make, save
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.papers.slips import station_of
from tests.edge_runtime.station.web.served import words

PATH = Path("DCIM/eye 1.jpg")
ENGLISH = texts("en", TEXTS).by_key


def cause(act):
    """Give what the store has of a file that is refused so."""
    with pytest.raises(PhotoUnreadableError) as refused:
        act()
    return str(refused.value)


def told_of_all(folder):
    whole, empty = jpeg(), folder / "empty.jpg"
    empty.write_bytes(b"")
    yield (
        cause(lambda: read_photo(empty)).replace(str(empty), str(PATH)),
        "fault: the file is empty",
    )
    for data, key in (
        (whole[: len(whole) // 2], "fault: is truncated"),
        (b"GIF89a" + bytes(99), "fault: its kind is"),
        (b"hello " * 99, "fault: not a"),
    ):
        yield cause(lambda data=data: decode(data, path=PATH)), key
    yield cause(lambda: decode(whole, path=PATH, max_pixels=9)), "fault: claims"
    yield from told_of_dicom(folder)
    many = cause(lambda: read_photo(_large(folder), max_pixels=1))
    yield many.replace(str(folder / "large.jpg"), str(PATH)), "fault: the file has {n} bytes"


def told_of_dicom(folder):
    """Likewise of DICOM files: one that breaks off, of too many photos, too large, of ours."""
    file, frame = folder / "a.dcm", np.zeros((40, 40, 3), np.uint8)
    save(make([frame] * 4), file)
    file.write_bytes(file.read_bytes()[:-1])
    overlay = {"sop_class": SC, "ImageType": ["DERIVED", "SECONDARY", "", OVERLAY_MARK]}
    for made, name, most, key in (
        (None, "a.dcm#4", MAX_PIXELS, "claims {n} photos, and is truncated"),
        (make(frame, NumberOfFrames=2000), "a.dcm", MAX_PIXELS, "claims {n} photos, more than"),
        (make(np.zeros((700, 700, 3), np.uint8), syntax=DEFLATED), "a.dcm", 10, "unpacks to more"),
        (make(frame, **overlay), "a.dcm", MAX_PIXELS, "is no photograph but a Grad-CAM overlay"),
    ):
        if made is not None:
            save(made, file)
        told = read_dicom(folder / name, max_pixels=most).error
        (found,) = (each for each in ENGLISH if each.startswith(f"fault: {key}"))
        yield told.replace(str(folder / name), str(PATH)), found


def _large(folder):
    (folder / "large.jpg").write_bytes(bytes(2 << 20))
    return folder / "large.jpg"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_frequent_causes_have_words_in_every_language(language, tmp_path):
    own = texts(language, TEXTS)
    for told, key in told_of_all(tmp_path):
        fault = fault_of(PATH, told, own)
        assert (fault.said, fault.is_own) == (own.by_key[key], False), told


def test_any_other_cause_is_told_in_the_decoders_words_and_as_english():
    fault = fault_of(PATH, f"{PATH}: unforeseen (boom); try it", texts("es", TEXTS))
    assert (fault.said, fault.is_own) == ("unforeseen (boom); try it", True)


def test_the_page_names_a_file_once_and_says_of_which_language_a_cause_is(
    store, intake, classifier
):
    for name, why in (("a.jpg", "the JPEG file is truncated; again"), ("b.jpg", "odd <b>")):
        store.see(Path(name), Stamp(1, 2), photo=None, fault=f"{name}: {why}")
    page = files_page(station_of(store, intake, classifier, "es"), {})
    said = words(page)
    assert said.count("a.jpg") == said.count("b.jpg") == 1
    assert "El archivo est\u00e1 cortado" in said
    assert '<td class="bad" lang="en">odd &lt;b&gt;</td>' in page
    assert page.count('lang="en"') == 1
