"""Read what the model of a run was measured to reach."""

from collections.abc import Mapping
from pathlib import Path

from edge_runtime.system.codec import parse, read
from train.data.labelled import SPLITS
from train.data.leave_out import LEFT_OUT
from train.errors import RunInvalidError
from train.evaluation.evaluation import Evaluation
from train.runs.run_folder import METRICS


def read_evaluations(run: Path) -> Mapping[str, Evaluation]:
    """Read what a complete run's model was measured to reach, by split.

    Raises:
        RunInvalidError: It can't be read.
    """
    try:
        found = parse((run / METRICS).read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("is not a JSON object")
        names = (name for name in (*SPLITS, LEFT_OUT) if name in found)
        return {name: read(found[name], Evaluation, at=name) for name in names}
    except OSError as error:
        raise RunInvalidError(run, f"{METRICS} can't be read") from error
    except ValueError as error:
        cause = f"{METRICS} {error}; evaluate the run anew with 'fundus-edge evaluate'"
        raise RunInvalidError(run, cause) from error
