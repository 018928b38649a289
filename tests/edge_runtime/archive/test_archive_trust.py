"""An archive is screened with a bundle only if somebody who is trusted vouches for it."""

import pytest
from click.testing import CliRunner

from edge_runtime.archive import screening
from edge_runtime.commands.main import main
from edge_runtime.commands.trust_options import TRUST_VARIABLE
from edge_runtime.trust.sign import sign_folder
from tests.edge_runtime.archive.runs import rows_in, write_photos
from tests.edge_runtime.trust.conftest import signer


@pytest.fixture
def key(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "states"))
    return signer(tmp_path / "clinic")


@pytest.fixture
def screened(bundle, tmp_path):
    """Screen one photograph with the bundle."""
    write_photos(tmp_path / "photos", [0])
    places = tmp_path / "photos", "--out", tmp_path / "records", "--bundle", bundle, "--workers", 2

    def screened(*options):
        return CliRunner().invoke(main, ["archive", *map(str, (*places, *options))])

    return screened


@pytest.mark.parametrize("is_of_environment", [True, False])
def test_an_unsigned_bundle_is_refused_before_anything_is_written(
    screened, key, tmp_path, monkeypatch, is_of_environment
):
    if is_of_environment:
        monkeypatch.setenv(TRUST_VARIABLE, str(key.public))
    ran = screened() if is_of_environment else screened("--trust", key.public)
    assert ran.exit_code == 1
    assert "no signature" in ran.stderr
    assert not [*(tmp_path / "records").glob("*")]


def test_a_signed_one_screens_and_workers_take_no_other_bundle(
    screened, bundle, key, cluster, tmp_path, monkeypatch
):
    sign_folder(bundle, key.private)
    ran = screened("--trust", key.public)
    assert ran.exit_code == 0, ran.output
    assert f"vouched for by the key {key.trusted.keys[0].called}" in ran.stderr
    (row,) = rows_in(tmp_path / "records")
    settled = screening._settled

    def exchanged(*settle):
        """Exchange the bundle once it was judged."""
        found = settled(*settle)
        manifest = bundle / "manifest.json"
        manifest.write_bytes(manifest.read_bytes().replace(b"{", b"{ ", 1))
        return found

    monkeypatch.setattr(screening, "_settled", exchanged)
    write_photos(tmp_path / "photos", [1])
    ran = screened("--trust", key.public, "--resume")
    assert ran.exit_code == 1
    assert "identity" in ran.stderr
    assert rows_in(tmp_path / "records") == [row]
