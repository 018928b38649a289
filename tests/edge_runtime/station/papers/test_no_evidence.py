"""Where nothing in a photograph speaks for its class, no scale explains absent colours."""

import io
import zipfile

import msgspec
import numpy as np
import pytest

from edge_runtime.papers.report_pictures import pictures_of
from edge_runtime.photo.decode import decode
from edge_runtime.results.texts import texts
from edge_runtime.station.papers.camp_folder import export_entries
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.papers.slip_pdf import slip_pdf
from edge_runtime.station.parcel import zipped
from edge_runtime.station.web import pages
from tests.edge_runtime.exchange.reports import full, report_of
from tests.edge_runtime.papers.pdf_tools import needs_tools, text_of
from tests.edge_runtime.results.records import graded
from tests.edge_runtime.station.camps import added, jpeg
from tests.edge_runtime.station.papers.slips import PICTURES, station_of

COLOURS, NONE = "The colours show what the model used", "nothing in the photo speaks for glaucoma"


def of_evidence(record, is_positive):
    (own, *rest) = record.explanations
    own = msgspec.structs.replace(own, positive_evidence=is_positive)
    return msgspec.structs.replace(record, explanations=(own, *rest))


@pytest.fixture(params=[True, False])
def case(request, store, intake, classifier):
    """A station with a person's photograph in which something speaks for its class, or nothing."""
    record = of_evidence(graded("1_OD.jpg", 0.9), request.param)
    added(store, "1_OD.jpg", record=record, pictures=PICTURES)
    for name in PICTURES:
        store.picture(1, name).write_bytes(jpeg(1, size=(960, 1280)))
    return station_of(store, intake, classifier), request.param


def test_the_page_and_the_slip_on_it_explain_colours_only_where_there_are_some(case):
    station, is_positive = case
    for page in (pages.person_page(station, {}, 1), pages.slip_page(station, {}, 1)):
        assert (COLOURS in page, NONE in page) == (is_positive, not is_positive)


@needs_tools
def test_the_slip_as_pdf_explains_colours_only_where_there_are_some(case):
    station, is_positive = case
    said = text_of(slip_pdf(slip_of(station, 1), station.store.picture))
    assert (COLOURS in said, NONE in said) == (is_positive, not is_positive)


def test_an_overlay_that_is_carried_away_has_a_scale_only_where_there_are_colours(case):
    station, is_positive = case
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped(export_entries(station))))) as parcel:
        (name,) = (each for each in parcel.namelist() if "/overlay-" in each)
        picture = decode(parcel.read(name)).pixels
    strip = picture[960 + 40 : 960 + 110].astype(int)
    is_coloured = np.abs(strip[..., 0] - strip[..., 2]) > 40
    assert is_coloured.any() == is_positive


@pytest.mark.parametrize("is_positive", [True, False])
def test_a_report_on_paper_takes_an_overlay_for_heat_only_where_there_is_some(
    is_positive, tmp_path
):
    record = of_evidence(full("P1_OD.jpg", disc="right"), is_positive)
    (photo, *_) = (each for eye in report_of(record).eyes for each in eye.photos)
    (overlay,) = (each.overlay for each in photo.evidence[:1])
    (tmp_path / overlay).parent.mkdir(parents=True)
    (tmp_path / overlay).write_bytes(jpeg(1, size=(480, 640)))
    gone, shown = pictures_of(photo, texts("en"), tmp_path)
    assert (gone.jpeg, gone.has_heat) == (b"", False)
    assert shown.has_heat == is_positive
    assert shown.caption.startswith("evidence for" if is_positive else "nothing in the photo")
