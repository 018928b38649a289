"""Predict photos to JSON, maps and all, and compare two such files: a part of ``arm64.sh``.

python benchmarks/arm64_compare.py cpuinfo cortex-a72
python benchmarks/arm64_compare.py predict [--bundle BUNDLE] PHOTO... > here.json
python benchmarks/arm64_compare.py compare here.json there.json
"""

import argparse
import json
import platform
import sys
from pathlib import Path

#: What Linux shows of a core: features and part number, of the boards that people have.
_CORES = {
    "cortex-a72": ("fp asimd evtstrm crc32 cpuid", "0xd08"),  # Raspberry Pi 4
    "cortex-a76": (
        "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc "
        "dcpop asimddp",
        "0xd0b",
    ),  # Raspberry Pi 5
}

#: By precision: how far probabilities may lie apart, how much the maps may as a share of their
#: range, and how they must correlate. float32 differs by the order of sums alone. In int8 every
#: layer rounds, each processor family's kernels in their own way, and what lies near a half goes
#: one way or the other; so single values of a map may jump, but not its form.
_LIMITS = {"float32": (1e-5, 1e-4, 0.9999), "int8": (0.05, 0.5, 0.9)}


def main() -> None:
    """Do what the first argument says."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("cpuinfo").add_argument("core", choices=list(_CORES))
    predict = commands.add_parser("predict")
    predict.add_argument("--bundle", type=Path)
    predict.add_argument("photos", nargs="+", type=Path)
    compare = commands.add_parser("compare")
    compare.add_argument("here", type=Path)
    compare.add_argument("there", type=Path)
    options = parser.parse_args()
    if options.command == "cpuinfo":
        print(cpuinfo(options.core))
    elif options.command == "predict":
        print(json.dumps(predictions(options.photos, options.bundle)))
    else:
        files = (options.here, options.there)
        sys.exit(compared(*(json.loads(file.read_text("utf-8")) for file in files)))


def cpuinfo(core: str) -> str:
    """Write ``/proc/cpuinfo`` as Linux would on two such cores."""
    features, part = _CORES[core]
    lines = (
        "BogoMIPS\t: 108.00", f"Features\t: {features}", "CPU implementer\t: 0x41",
        "CPU architecture: 8", "CPU variant\t: 0x0", f"CPU part\t: {part}", "CPU revision\t: 3",
    )  # fmt: skip
    return "\n".join(f"processor\t: {number}\n" + "\n".join(lines) + "\n" for number in range(2))


def predictions(photos: list[Path], bundle: Path | None) -> dict:
    """Predict with one thread."""
    from edge_runtime import Classifier, load_bundle

    classifier = Classifier(load_bundle(bundle), threads=1)
    results = []
    for photo in photos:
        found = classifier.predict(photo)
        results.append(
            {
                "photo": photo.name,
                "class": found.class_name,
                "probabilities": dict(found.probabilities),
                "cam": found.cam.tolist(),
                "infer_ms": found.times_ms["infer"],
            }
        )
    entry = classifier.session.entry
    return {"machine": platform.machine(), "precision": entry.precision, "results": results}


def compared(here: dict, there: dict) -> int:
    """Print the differences of two runs; 1 if they are above the limits, else 0."""
    import numpy as np

    allowed_p, allowed_map, least = _LIMITS[here["precision"]]
    wrong = 0
    print(f"{here['precision']}: {here['machine']} against {there['machine']}")
    print("| photo | class | probability differs by | map differs by | correlation of maps |")
    print("|---|---|---|---|---|")
    for one, other in zip(here["results"], there["results"], strict=True):
        first, second = np.array(one["cam"]), np.array(other["cam"])
        gap = max(abs(one["probabilities"][n] - p) for n, p in other["probabilities"].items())
        share = float(np.abs(first - second).max() / np.ptp(first))
        likeness = float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
        same = one["class"] == other["class"]
        good = same and gap <= allowed_p and share <= allowed_map and likeness >= least
        wrong += not good
        label = one["class"] if same else f"{one['class']} / {other['class']}"
        print(f"| {one['photo']} | {label} | {gap:.2g} | {share:.2g} | {likeness:.4f} |")
    print(f"allowed: {allowed_p:g}, {allowed_map:g} of the range, {least:g}; {wrong} beyond it")
    return int(wrong > 0)


if __name__ == "__main__":
    main()
