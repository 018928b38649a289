"""Nothing of a patient leaves the device or the result folder, and only its owner reads that."""

import os
import stat
import subprocess
import sys

from tests.edge_runtime.files import jpeg_with_exif


def test_result_files_are_for_their_owner_only(predict, photos, tmp_path):
    out = tmp_path / "out"
    mask = os.umask(0)
    try:
        predict(photos, "--out", out)
    finally:
        os.umask(mask)
    for path in (out, *out.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_results_hold_no_more_of_a_patient_than_was_given(predict, photos, tmp_path, monkeypatch):
    plain = (photos / "a.jpg").read_bytes()
    secret = b"GPS 47.1 N 8.5 E, Maria Muster, born 1950"
    (tmp_path / "eye.jpg").write_bytes(jpeg_with_exif(plain, 1, preview=secret))
    monkeypatch.chdir(tmp_path)
    assert predict("eye.jpg", "--out", "out").exit_code == 0
    for file in (tmp_path / "out").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"Muster" not in content
            assert b"Exif" not in content
            assert str(tmp_path).encode() not in content  # the path is shown as it was given


OFFLINE = """
import os, socket, sys, tempfile
def refuse(*arguments, **options):
    raise AssertionError("a socket was opened")
socket.socket.__init__ = refuse
socket.create_connection = socket.getaddrinfo = refuse
sys.addaudithook(lambda event, _: refuse() if event.startswith("socket.") else None)
from edge_runtime.commands.main import main
main(sys.argv[1:])
"""


def test_predict_opens_no_socket_and_leaves_no_temporary_file(exported, photos, tmp_path):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "home").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", OFFLINE, "predict", str(photos / "a.jpg"), "--bundle",
         str(exported), "--out", str(tmp_path / "out")],
        check=False, capture_output=True, text=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert not list((tmp_path / "tmp").iterdir())
    assert not list((tmp_path / "home").iterdir())


def test_the_check_for_sockets_can_fail(tmp_path):
    code = OFFLINE.replace("from edge_runtime", "socket.socket()\nfrom edge_runtime")
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "a socket was opened" in ran.stderr
