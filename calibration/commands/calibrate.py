"""The command ``fundus-edge calibrate``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_runtime.commands.cache_options import OF_PHOTOS, cache_options, chosen_cache
from train.network.framework import load_tensorflow

if TYPE_CHECKING:
    from calibration.int8.make import Int8Options
    from edge_runtime.bundle.manifest import Manifest, ModelEntry
    from edge_runtime.bundle.thresholds import Thresholds

#: A file or folder, which need not be there.
PATH = click.Path(path_type=Path)


@click.command(context_settings={"show_default": True})
@click.argument("bundle", type=PATH)
@click.option("--data", required=True, type=PATH, help="The bundle's dataset.")
@click.option("--out", required=True, type=PATH, help="Bundle to make.")
@click.option(
    "--photos", default=200, type=click.IntRange(8), help="Photos of train_dir that set the ranges."
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    type=click.Choice(["x86", "x86-vnni", "arm64", "all"]),
    help="Processor to quantise for, can be repeated; the first one's model is the default.  "
    "[default: x86]",
)
@click.option(
    "--method",
    default="least-error",
    type=click.Choice(["least-error", "min-max", "entropy", "percentile", "distribution", "auto"]),
    help="How ranges are set: least-error narrows those of min-max where the last convolution "
    "gains by it; auto tries all and keeps the best.",
)
@click.option("--gates", type=PATH, help="JSON file of limits, as 'fundus-edge validate' takes it.")
@click.option(
    "--evaluations",
    default=10,
    type=click.IntRange(1, 10),
    help="Quantisations to evaluate at most for each target.",
)
@click.option("--seed", default=0, help="Seed of the choice of --photos.")
@click.option(
    "--sensitivity",
    default=0.95,
    type=click.FloatRange(0.5, 0.999),
    help="Wanted share of each class's photos that are referred.",
)
@click.option(
    "--no-referral",
    multiple=True,
    metavar="CLASS",
    help="Class that needs no referral, can be repeated.  [default: normal]",
)
@click.option(
    "--few-photos",
    is_flag=True,
    help="Take 0 as the threshold of a class with too few photos to promise --sensitivity, so that "
    "every photo is referred; without it such a bundle gets no thresholds.",
)
@click.option(
    "--tflite",
    multiple=True,
    type=click.Choice(["float32", "float16", "dynamic", "int8", "all"]),
    help="TFLite model to make, can be repeated; needs --keras.",
)
@click.option(
    "--keras",
    type=PATH,
    metavar="RUN|FILE.keras",
    help="What BUNDLE was exported from: TFLite models are made of it.",
)
@click.option(
    "--only-int8",
    is_flag=True,
    help="Leave the float models of BUNDLE out of the new one: small, for the device.",
)
@cache_options(OF_PHOTOS)
@click.option("--force", is_flag=True, help="Replace a bundle that stands there.")
def calibrate(
    bundle: Path,
    data: Path,
    out: Path,
    photos: int,
    targets: tuple[str, ...],
    method: str,
    gates: Path | None,
    evaluations: int,
    seed: int,
    sensitivity: float,
    no_referral: tuple[str, ...],
    few_photos: bool,
    tflite: tuple[str, ...],
    keras: Path | None,
    only_int8: bool,
    cache: Path | None,
    no_cache: bool,
    force: bool,
) -> None:
    """Add int8 ONNX models to a BUNDLE and measure their agreement with float32.

    The new bundle runs the int8 model by default. Start, head and Grad-CAM stay in float; if the
    model misses a gate of 'fundus-edge validate' on val_dir, so do the layers that harm it most.
    quantization_report.json says what each layer costs, attestations.jsonl (in-toto) what was made
    of what. Each model has its confidence calibrated on val_dir, and thresholds at which to refer.

    With --tflite the bundle gets TFLite models too, of builtin operations alone: float32, float16,
    dynamic (weights of 8 bits) or int8 (integers throughout, pixels as input). They are named
    float32-tflite, tflite-float16, tflite-dynamic and tflite-int8.
    """
    _check_tflite(tflite, keras)
    load_tensorflow()
    from calibration.calibrate import CalibrationOptions, calibrate_bundle
    from calibration.tflite.add import TFLITE_MODELS, TfliteOptions

    kinds = tuple(TFLITE_MODELS) if "all" in tflite else tflite
    manifest = calibrate_bundle(
        bundle,
        data,
        out,
        options=CalibrationOptions(
            photos=photos,
            seed=seed,
            int8=_int8_options(targets, method, evaluations),
            gates=gates,
            sensitivity=sensitivity,
            no_referral=no_referral or None,
            few_photos=few_photos,
            only_int8=only_int8,
            tflite=TfliteOptions(kinds, keras) if keras is not None else None,
            cache=chosen_cache(cache, no_cache=no_cache),
        ),
        force=force,
        on_step=lambda step: click.echo(f"{step} ...", err=True),
    )
    _show(manifest, [TFLITE_MODELS[kind][0] for kind in dict.fromkeys(kinds)])
    if not manifest.thresholds:
        _show_no_thresholds(manifest, no_referral)
    click.echo(f"bundle: {out}")


def _show_no_thresholds(manifest: "Manifest", no_referral: tuple[str, ...]) -> None:
    from calibration.confidence.thresholds import healthy_classes

    cause = (
        "val_dir has too few photos of a class, as said above"
        if healthy_classes(no_referral or None, manifest.classes)
        else "no class is called normal, and --no-referral names none"
    )
    click.echo(f"no referral thresholds: {cause}", err=True)


def _check_tflite(tflite: tuple[str, ...], keras: Path | None) -> None:
    if bool(tflite) != (keras is not None):
        raise click.UsageError(
            "--tflite needs --keras, the run folder or model.keras that BUNDLE was exported from"
            if tflite
            else "--keras is for TFLite models: name their kinds by --tflite"
        )


def _int8_options(targets: tuple[str, ...], method: str, evaluations: int) -> "Int8Options":
    from calibration.int8.make import Int8Options
    from calibration.int8.targets import TARGETS
    from calibration.int8.variants import ALL_METHODS

    chosen = tuple(TARGETS) if "all" in targets else tuple(dict.fromkeys(targets or ("x86",)))
    methods = ALL_METHODS if method == "auto" else (method,)
    return Int8Options(targets=chosen, methods=methods, evaluations=evaluations)


def _show(manifest: "Manifest", tflite: list[str]) -> None:
    """Print what was measured of the int8 ONNX models and of the TFLite models made."""
    made = [name for name, entry in manifest.models.items() if entry.target]
    for name in (*made, *tflite):
        _show_measured(name, manifest.models[name])
        _show_thresholds(name, manifest.models[name].thresholds)


def _show_measured(name: str, entry: "ModelEntry") -> None:
    from export.model_card import figures_line

    for check, found in entry.checks.items():
        click.echo(f"{name}, {check.replace('_', ' ')}: {figures_line(found)}")
    for split, metrics in entry.metrics.items():
        click.echo(f"{name}: {split} accuracy {metrics.accuracy:.3f}")


def _show_thresholds(name: str, thresholds: "Thresholds | None") -> None:
    from export.model_card import reached

    if thresholds is None:
        return
    for label, limit in thresholds.classes.items():
        click.echo(
            f"{name}, referral of {label}: threshold {limit.threshold:.4f}, sensitivity "
            f"{reached(limit.sensitivity, limit.sensitivity_interval)}, specificity "
            f"{reached(limit.specificity, limit.specificity_interval)}"
        )
    lowest = thresholds.classes[thresholds.lowest].threshold
    click.echo(
        f"{name}, referral by the lowest threshold: specificity "
        f"{reached(thresholds.specificity, thresholds.specificity_interval)}"
        + ("" if lowest else "; it is 0, so every photo is referred")
    )
