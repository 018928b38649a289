"""Figures as the pages show them."""

from edge_runtime.results.shown import footnoted, unbroken


def test_an_interval_stays_on_one_line_of_its_cell():
    assert unbroken("0.5 (0.1 to 0.9)") == "0.5 (0.1\u00a0to\u00a00.9)"


def test_a_reason_for_no_interval_leaves_its_cells_and_stands_once():
    one, two = "its photos are of 1 group (of 2)", "every draw gives 0"
    rows, notes = footnoted(
        [("a", f"0.5 (no interval: {one})", f"0.6 (no interval: {one}), 3"),
         ("b", f"0.7 (no interval: {two})", 4)]
    )  # fmt: skip
    assert rows == [("a", "0.5\u00a0\u00b9", "0.6\u00a0\u00b9, 3"), ("b", "0.7\u00a0\u00b2", 4)]
    assert notes == {"\u00b9": one, "\u00b2": two}


def test_in_a_wide_table_an_interval_may_break_before_its_upper_end():
    ((cell,),), _ = footnoted([("0.5 (0.1 to 0.9)",)], wide=True)
    assert cell == "0.5 (0.1\u00a0to 0.9)"
