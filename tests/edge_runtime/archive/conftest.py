"""What tests of archives share: photographs, and a cluster that runs."""

from contextlib import contextmanager

import pytest

from edge_runtime.archive import screening
from edge_runtime.archive.cluster import cluster as begun_cluster
from tests.conftest import ROOT
from tests.edge_runtime.archive.runs import write_photos
from tests.edge_runtime.archive.stores import begun_store


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A folder of 14 photographs in two folders, one of them broken, and what isn't one."""
    folder = tmp_path_factory.mktemp("photos")
    write_photos(folder / "north", range(7))
    write_photos(folder / "south", range(7, 14))
    (folder / "south" / "broken.jpg").write_bytes((folder / "south" / "7.jpg").read_bytes()[:2000])
    (folder / "notes.txt").write_text("nothing")
    (folder / "film.mp4").write_bytes(b"film")
    return folder


@pytest.fixture(scope="module")
def store():
    """What a URL says of a local server that speaks S3; who asks it is in the environment."""
    with begun_store() as told:
        yield told


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A cluster of two workers on this computer, which runs of this module share; gives a home."""
    home = tmp_path_factory.mktemp("home")

    @contextmanager
    def shared(address, *, workers, threads, shared_bytes):
        yield workers

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("HOME", str(home))
        with begun_cluster(None, workers=2, threads=1):
            patch.setattr(screening, "cluster", shared)
            yield home
