"""Evaluate what a training fitted, draw its curves, and write down what it reached."""

import shutil
from collections.abc import Mapping

import keras
import numpy as np

from edge_runtime.bundle.origin import Leaks
from edge_runtime.contract import DISCLAIMER
from edge_runtime.system.codec import plain
from train.data.labelled import with_class
from train.data.leave_out import LEFT_OUT
from train.data.truth import truth_of
from train.evaluation.answered import Photos
from train.evaluation.evaluation import Evaluation, Provenance
from train.evaluation.held_out import GROUPING, LEAKS
from train.evaluation.measure import evaluate_answers, split_title
from train.evaluation.plots import plot_history
from train.evaluation.run_keras import ask_keras
from train.fitting.feature_store import Floats, stored_probabilities
from train.fitting.plan import Plan
from train.metrics.intervals import Bootstrap
from train.network.model import head_of, pooled_features
from train.runs.run_folder import METRICS, MODEL, write_json
from train.runs.state import STATE_FOLDER


def finish(plan: Plan) -> Mapping[str, Evaluation]:
    """Evaluate the best model, draw the curves, write the metrics, and drop the state.

    Returns:
        What was measured, by split; nothing for other workers than the first, whose folder goes.

    Raises:
        OutputFailedError: An evaluation can't be written.
    """
    run, dataset, leaks = plan.run, plan.dataset, plan.config.dataset.leaks or Leaks()
    if plan.workers and plan.workers.index:
        shutil.rmtree(run)
        return {}
    model = keras.saving.load_model(run / MODEL, compile=False)
    results: dict[str, Evaluation] = {}
    for name in ("val_dir", "test_dir", LEFT_OUT):
        photos, out = dataset.splits.get(name, ()), run / f"evaluation_{name}"
        if with_class(photos):
            shutil.rmtree(out, ignore_errors=True)
            shown = Photos(
                [photo.path.relative_to(dataset.root).as_posix() for photo in photos],
                truth_of(photos),
                np.array([plan.groups[photo.path] for photo in photos]),
                plan.examples[name].images,
            )
            known = _known(plan, model, name)
            results[name] = evaluate_answers(
                ask_keras(model, shown, dataset.classes, probabilities=known),
                Provenance(
                    title=split_title(name, caution=LEAKS if leaks.groups else ""),
                    split=name,
                    grouping=GROUPING,
                    leaks=leaks,
                    test_time_flips=False,
                ),
                out=out,
                bootstrap=Bootstrap(seed=plan.config.options.seed),
            )
    plot_history(run / "history.csv", run / "learning_curves.png")
    write_json(run / METRICS, plain(results) | {"disclaimer": DISCLAIMER})
    shutil.rmtree(run / STATE_FOLDER)
    return results


def _known(plan: Plan, model: keras.Model, split: str) -> Floats | None:
    """Take what the model says from kept features, if the backbone is what it was."""
    if plan.keep.features is None or plan.config.options.fine_epochs:
        return None
    backbone, head, images = pooled_features(model), head_of(model), plan.examples[split].images
    return stored_probabilities(plan.keep.features, backbone, head, images)
