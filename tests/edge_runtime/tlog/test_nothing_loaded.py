"""Who has no log pays nothing for it."""

import subprocess
import sys

from tests.conftest import ROOT


def test_a_run_without_a_log_loads_nothing_of_one(photos, tmp_path):
    code = (
        "import sys; from edge_runtime.commands.main import main\n"
        f"try: main(['predict', {str(photos / 'a.jpg')!r}, '--out', {str(tmp_path / 'r')!r}])\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(','.join(m for m in sys.modules if 'tlog' in m or 'cryptography' in m))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert b"tlog" not in ran.stderr
    assert b"cryptography" not in ran.stderr
