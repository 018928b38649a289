"""A short camp with operators who click: nothing is lost, and nothing grows.

``benchmarks/station_endurance.py`` runs the same for a day's camp, with tighter limits.
"""

import sys

import numpy as np
import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from station_endurance import endure


@pytest.mark.slow
def test_a_short_camp_grows_by_little_answers_soon_and_keeps_what_it_said_it_took(tmp_path):
    came = endure(tmp_path, people=40, warm_up=20, seed=1, called=0.4)
    assert came.errors == []
    assert came.wrong == []
    assert came.photos == 80
    assert came.forms > 40
    # The next photographs take 2 to 15 MiB: threads begin, and caches fill. One that is kept as it
    # is decoded would take more than 1.
    assert came.growth_mib < 40
    assert np.percentile(came.pages, 95) < 1  # 0.02 s where nothing else runs
    assert np.percentile(came.to_page, 95) < 15  # 0.9 s likewise; CI's processors are busy
