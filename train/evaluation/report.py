"""Write all figures of an evaluation as Markdown."""

from collections.abc import Mapping
from typing import Any

from train.evaluation.gate import gate_table
from train.evaluation.report_table import report_table


def report(result: Mapping[str, Any]) -> str:
    """Write the content of a ``metrics.json``, of a bundle's with the quality gate and without.

    Args:
        result: As ``train.evaluation.measure.evaluate_answers`` returns it.
    """
    title = result["title"]
    parts = [report_table(result, title=title)]
    if "gate" in result:
        parts += [_evidence(result["evidence"]), gate_table(result["gate"])]
        passed = result["with_gate"]
        parts.append(
            report_table(passed, title=f"{title}, the gradable photographs alone")
            if passed
            else "It leaves no photograph whose class is known.\n"
        )
    return "\n".join(parts)


def _evidence(found: Mapping[str, float]) -> str:
    return (
        f"Of a photograph's evidence {found['outside_mean']:.1%} lies outside of the eye on "
        f"average, more than {found['limit']:.0%} in {found['flagged']:.1%} of the photographs; "
        f"the hottest point lies outside in {found['peak_outside']:.1%}.\n"
    )
