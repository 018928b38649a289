"""Check those values of a manifest that reports show, so that they fail before the first photo."""

from collections.abc import Mapping
from typing import Any, Protocol

from edge_runtime.system.json_fields import objects, take


class _Model(Protocol):
    """What is checked of a ``manifest.ModelEntry``."""

    @property
    def metrics(self) -> Mapping[str, Any]: ...

    @property
    def checks(self) -> Mapping[str, Any]: ...


def check_shown(models: Mapping[str, _Model], origin: Mapping[str, Any]) -> None:
    """Check what a report shows of the models and of their training.

    Args:
        models: A manifest's, by name.
        origin: The manifest's.

    Raises:
        ValueError: With a clause that says what is wrong, to stand after the file's name.
    """
    for name, model in models.items():
        for split, metrics in objects({"metrics": dict(model.metrics)}, "metrics"):
            _check_metrics(metrics, f"models.{name}.metrics.{split}.")
        if "validation" in model.checks:
            prefix = f"models.{name}.checks."
            _check_validation(take(model.checks, "validation", dict, prefix), prefix)
    if "dataset" in origin:
        dataset = take(origin, "dataset", dict, "origin.")
        take(dataset, "name", str, "origin.dataset.")
        take(dataset, "photos", dict, "origin.dataset.")


def _check_metrics(metrics: Mapping[str, Any], prefix: str) -> None:
    take(metrics, "accuracy", float, prefix)
    take(metrics, "photos", int, prefix)
    recall = take(metrics, "recall", dict, prefix)
    for label, value in recall.items():
        if value is not None:  # of a class without a photo
            take(recall, label, float, f"{prefix}recall.")
    for key in ("by_source", "by_source_with_gate"):
        if key not in metrics:
            continue
        found = take(metrics, key, dict, prefix)
        for disease, row in objects(found, "mean_within_sources"):
            of_row = f"{prefix}{key}.mean_within_sources.{disease}."
            take(row, "value", float, of_row)
            take(row, "sources", int, of_row)
            interval = row.get("interval")
            if interval is not None and not _is_pair(interval):
                raise ValueError(f"has '{of_row}interval' that isn't null or two numbers")


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(type(each) in (int, float) for each in value)
    )


def _check_validation(validation: Mapping[str, Any], above: str) -> None:
    prefix = f"{above}validation."
    take(validation, "passed", bool, prefix)
    take(validation, "reference", str, prefix)
    take(validation, "photos", int, prefix)
    for gate in take(validation, "gates", list, prefix):
        if not isinstance(gate, dict):
            raise ValueError(f"has '{prefix}gates' that aren't objects")
        take(gate, "name", str, f"{prefix}gates.")
        take(gate, "holds", bool, f"{prefix}gates.")
        take({"judged": True} | gate, "judged", bool, f"{prefix}gates.")
