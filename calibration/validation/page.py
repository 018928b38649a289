"""Write a validation as one self-contained HTML page, to file and to print."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calibration.compare.weight_sqnr import MOST_DB
from calibration.validation.cautions import cautions
from calibration.validation.page_model import model_part
from calibration.validation.plots import plot_times
from calibration.validation.validate import ORIGINAL, Validation
from edge_runtime.results.embedded import data_url
from edge_runtime.results.page_template import page_template
from edge_runtime.results.shown import number

_TEMPLATES = Path(__file__).parent / "templates"


def validation_page(validation: Validation) -> str:
    """Write the page: verdict, figures, plots, data, versions, hashes.

    Every figure on it stands in ``validation.json`` too.
    """
    record = validation.record
    return page_template("validation.html.jinja", _TEMPLATES).render(
        record=record,
        cautions=cautions(record),
        parts=[model_part(name, validation) for name in record["models"]],
        by_source=any("by_source" in entry for entry in record["models"].values()),
        most_db=MOST_DB,
        speeds=_speeds(record),
        times=data_url(plot_times(validation.times_ms).encode(), "image/svg+xml"),
        files=_files(record),
    )


def _speeds(record: Mapping[str, Any]) -> list[tuple[str, ...]]:
    sizes = {name: entry["size_bytes"] for name, entry in record["models"].items()}
    sizes[ORIGINAL] = record["original"]["size_bytes"]
    return [
        (
            name,
            f"{sizes[name] / 1e6:.1f} MB",
            number(found["p50_ms"], 1),
            number(found["p90_ms"], 1),
            number(found.get("times_as_fast"), 2),
            number(found.get("load_ms"), 0),
            number(found.get("first_ms"), 0),
            number(found.get("memory_peak_mib"), 0),
            number(found.get("memory_before_mib"), 0),
        )
        for name, found in record["speed"].items()
    ]


def _files(record: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    original = record["original"]
    entries = record["bundle"]["files"] | {f"the original, {original['name']}": original}
    return [(name, f"{row['size_bytes']:,}", row["sha256"]) for name, row in entries.items()]
