"""What speaks and reads DICOM, and what draws, is loaded where it is needed alone."""

import subprocess
import sys

import pytest

HEAVY = {"pydicom", "pynetdicom", "fpdf", "fontTools"}
SAY = "import sys; print(*sorted({each.partition('.')[0] for each in sys.modules}))"


@pytest.mark.parametrize(
    ("imports", "is_loaded"),
    [
        ("edge_runtime.station.web.server", False),
        ("edge_runtime.commands.station, edge_runtime.station.asker", False),
        ("edge_runtime.commands.dicom_receive, edge_runtime.commands.dicom_worklist", False),
        ("edge_runtime.commands.main, edge_runtime.commands.predict", False),
        ("edge_runtime.exchange.dicom_report, edge_runtime.exchange.fhir_report", False),
        ("edge_runtime.commands.dicom_report, edge_runtime.commands.fhir_report", False),
        ("edge_runtime.hospital.listener", True),  # so the test can fail
        ("edge_runtime.papers.report_pdf", True),
    ],
)
def test_only_what_speaks_dicom_or_draws_loads_what_it_takes(imports, is_loaded):
    ran = subprocess.run(
        [sys.executable, "-c", f"import {imports}; {SAY}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert bool(HEAVY & {*ran.stdout.split()}) == is_loaded
