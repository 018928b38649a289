"""Write the part of a validation page that is about one model."""

from collections.abc import Mapping
from html import escape
from typing import Any

from calibration.compare.gates import SENTENCES, said, shown_value
from calibration.compare.weight_sqnr import MOST_DB
from calibration.models.weights import HEAD
from calibration.validation.by_source_rows import by_source_rows
from calibration.validation.html import base64_of, number, picture, signed, table
from calibration.validation.plots import (
    CONTROL_TITLES,
    MEASURE_TITLES,
    plot_drift,
    plot_probabilities,
    plot_recall,
    plot_reliability,
    worst_pictures,
)
from calibration.validation.validate import Validation

_STYLES = {"holds": "holds", "MISSED": "missed", "not judged": "faint"}
_WORST_WEIGHTS = 5


def model_section(name: str, validation: Validation) -> str:
    """Write one model's gates, figures, plots and worst photos."""
    record = validation.record
    entry = record["models"][name]
    first = validation.original.at_temperature(entry["confidence"]["temperature_bundle"])
    second = validation.outputs[name].probabilities
    limits = {
        "pearson": record["gates"]["drift_correlation_min"],
        "iou": record["gates"]["drift_iou_min"],
    }
    drift = plot_drift(validation.drifts[name], validation.controls, limits)
    return (
        f"<section><h2>{escape(name)}</h2>{_gates(entry)}"
        f"<h3>Performance</h3>{_by_source(entry)}{_paired(entry)}"
        f"{picture(plot_recall(entry['paired']))}"
        f"<h3>Agreement and referral</h3>{_agreement(entry)}"
        f"<h3>Confidence</h3>{_confidence(entry)}"
        f'<div class="plots">{picture(plot_reliability(first, second, validation.data.labels))}'
        f"{picture(plot_probabilities(first, second, record['classes']))}</div>"
        f"<h3>Explanation</h3>{_evidence(entry)}{_explanation(entry, record['controls'])}"
        f"{picture(drift)}"
        f"{_by_class(entry)}{_worst(name, validation)}"
        f"<h3>Weights</h3>{_weights(entry)}</section>\n"
    )


def _gates(entry: Mapping[str, Any]) -> str:
    rows = [
        (
            escape(SENTENCES[gate["name"]]),
            shown_value(gate),
            f"at {'least' if gate['name'].endswith('_min') else 'most'} {gate['limit']:g}",
            f'<span class="{_STYLES[said(gate)]}">{said(gate)}</span>',
        )
        for gate in entry["gates"]
    ]
    return table(("gate", "measured", "limit", ""), rows)


def _paired(entry: Mapping[str, Any]) -> str:
    paired = entry["paired"]
    figures = [(title, paired[key]) for key, title in (
        ("accuracy", "accuracy"), ("balanced_accuracy", "balanced accuracy"),
        ("macro_auroc", "macro AUROC"), ("ece", "expected calibration error"),
    )]  # fmt: skip
    for key, title in (("recall", "recall"), ("auroc", "AUROC")):
        figures += [(f"{title}, {label}", row) for label, row in paired[key].items()]
    rows = [
        (
            escape(title),
            number(row["original"]),
            number(row["model"]),
            signed(row["difference"]),
            " to ".join(map(signed, row["interval"])),
        )
        for title, row in figures
    ]
    test = paired["mcnemar"]
    return (
        table(("", "original", "model", "difference", "95 % interval over groups"), rows)
        + f"<p>McNemar's exact test: {test['only_original']} photos only the original gets right, "
        f"{test['only_model']} only the model; p = {test['p_value']:.3g} (two-sided; photos taken "
        "for independent).</p>"
    )


def _by_source(entry: Mapping[str, Any]) -> str:
    """Write the figures by source, and that those below them mix the sources."""
    if "by_source" not in entry:
        return ""
    head = ("source", "disease", "photos / others", "told from", "AUROC of the original",
            "of the model", "difference", "95 % interval over groups")  # fmt: skip
    text = table(head, ([escape(cell) for cell in row] for row in by_source_rows(entry)))
    count = len(entry["by_source"]["sources"])
    return text + (
        f"<p>The figures below mix the cameras of {count} sources: a model that tells the cameras "
        "apart looks good in them.</p>"
        if count > 1
        else ""
    )


def _agreement(entry: Mapping[str, Any]) -> str:
    found, referral = entry["agreement"], entry["referral"]
    low, high = found["interval"]
    text = (
        f"<p>Both choose the same class on {found['top1']:.1%} of the photos (95 % interval "
        f"{low:.1%} to {high:.1%}); {found['changed']} changed. Probabilities differ by "
        f"{found['probability_difference_mean']:.4f} in the mean and "
        f"{found['probability_difference_max']:.4f} at most.</p>"
    )
    if referral is None:
        return text + "<p>No class is known to need no referral, so flips weren't counted.</p>"
    rule = (
        "the bundle's thresholds"
        if referral["rule"] == "thresholds"
        else f"the predicted class (referred unless {' or '.join(referral['no_referral'])})"
    )
    return text + (
        f"<p>Referral by {escape(rule)}: the original refers {referral['original']}, the model "
        f"{referral['model']}. Referrals lost: {referral['lost']}, "
        f"<strong>of ill eyes {referral['lost_in_need']}</strong>; new ones: "
        f"{referral['gained']}. Sensitivity {referral['sensitivity_original']:.3f} and "
        f"{referral['sensitivity_model']:.3f}, specificity {referral['specificity_original']:.3f} "
        f"and {referral['specificity_model']:.3f}.</p>"
    )


def _confidence(entry: Mapping[str, Any]) -> str:
    found = entry["confidence"]
    return (
        "<p>Expected calibration error (15 bins): "
        f"{found['ece_model']:.4f} of the model, {found['ece_original']:.4f} of the original at "
        f"the model's temperature of {found['temperature_bundle']:.3f}, "
        f"{found['ece_original_as_is']:.4f} as the original is (temperature "
        f"{found['temperature_original']:.3f}). The gate takes the smaller of the two.</p>"
    )


def _explanation(entry: Mapping[str, Any], controls: Mapping[str, Any]) -> str:
    found = entry["explanation"]
    if not found["measures"]:
        return "<p>No photo kept its class and its heatmap: there is nothing to compare.</p>"
    shown = [name for name in CONTROL_TITLES if name in controls and controls[name]["measures"]]
    quantiles = [
        (
            escape(title),
            *(number(found["measures"][key][q]) for q in ("p05", "p25")),
            f"<strong>{number(found['measures'][key]['median'])}</strong>",
            " to ".join(map(number, found["measures"][key]["interval"])),
            *(number(found["measures"][key][q]) for q in ("p75", "p95")),
        )
        for key, title in MEASURE_TITLES.items()
    ]
    beside = [
        (
            escape(title),
            f"<strong>{number(found['measures'][key]['median'])}</strong>",
            *(number(controls[name]["measures"][key]["median"]) for name in shown),
        )
        for key, title in MEASURE_TITLES.items()
    ]
    head = ("", "5 %", "25 %", "median", "its 95 % interval", "75 %", "95 %")
    return (
        f"<p>Grad-CAM of the predicted class, {escape(entry['gradients'])} gradients, on the "
        f"{found['photos']} photos whose class didn't change. Beside it the controls, "
        "which are of the original alone. Natural spread: the map of the photo made 5 % brighter "
        "and moved by a sixteenth of a cell, and of the mirrored photo, turned back. Chance: the "
        "map of another photo of the same class. Where the mirrored photo's map is more like the "
        "first one in place than turned back, the map follows the frame, not the eye. Correlations "
        "are "
        "of the signed maps, the earth mover's distance of their positive part, the others of the "
        "heatmaps as shown. Pixels are those of the model's input.</p>"
        + table(head, quantiles)
        + table(("medians", "this model", *(CONTROL_TITLES[name] for name in shown)), beside)
    )


def _evidence(entry: Mapping[str, Any]) -> str:
    model, original = (entry["evidence"][key] for key in ("model", "original"))
    return (
        f"<p>Of a photo's evidence {model['outside_mean']:.1%} lies outside of the eye on average "
        f"({original['outside_mean']:.1%} with the original); on {model['flagged']:.1%} of the "
        f"photos more than {model['limit']:.0%}, which flags them. The hottest point lies outside "
        f"on {model['peak_outside']:.1%} ({original['peak_outside']:.1%}).</p>"
    )


def _by_class(entry: Mapping[str, Any]) -> str:
    rows = [
        (
            escape(name),
            str(part["photos"]),
            *(number(part["measures"][key]["median"]) for key in MEASURE_TITLES),
        )
        for name, part in entry["explanation"]["by_class"].items()
        if part["measures"]
    ]
    return table(("medians by explained class", "photos", *MEASURE_TITLES.values()), rows)


def _worst(name: str, validation: Validation) -> str:
    parts = []
    images = validation.data.images(validation.input_size)
    outputs = (validation.original, validation.outputs[name])
    for row in validation.record["models"][name]["worst"]:
        label = validation.record["classes"].index(row["explained"])
        pictures = worst_pictures(images[row["index"]], row["index"], label, outputs)
        shown = "".join(
            f'<img src="data:image/jpeg;base64,{base64_of(data)}" alt="{alt}">'
            for data, alt in zip(pictures, ("photo", "original", "model"), strict=True)
        )
        parts.append(
            f'<div class="worst">{shown}<p><strong>{escape(row["photo"])}</strong><br>'
            f"shown: {escape(row['explained'])}, true: {escape(row['true'])}<br>"
            f"confidence {row['confidence_original']:.1%} and {row['confidence_model']:.1%}<br>"
            f"correlation {row['pearson']:.3f}, overlap {row['iou']:.3f}, SSIM {row['ssim']:.3f}"
            f"<br>peak moved by {row['peak_pixels']:.0f} pixels</p></div>"
        )
    title = f"The {len(parts)} photos with the worst drift: photo, original, model"
    return f"<h3>{title}</h3>{''.join(parts)}" if parts else ""


def _weights(entry: Mapping[str, Any]) -> str:
    found = entry["weights"]
    if found["reason"] is not None:
        return f"<p>Not compared with the original's: {escape(found['reason'])}.</p>"
    head = any(row["name"].startswith(HEAD) for row in found["tensors"])
    rows = [
        (escape(row["name"]), number(row["sqnr_db"], 1))
        for row in found["tensors"][:_WORST_WEIGHTS]
    ]
    return (
        f"<p>{len(found['tensors'])} tensors of weights and biases, "
        f"{'head included' if head else 'the head not included'}, read back to float and compared "
        "with the original's of the same layer. Rounding to 7 or 8 bits leaves about 30 dB or "
        f"more; {MOST_DB:g} dB stands for no error at all.</p>"
        + table(("the worst", "signal to error, dB"), rows)
    )
