"""Say in an in-toto statement of which run an export made a bundle."""

from pathlib import Path

from edge_runtime.bundle.attestation import Attestation, Resource
from edge_runtime.bundle.manifest import Manifest
from edge_runtime.system.digest import sha256
from export.attest import Files, made, of_step, photographs
from train.runs.config import CONFIG, RunConfig
from train.runs.run_folder import MODEL


def of_export(run: Path, config: RunConfig, manifest: Manifest, files: Files) -> Attestation:
    """Say of which run an export made the files of a bundle.

    Args:
        run: The run folder.
        config: Its configuration.
        manifest: That of the new bundle, whose figures are told.
        files: What it shall hold.
    """
    trained = {"options": manifest.origin.training, "versions": config.versions}
    return of_step(
        "export",
        made(files),
        options={"name": manifest.name},
        made_of=(
            Resource(MODEL, digest={"sha256": sha256(run / MODEL)}, annotations=trained),
            Resource(CONFIG, digest={"sha256": sha256(run / CONFIG)}),
            photographs(config.dataset.fingerprint, config.dataset.photos),
        ),
        measured=manifest,
        finished=manifest.created,
    )
