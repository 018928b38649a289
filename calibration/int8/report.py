"""Write the report of a quantisation: which layer and which tensor costs what."""

import json
from collections.abc import Mapping
from typing import Any

from calibration.int8.report_plot import report_plot
from edge_runtime.contract import DISCLAIMER

#: What the names of all files of a report begin with.
REPORT_STEM = "quantization_report"


def report_files(reports: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    """Write the report and, for each model, its plot.

    Args:
        reports: By model, from ``calibration.int8.make``.

    Returns:
        Files for the bundle by name.
    """
    record = {"schema": 1, "disclaimer": DISCLAIMER, "models": reports}
    files = {f"{REPORT_STEM}.json": (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()}
    for name, report in reports.items():
        files[f"{REPORT_STEM}.{name}.png"] = report_plot(name, report)
    return files
