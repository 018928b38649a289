"""The tables of stability have an interval beside each figure that has one."""

from calibration.explanations.estimate import Estimate
from calibration.explanations.stability.rows import spanned, with_photos


def test_a_figure_stands_with_its_interval_where_it_has_one():
    found = Estimate(0.5, (0.25, 0.75), 12, 10)
    assert spanned(found) == "0.500 (0.250 to 0.750)"
    assert spanned(found, shares=True) == "50.0% (25.0% to 75.0%)"
    assert with_photos(found) == "0.500 (0.250 to 0.750), 12"
    assert with_photos(Estimate(0.5, None, 1, 1, "of 1 person")) == "0.500, 1"
    assert with_photos(Estimate(None, None, 0, 0)) == "-, 0"
