"""Write a validation as one self-contained HTML page, to file and to print."""

from collections.abc import Mapping
from html import escape
from typing import Any

from calibration.validation.cautions import cautions
from calibration.validation.html import STYLE, number, picture, table
from calibration.validation.page_model import model_section
from calibration.validation.plots import plot_times
from calibration.validation.validate import ORIGINAL, Validation


def validation_page(validation: Validation) -> str:
    """Write the page: verdict, figures, plots, data, versions, hashes.

    Every figure on it stands in ``validation.json`` too.
    """
    record = validation.record
    data, bundle = record["data"], record["bundle"]
    verdicts = "".join(
        f'<p class="verdict {"pass" if entry["passed"] else "fail"}">{escape(name)}: '
        f"{_verdict(entry)}</p>"
        for name, entry in record["models"].items()
    )
    models = "".join(model_section(name, validation) for name in record["models"])
    remarks = "".join(f'<p class="faint">{escape(text)}</p>' for text in cautions(record))
    title = f"Validation of {bundle['name']}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>"
        f'<p class="faint">{escape(record["created"])} · {data["photos"]} photos of '
        f"{escape(data['split'])} of {escape(data['name'])} · against "
        f"{escape(record['original']['name'])} ({escape(record['original']['format'])}, "
        f"{escape(record['original']['precision'])})</p>\n"
        f"{verdicts}"
        f'<p class="notice">{escape(record["disclaimer"])} A passed validation says that a model '
        "does what its original does on these photos. It doesn't say that the original is good."
        f"</p>\n{remarks}{models}{_speed(validation)}{_data(record)}{_provenance(record)}"
        "</body></html>\n"
    )


def _verdict(entry: Mapping[str, Any]) -> str:
    missed = sum(not gate["holds"] for gate in entry["gates"])
    unjudged = sum(not gate["judged"] for gate in entry["gates"])
    count = len(entry["gates"])
    verdict = (
        "PASS, all gates hold" if not missed else f"FAIL, {missed} of {count} gates are missed"
    )
    return verdict + (f"; {unjudged} of {count} couldn't be judged" if unjudged else "")


def _speed(validation: Validation) -> str:
    record = validation.record
    sizes = {name: entry["size_bytes"] for name, entry in record["models"].items()}
    sizes[ORIGINAL] = record["original"]["size_bytes"]
    rows = [
        (
            escape(name),
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
    settings, machine = record["settings"], record["machine"]
    head = ("", "size", "p50, ms", "p90, ms", "times as fast", "load, ms", "first photo, ms",
            "peak memory, MiB", "of it before loading")  # fmt: skip
    return (
        "<section><h2>Size, speed, memory</h2>"
        f"<p>Single photos, the models in turns (A B A B), {settings['rounds']} rounds, "
        f"{settings['threads']} thread(s), inference with all that a prediction needs of the "
        "model. Load time, first photo and memory: each model in processes of its own, median of "
        f"{settings['processes']}. On {escape(machine['cpu'])}, {machine['cores']} cores "
        f"({escape(', '.join(machine['cpu_flags']) or 'no flags known')}).</p>"
        f"{table(head, rows)}{picture(plot_times(validation.times_ms))}</section>\n"
    )


def _without_class(record: Mapping[str, Any]) -> str:
    count = record["data"]["photos_without_class"]
    if not count:
        return ""
    by_source = any("by_source" in entry for entry in record["models"].values())
    what = "count by source alone" if by_source else "were left out"
    return f"; {count} more without a class {what}"


def _data(record: Mapping[str, Any]) -> str:
    data = record["data"]
    counts = ", ".join(f"{name} {count}" for name, count in data["photos_by_class"].items())
    rows = [
        ("name", escape(data["name"])),
        ("split", f"{escape(data['split'])}: {data['photos']} photos in {data['groups']} groups"),
        ("by class", escape(counts) + _without_class(record)),
        ("fingerprint", data["fingerprint"]),
        ("fingerprint of the split", data["fingerprint_of_split"]),
        (
            "the bundle's own dataset",
            "yes" if data["is_the_training_data"] else "no, another fingerprint",
        ),
    ]
    return f"<section><h2>Data</h2>{table(None, rows)}</section>\n"


def _provenance(record: Mapping[str, Any]) -> str:
    bundle, original = record["bundle"], record["original"]
    files = [
        (escape(name), f"{entry['size_bytes']:,}", entry["sha256"])
        for name, entry in bundle["files"].items()
    ]
    files.append((f"the original, {escape(original['name'])}", f"{original['size_bytes']:,}",
                  original["sha256"]))  # fmt: skip
    versions = [(escape(name), escape(value)) for name, value in record["versions"].items()]
    settings = [(escape(name), str(value)) for name, value in record["settings"].items()]
    return (
        f"<section><h2>Files</h2><p>Bundle {escape(bundle['name'])}, made "
        f"{escape(bundle['created'])}, identity (SHA-256 of its manifest as validated) "
        f'<span class="faint">{bundle["identity"]}</span>.</p>'
        f"{table(('file', 'bytes', 'SHA-256'), files)}"
        f"<h2>Versions</h2>{table(None, versions)}"
        f"<h2>Settings</h2>{table(None, settings)}</section>\n"
    )
