"""The command ``fundus-edge export``."""

from pathlib import Path

import click

from train.network.framework import load_tensorflow


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out", "bundle", required=True, type=click.Path(path_type=Path), help="Bundle to make."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="The dataset of the run.  [default: where it was at the training]",
)
@click.option("--name", help="The bundle's name.  [default: the run folder's]")
@click.option(
    "--notes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Markdown file for the model card: what is known of the data.",
)
@click.option("--force", is_flag=True, help="Replace a bundle that stands there.")
def export(
    run: Path,
    bundle: Path,
    data: Path | None,
    name: str | None,
    notes: Path | None,
    force: bool,
) -> None:
    """Export a RUN folder as a bundle: ONNX, TFLite, class gradients, model card.

    Every output of both files is compared with Keras on the run's own validation photos, and the
    Grad-CAM with tf.GradientTape. An export that differs fails and leaves no bundle. Of which run
    and data it was made the bundle states, as in-toto has it, in attestations.jsonl.
    """
    load_tensorflow()
    from export.export_run import export_run

    manifest = export_run(
        run,
        bundle,
        data=data,
        name=name,
        notes=notes.read_text(encoding="utf-8") if notes else "",
        force=force,
        on_step=lambda step: click.echo(f"{step} ...", err=True),
    )
    for model, entry in manifest.models.items():
        parity = entry.checks["parity"]
        differences = ", ".join(f"{k} {v:.2g}" for k, v in parity.items() if k != "photos")
        click.echo(f"{model}: differs from Keras over {parity['photos']} photos by {differences}")
        for split, metrics in entry.metrics.items():
            click.echo(f"{model}: {split} accuracy {metrics.accuracy:.3f}")
    click.echo(f"bundle: {bundle}")
