"""One variable says where all caches are."""

from pathlib import Path

import pytest

from edge_runtime.system.cache import default_cache


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"FUNDUS_EDGE_CACHE": "/c"}, "/c"),
        ({"FUNDUS_EDGE_CACHE": ""}, None),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/fundus-edge"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/fundus-edge"),
        ({"HOME": "/h"}, "/h/.cache/fundus-edge"),
        ({"USERPROFILE": "/u"}, "/u/.cache/fundus-edge"),
        ({"HOME": "relative"}, None),
        ({}, None),
    ],
)
def test_the_folder_is_the_users_cache_or_the_one_that_is_asked_for(
    environment, expected, monkeypatch
):
    for name in ("FUNDUS_EDGE_CACHE", "XDG_CACHE_HOME", "HOME", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_cache() == (Path(expected) if expected else None)
