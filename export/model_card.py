"""Write the model card of a bundle from what its manifest measured."""

from collections.abc import Mapping

from edge_runtime.bundle.manifest import Figures, Manifest
from edge_runtime.bundle.metrics import Figure, Metrics
from edge_runtime.bundle.origin import Origin
from edge_runtime.bundle.verdict import Verdict
from edge_runtime.contract import DISCLAIMER
from export.card_by_source import card_by_source
from train.evaluation.as_predicted import HEADS, as_predicted_line, as_predicted_rows
from train.evaluation.markdown import figure, table

MODEL_CARD = "MODEL_CARD.md"


def model_card(manifest: Manifest) -> str:
    """Write a model card in Markdown.

    Every figure comes from the manifest; ``origin.notes``, if there are any, say what is known of
    the data.
    """
    parts = [
        f"# Model card: {manifest.name}",
        f"**{DISCLAIMER}** No result may decide on a treatment, nor on leaving one out.",
        "## What it is",
        f"A ResNet50 that tells {len(manifest.classes)} classes of fundus photographs apart: "
        f"{', '.join(manifest.classes)}. It always answers with one of them, also for photographs "
        f"of other diseases{_of_no_eye(manifest)}. Each prediction comes with its Grad-CAM, which "
        "shows what the model used, not where a disease is.",
        _models_table(manifest),
        "## Data and training",
        _training(manifest.origin),
    ]
    if manifest.origin.notes:
        parts += ["### What is known of the data", manifest.origin.notes.strip()]
    parts.append("## Measured")
    for name, entry in manifest.models.items():
        for split, metrics in entry.metrics.items():
            parts.append(_metrics(f"{name} on {split}", metrics))
            parts += card_by_source(metrics)
    parts.append(
        "These photographs come from the same sources as the training photographs. On other "
        "cameras and patients the figures are not known, and likely lower."
    )
    if manifest.thresholds:
        parts += ["## Referral", _referral(manifest)]
    parts += ["## Checks", _checks(manifest)]
    return "\n\n".join(parts) + "\n"


def _of_no_eye(manifest: Manifest) -> str:
    """Say what becomes of pictures that are no fundus photographs."""
    if manifest.familiarity is None:
        return " and of no eye at all"
    return (
        "; `predict` refuses most pictures of no eye at all, by how they look beside "
        f"{manifest.familiarity.training_photos} photographs of training"
    )


def _models_table(manifest: Manifest) -> str:
    rows = ["| model | format | computes in | input |", "|---|---|---|---|"]
    height, width = manifest.input_size
    for name, entry in manifest.models.items():
        default = " (default)" if name == manifest.default_model else ""
        precision = entry.precision + (f", for {entry.target}" if entry.target else "")
        rows.append(
            f"| {name}{default} | {entry.format} | {precision} | {height} x {width} pixels |"
        )
    return "\n".join(rows)


def _training(origin: Origin) -> str:
    options = _listed(origin.training)
    versions = _listed(origin.versions)
    dataset = origin.dataset
    if not dataset:
        return f"Training options: {options}.\n\nMade with {versions}."
    counts = ", ".join(f"{count} in `{split}`" for split, count in dataset.photos.items())
    leaks = dataset.leaks.groups if dataset.leaks else 0
    return (
        f"Dataset `{dataset.name}`: {counts} (fingerprint `{dataset.fingerprint[:16]}`). "
        "Fitted on `train_dir`, chosen on `val_dir`, never on `test_dir`."
        + (
            f" **The split leaks: {leaks} group(s) of copies or patients stand in more than one "
            "part, so the figures are somewhat too good.**"
            if leaks
            else ""
        )
        + f"\n\nTraining options: {options}.\n\nMade with {versions}."
    )


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _metrics(title: str, metrics: Metrics) -> str:
    auroc, names = metrics.macro_auroc, list(metrics.recall)
    lines = [
        f"### {title} ({metrics.photos} photographs)",
        "",
        f"Accuracy {metrics.accuracy:.3f}, balanced accuracy {metrics.balanced_accuracy:.3f}"
        + (f", macro AUROC {auroc:.3f}." if auroc is not None else "."),
        "",
        f"| true class | photographs | recall | precision | predicted as {' | '.join(names)} |",
        "|---" * (4 + len(names)) + "|",
    ]
    for row, name in zip(metrics.confusion, names, strict=True):
        lines.append(
            f"| {name} | {sum(row)} | {_share(metrics.recall[name])} | "
            f"{_share(metrics.precision[name])} | " + " | ".join(map(str, row)) + " |"
        )
    if found := metrics.as_predicted:
        lines += [
            "",
            "These figures are of all photographs, without the quality gate. As `predict` "
            f"answers, {as_predicted_line(found)}.",
            "",
            table(HEADS, as_predicted_rows(found)),
        ]
    return "\n".join(lines)


def _share(value: float | None) -> str:
    """Write a share; a class without a photo has none."""
    return "-" if value is None else f"{value:.3f}"


def _checks(manifest: Manifest) -> str:
    lines = []
    for name, entry in manifest.models.items():
        for check, result in entry.checks.items():
            if check != "validation":
                lines.append(f"- {name}, {check.replace('_', ' ')}: {figures_line(result)}")
            elif entry.verdict:
                lines.append(_validation(name, entry.verdict))
    if fidelity := manifest.gradients.fidelity:
        lines.append(
            "- fixed class gradients against exact ones: correlation of the predicted class's map "
            f"{fidelity.correlation_predicted_class_median:.3f} in the median, "
            f"{fidelity.correlation_predicted_class_p05:.3f} at the 5th percentile, "
            f"over {fidelity.photos} photographs"
        )
    return "\n".join(lines)


def figures_line(figures: Figures) -> str:
    """Write figures by name on one line: "photos 12, interval 0.1 to 0.3"."""
    return ", ".join(f"{key.replace('_', ' ')} {_figure(value)}" for key, value in figures.items())


def _figure(value: object) -> str:
    if isinstance(value, list | tuple):
        return " to ".join(map(_figure, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _validation(name: str, verdict: Verdict) -> str:
    gates = "; ".join(
        f"{gate.name.replace('_', ' ')} {_figure(gate.value)} "
        f"({'holds' if gate.holds else 'MISSED'}, limit {_figure(gate.limit)})"
        if gate.judged
        else f"{gate.name.replace('_', ' ')} not judged"
        for gate in verdict.gates
    )
    return (
        f"- {name}, validation against {verdict.reference} on {verdict.photos} photographs: "
        f"{'passed' if verdict.passed else 'FAILED'}; {gates}. {' '.join(verdict.cautions)}"
    ).rstrip()


def _referral(manifest: Manifest) -> str:
    """Write the default model's thresholds, and those of models that have their own."""
    default = manifest.default_model
    parts = [_thresholds(manifest.for_model(default))]
    for name, entry in manifest.models.items():
        if name != default and entry.thresholds:
            parts += [f"### Referral by {name}", _thresholds(manifest.for_model(name))]
    return "\n\n".join(parts)


def _thresholds(manifest: Manifest) -> str:
    thresholds = manifest.thresholds
    if thresholds is None:
        return "It has no thresholds."
    lines = [
        f"A photograph is referred where its probability of any class but "
        f"{' or '.join(thresholds.no_referral)} reaches the lowest of these thresholds, chosen "
        f"for a sensitivity of {thresholds.sensitivity:.0%} of each class. Sensitivity and "
        "specificity are cross-fitted, with their 95 % intervals; a threshold's specificity is "
        "that of it alone.",
        "",
        "| class | threshold | sensitivity | its specificity | photographs |",
        "|---|---|---|---|---|",
    ]
    for name, entry in thresholds.classes.items():
        lines.append(
            f"| {name} | {entry.threshold:.4f} "
            f"| {reached(entry.sensitivity, entry.sensitivity_interval)} "
            f"| {reached(entry.specificity, entry.specificity_interval)} | {entry.photos} |"
        )
    lines += [
        "",
        "Of those that need no referral, "
        f"{reached(thresholds.specificity, thresholds.specificity_interval)} are not referred. "
        f"Temperature: {manifest.temperature:.3f}.",
    ]
    if thresholds.classes[thresholds.lowest].threshold == 0:
        lines[-1] += " **The lowest threshold is 0: every photograph is referred.**"
    return "\n".join(lines)


def reached(share: float | None, interval: tuple[float, float] | None) -> str:
    """Write a share with its interval, a dash where it wasn't measured."""
    return figure(Figure(share, interval), has_intervals=False)
