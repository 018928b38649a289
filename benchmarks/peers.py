"""Measure this project against what people would use instead: same photos, threads and turns.

python benchmarks/peers.py RUN FLOAT_BUNDLE DATASET [--int8-bundle BUNDLE] [--threads 1]
    [--python 'pytorch-grad-cam=PATH/python' --python 'OpenVINO XAI (ReciproCAM)=PATH/python' ...]

RUN is a folder of ``fundus-edge train``, FLOAT_BUNDLE what ``fundus-edge export`` made of it. This
project's extra ``bench`` has what the script itself needs; the peers are pinned in
``peers-requirements.txt`` and ``peers-openvino-xai-requirements.txt`` and belong into
environments of their own, whose Pythons are given by contender.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.utils
from peer_worker import CONTENDERS

from edge_runtime.bundle.bundle import load_bundle
from edge_runtime.contract import IMAGE, LAST_CONV, PROBABILITIES
from edge_runtime.system.machine import processor
from train.data.dataset import balanced_sample, load_photos, read_dataset

_OURS = "fundus-edge float32"
_ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("float_bundle", type=Path)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--int8-bundle", type=Path, help="default: the one in the package")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--photos", type=int, default=16)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--python", action="append", default=[], metavar="CONTENDER=PYTHON")
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), default=[])
    options = parser.parse_args()
    pythons = dict(entry.rsplit("=", 1) for entry in options.python)
    if unknown := set(pythons) - set(CONTENDERS):
        parser.error(f"no contender {', '.join(unknown)}; there are {', '.join(CONTENDERS)}")
    with tempfile.TemporaryDirectory() as folder:
        request = prepare(options, Path(folder))
        workers: dict[str, Worker] = {}
        for name in options.only or CONTENDERS:
            workers[name] = Worker(
                pythons.get(name, sys.executable), {**request, "contender": name}
            )
        try:
            report(workers, options)
        finally:
            for worker in workers.values():
                worker.close()


def prepare(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Write the photos, the plain classifier and LiteRT's int8 model for the workers."""
    bundle = load_bundle(options.float_bundle)
    model = options.float_bundle / "model.onnx"
    dataset = read_dataset(options.dataset)
    size = bundle.manifest.input_size
    chosen = dataset.splits["val_dir"]
    step = max(1, len(chosen) // options.photos)
    images = load_photos(chosen[::step][: options.photos], size=size)
    np.save(folder / "images.npy", images)
    plain = folder / "plain.onnx"
    onnx.utils.extract_model(str(model), str(plain), [IMAGE], [PROBABILITIES])
    nodes = {output: node for node in onnx.load(model).graph.node for output in node.output}
    producer = nodes[nodes[LAST_CONV].input[0]]  # before the transpose to our order of axes
    representative = load_photos(balanced_sample(dataset, photos=100, seed=0), size=size)
    np.save(folder / "representative.npy", representative)
    make = _ROOT / "benchmarks" / "litert_int8.py"
    subprocess.run(  # noqa: S603 - our own code
        [sys.executable, make, options.run, folder / "representative.npy", folder / "i8.tflite"],
        env=os.environ | {"PYTHONPATH": str(_ROOT)}, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return {
        "threads": options.threads,
        "images": str(folder / "images.npy"),
        "plain": str(plain),
        "last_conv": producer.name,
        "float_model": str(model),
        "float_bundle": str(options.float_bundle),
        "int8_bundle": options.int8_bundle and str(options.int8_bundle),
        "keras": str(options.run / "model.keras"),
        "tflite": str(options.float_bundle / "model.tflite"),
        "tflite_int8": str(folder / "i8.tflite"),
        "gradients": str(options.float_bundle / "gradients.npz"),
    }


class Worker:
    """A contender's process, waiting for photos."""

    def __init__(self, python: str, request: dict[str, Any]) -> None:
        """Start it and wait until it is ready, or says why it can't be."""
        self._process = subprocess.Popen(  # noqa: S603 - our own code
            [python, str(_ROOT / "benchmarks" / "peer_worker.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
        )  # fmt: skip
        self.error = self._ask(request).get("error")

    def predict(self, index: int) -> dict[str, Any]:
        """Let it predict one photo."""
        return self._ask(index)

    def close(self) -> None:
        """End it by closing its input."""
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(timeout=60)

    def _ask(self, question: Any) -> dict[str, Any]:
        try:
            print(json.dumps(question), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            return {"error": "its process ended"}
        answer = self._process.stdout.readline()
        return json.loads(answer) if answer else {"error": "its process ended"}


def report(workers: dict[str, Worker], options: argparse.Namespace) -> None:
    """Take turns and print the table."""
    for worker in workers.values():
        if worker.error is None:
            worker.error = worker.predict(0).get("error")
    ready = {name: worker for name, worker in workers.items() if worker.error is None}
    outputs: dict[str, list[dict[str, Any]]] = {name: [] for name in ready}
    for turn in range(-3, options.turns):  # three to warm up
        for name in sorted(ready, reverse=bool(turn % 2)):  # nobody always follows the same
            answer = ready[name].predict(turn % options.photos)
            if turn >= 0:
                outputs[name].append(answer)
    median = {name: statistics.median(a["ms"] for a in found) for name, found in outputs.items()}
    threads = f"{options.threads} thread{'s' if options.threads > 1 else ''}"
    print(f"{processor().model}, {os.cpu_count()} cores, {threads}, {options.turns} turns\n")
    print("| | median ms | fastest ms | times ours | same class | correlation of maps |")
    print("|---|---|---|---|---|---|")
    for name, worker in workers.items():
        if worker.error is not None:
            print(f"| {name} | can't run here: {worker.error.splitlines()[0][:90]} | | | | |")
            continue
        pairs = list(zip(outputs[_OURS], outputs[name], strict=True))
        same = sum(ours["top"] == its["top"] for ours, its in pairs) / len(pairs)
        maps = [correlation(ours["map"], its["map"]) for ours, its in pairs
                if its["map"] is not None and ours["top"] == its["top"]]  # fmt: skip
        likeness = f"{statistics.median(maps):.3f}" if maps else "no map"
        fastest = min(answer["ms"] for answer in outputs[name])
        print(f"| {name} | {median[name]:.1f} | {fastest:.1f} | {median[name] / median[_OURS]:.2f} "
              f"| {same:.2f} | {likeness} |")  # fmt: skip


def correlation(ours: list, its: list) -> float:
    """Correlate two maps' positive parts on the coarser one's grid."""
    first, second = (np.maximum(np.array(values), 0) for values in (ours, its))
    if second.shape != first.shape:  # scaled up to the photo: each cell's middle is as it was
        height, width = first.shape
        rows, columns = second.shape[0] // height, second.shape[1] // width
        cells = second.reshape(height, rows, width, columns)
        rows, columns = rows // 2, columns // 2
        second = cells[:, rows - 1 : rows + 1, :, columns - 1 : columns + 1].mean(axis=(1, 3))
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


if __name__ == "__main__":
    main()
