"""Evaluate the model of a run folder on a split of a dataset."""

from pathlib import Path

from edge_runtime.bundle.origin import Leaks
from edge_runtime.system.folders import check_absent
from train.data.dataset import load_photos
from train.data.patients import PATIENT_PATTERN
from train.evaluation.answered import Photos
from train.evaluation.evaluated import bar, find_evaluated
from train.evaluation.evaluation import Evaluation, Provenance
from train.evaluation.held_out import GROUPING
from train.evaluation.history import run_history
from train.evaluation.measure import evaluate_answers, split_title
from train.evaluation.options import DEFAULT_OPTIONS, EvaluationOptions
from train.evaluation.run_keras import ask_keras
from train.network.flips import steps
from train.runs.run_folder import photos_of, read_run


def evaluate_run(
    run: Path, root: Path, *, flips: bool = False, options: EvaluationOptions = DEFAULT_OPTIONS
) -> Evaluation:
    """Evaluate a run's model and write the results, with progress bars on stderr.

    Args:
        run: A run folder of ``fundus-edge train``.
        root: The dataset folder, see ``find_held_out``.
        flips: Whether to predict by the mean over flips.
        options: The choices.

    Raises:
        OutputExistsError: Something stands at ``options.out``.
        RunInvalidError: ``run`` lacks something.
        DatasetError: The dataset lacks the split or has classes that the model doesn't know.
        OutputFailedError: The results can't be written.
    """
    if options.out is not None:
        check_absent(options.out)
    config, model = read_run(run)
    classes = tuple(config["classes"])
    found = find_evaluated(
        root,
        classes,
        options,
        seed=config["options"]["seed"],
        patients=config["options"].get("patients", PATIENT_PATTERN),
        trained_on=config["dataset"]["fingerprint"],
    )
    size = (config["input_size"][0], config["input_size"][1])
    with bar(len(found.photos), f"reading {found.split}") as reading:
        images = load_photos(found.photos, size=size, on_photo=lambda: reading.update(1))
    known = run_history(photos_of(run, config), Leaks(**config["dataset"].get("leaks", {})), found)
    with bar(steps(len(found.photos), flips=flips), "predicting") as predicting:
        photos = Photos(found.names, found.truth, found.groups, images)
        answered = ask_keras(
            model, photos, classes, flips=flips, on_step=lambda: predicting.update(1)
        )
    return evaluate_answers(
        answered,
        Provenance(
            title=split_title(found.split, flips=flips, caution=known.caution),
            split=found.split,
            run=run.resolve().name,
            dataset=found.identity,
            trained_on=known.trained_on,
            leaks=known.leaks,
            grouping=GROUPING,
            test_time_flips=flips,
        ),
        out=options.out,
        bootstrap=options.bootstrap,
    )
