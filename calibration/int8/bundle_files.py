"""List the files of a bundle that is being calibrated."""

from pathlib import Path

from calibration.confidence.fold import fold_temperature
from calibration.familiarity.learn import Learned
from calibration.int8.make import Int8Model
from calibration.int8.report import REPORT_STEM, report_json, report_plot
from edge_runtime.bundle.attestations import ATTESTATIONS
from edge_runtime.bundle.average_maps import AVERAGE_MAPS
from edge_runtime.bundle.bundle import Bundle
from edge_runtime.bundle.familiarity import FAMILIARITY, pack_familiarity
from edge_runtime.bundle.manifest import Manifest
from export.model_card import MODEL_CARD


def bundle_files(
    bundle: Bundle, final: Manifest, made: tuple[Int8Model, ...], learned: Learned | None
) -> dict[str, bytes | Path]:
    """List the new bundle's files; each model's temperature is folded into it.

    Args:
        bundle: What it is made of.
        final: The new manifest.
        made: The int8 models.
        learned: What the training photographs look like, if that could be learned.
    """
    models = {entry.file for entry in bundle.manifest.models.values()}
    files: dict[str, bytes | Path] = {
        name: bundle.path / name
        for name in bundle.manifest.files
        if name not in (MODEL_CARD, ATTESTATIONS, FAMILIARITY, AVERAGE_MAPS, *models)
        and not name.startswith(REPORT_STEM)
    }
    contents = {each.entry.file: each.content for each in made}
    for name, found in final.models.items():
        content = contents.get(found.file) or (bundle.path / found.file).read_bytes()
        files[found.file] = fold_temperature(
            content, final.for_model(name).temperature, file_format=found.format
        )
    if learned:
        files[learned.entry.file] = pack_familiarity(learned.familiarity)
    files[f"{REPORT_STEM}.json"] = report_json({each.name: each.report for each in made})
    for each in made:
        files[f"{REPORT_STEM}.{each.name}.png"] = report_plot(each.name, each.report)
    return files
