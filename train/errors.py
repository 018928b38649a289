"""Errors of a dataset, a run folder and a training, each a sentence that says what to do."""

from collections.abc import Iterable
from pathlib import Path

from edge_runtime.errors import FundusError, printable, ten_named

#: The folders that a dataset has.
LAYOUT = (
    "train_dir/, val_dir/ and test_dir/ with one folder per class, or one folder per class, or a "
    "table labels.csv"
)


class DatasetError(FundusError, ValueError):
    """A dataset folder that can't be used, by default because of its layout."""

    def __init__(self, path: Path, cause: str, *, expected: str = LAYOUT) -> None:
        self.path = path
        super().__init__(
            f"{printable(path)}: {cause}" + (f"; expected {expected}" if expected else "")
        )


class PhotosUnreadableError(DatasetError):
    """Photos of a dataset that can't be read: all are counted, ten at most named."""

    def __init__(self, root: Path, broken: Iterable[str]) -> None:
        """Take the dataset's folder, and a sentence for each photo that begins with its path."""
        said = sorted(broken)
        named = ten_named(said, between="; ")
        cause = f"{len(said)} photo(s) can't be read, remove or mend them: {named}"
        super().__init__(root, cause, expected="")


class WeightsError(FundusError, ValueError):
    """Starting weights that Keras can't use."""

    def __init__(self, weights: str, cause: str) -> None:
        self.weights = weights
        super().__init__(
            f"starting weights {printable(weights)}: {cause}; expected imagenet, none or a file "
            "of ResNet50 weights without top"
        )


class OptionInvalidError(FundusError, ValueError):
    """A choice of a training that can't be meant, as a configuration file may hold."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        self.name = name
        super().__init__(f"training option {name}: {printable(str(value))} isn't {expected}")


class RunInvalidError(FundusError, ValueError):
    """A run folder that can't be used as it stands."""

    def __init__(self, path: Path, cause: str) -> None:
        self.path = path
        super().__init__(f"{printable(path)}: {cause}")


class NothingToEvaluateError(FundusError, FileNotFoundError):
    """A folder that is neither a run nor a bundle."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{printable(path)}: neither a run folder (no config.json here, make one with "
            "'fundus-edge train') nor a bundle (no manifest.json, make one with 'fundus-edge "
            "export')"
        )


class TrainingStoppedError(FundusError, RuntimeError):
    """A training that its user stopped."""

    exit_status = 130

    def __init__(self, run: Path, *, has_model: bool) -> None:
        self.run = run
        best = "the best model so far is model.keras there" if has_model else "no model yet"
        super().__init__(f"{printable(run)}: stopped; {best}; --resume goes on")


class TrainingDivergedError(FundusError, ArithmeticError):
    """A training whose loss is no number any more."""

    def __init__(self, phase: str, epoch: int) -> None:
        super().__init__(
            f"the validation loss of phase {phase}, epoch {epoch}, isn't a number: the training "
            "diverged; try a lower learning rate"
        )


class LeakError(FundusError, ValueError):
    """A split with copies of a photo, or photos of one patient, on more than one side."""

    def __init__(self, root: Path, groups: int, example: tuple[Path, ...]) -> None:
        self.root = root
        named = " and ".join(printable(path.relative_to(root)) for path in example)
        super().__init__(
            f"{printable(root)}: {groups} group(s) of copies or patients stand in more than one "
            f"split, such as {named}; see them with 'fundus-edge audit', split anew with "
            "'fundus-edge split', or train all the same with --allow-leaks"
        )


class BackendError(FundusError, ValueError):
    """What only TensorFlow can do is asked of Keras on another backend."""

    def __init__(self, backend: str) -> None:
        super().__init__(
            f"KERAS_BACKEND is '{backend}', and models are converted by TensorFlow alone; run this "
            "command without that variable, a run that was trained with it is taken as it is"
        )


class ClusterError(FundusError, ValueError):
    """A training on several machines whose cluster isn't described."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"TF_CONFIG: {cause}; each worker needs its cluster and its task in this variable, "
            "as TensorFlow's guide to multi-worker training describes"
        )
