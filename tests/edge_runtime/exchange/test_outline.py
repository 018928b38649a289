"""What was seen of a photo is drawn where it is, so that viewers which draw show a report."""

import numpy as np
import pydicom
import pytest

from edge_runtime.exchange.outline import outline
from edge_runtime.photo.field import Field


def corners(size, field=None):
    drawn = np.array(outline(size, field)).reshape(-1, 2)
    assert (drawn[0] == drawn[-1]).all()  # closed
    return drawn[:-1]


def test_a_field_of_view_is_drawn_around_its_middle():
    drawn = corners((400, 600), Field(299.5, 199.5, 200.0, 100.0, 0.0))
    assert drawn.mean(0) == pytest.approx([300, 200], abs=1e-3)  # a pixel's middle is half a pixel
    assert (drawn.min(0), drawn.max(0)) == (pytest.approx([200, 150]), pytest.approx([400, 250]))


def test_a_field_of_view_is_drawn_turned_as_it_is():
    x, y = corners((400, 600), Field(299.5, 199.5, 200.0, 100.0, 45.0))[0] - [300, 200]
    assert (x > 0) == (y > 0)
    drawn = corners((400, 600), Field(299.5, 199.5, 200.0, 100.0, 90.0))
    assert (drawn.min(0), drawn.max(0)) == (pytest.approx([250, 100]), pytest.approx([350, 300]))


def test_nothing_is_drawn_beside_the_picture():
    drawn = corners((100, 200), Field(99.5, 49.5, 180.0, 160.0, 0.0))
    assert (drawn.min(0) >= 0).all()
    assert (drawn.max(0) <= [200, 100]).all()
    assert (drawn[:, 1] == 0).any()  # as far as the picture reaches


def test_without_a_field_of_view_it_is_the_picture():
    assert corners((100, 200)).tolist() == [[0, 0], [200, 0], [200, 100], [0, 100]]


def groups_of(file):
    tree = pydicom.dcmread(file).ContentSequence
    (measured,) = (each for each in tree if each.ConceptNameCodeSequence[0].CodeValue == "126010")
    return measured.ContentSequence


def drawn_in(group):
    """Give the lines of a measurement group: those that its numbers follow from, and its own."""
    items = [*group.ContentSequence]
    items += [inner for each in items for inner in each.get("ContentSequence") or ()]
    return [each for each in items if each.ValueType == "SCOORD"]


def sources_in(group):
    return [
        each for each in group.ContentSequence
        if each.ValueType == "IMAGE" and each.ConceptNameCodeSequence[0].CodeValue == "121112"
    ]  # fmt: skip


@pytest.mark.slow  # it runs the package's model
def test_each_photo_that_has_an_object_has_a_line_in_that_object(reports):
    """Without one OHIF 3.12 shows nothing of the whole report."""
    kinds = set()
    for file in reports.glob("*/report.dcm"):
        for group in groups_of(file):
            lines, source = drawn_in(group), sources_in(group)
            assert bool(lines) == bool(source)
            for line in lines:
                (seen,) = line.ContentSequence
                assert seen.ReferencedSOPSequence[0] == source[0].ReferencedSOPSequence[0]
                assert (line.GraphicType, seen.RelationshipType) == ("POLYLINE", "SELECTED FROM")
                kinds.add((line.RelationshipType, len(line.GraphicData)))
    # the fields of view of what has a class, and whole pictures of what hasn't
    assert kinds == {("INFERRED FROM", 130), ("CONTAINS", 10)}
