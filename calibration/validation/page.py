"""Write a validation as one self-contained HTML page, to file and to print."""

from pathlib import Path

from calibration.compare.weight_sqnr import MOST_DB
from calibration.models.model_under_test import ModelFile
from calibration.validation.cautions import cautions
from calibration.validation.page_model import model_part
from calibration.validation.plots import MEASURE_TITLES, plot_times
from calibration.validation.record import ORIGINAL, ValidationRecord
from calibration.validation.validate import Validation
from edge_runtime.bundle.manifest import FileEntry
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
        parts=[model_part(name, validation) for name in record.models],
        by_source=any(entry.by_source for entry in record.models.values()),
        measures=list(MEASURE_TITLES.values()),
        most_db=MOST_DB,
        speeds=_speeds(record),
        settings=vars(record.settings),
        times=plot_times(validation.times_ms),
        files=_files(record),
    )


def _files(record: ValidationRecord) -> list[tuple[str, ...]]:
    files: dict[str, FileEntry | ModelFile] = {**record.bundle.files}
    files[f"the original, {record.original.name}"] = record.original
    return [(name, f"{entry.size_bytes:,}", entry.sha256) for name, entry in files.items()]


def _speeds(record: ValidationRecord) -> list[tuple[str, ...]]:
    files: dict[str, ModelFile] = {**record.models, ORIGINAL: record.original}
    return [
        (
            name,
            f"{files[name].size_bytes / 1e6:.1f} MB",
            number(found.p50_ms, 1),
            number(found.p90_ms, 1),
            number(found.times_as_fast or None, 2),
            number(found.load_ms or None, 0),
            number(found.first_ms or None, 0),
            number(found.memory_peak_mib or None, 0),
            number(found.memory_before_mib or None, 0),
        )
        for name, found in record.speed.items()
    ]
