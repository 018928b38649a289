"""Write all figures of an evaluation as Markdown."""

from msgspec import UNSET

from train.evaluation.as_predicted import HEADS, as_predicted_rows
from train.evaluation.evaluation import Evaluation
from train.evaluation.evidence import Evidence
from train.evaluation.gate import gate_table
from train.evaluation.markdown import table
from train.evaluation.report_table import report_table


def report(evaluation: Evaluation) -> str:
    """Write an evaluation as Markdown, that of a bundle with the quality gate and without."""
    title = evaluation.title
    parts = [report_table(evaluation, title=title)]
    if evaluation.evidence is not UNSET:
        parts.append(_evidence(evaluation.evidence))
    if evaluation.gate is not UNSET:
        parts.append(gate_table(evaluation.gate))
        if evaluation.as_predicted:
            rows = as_predicted_rows(evaluation.as_predicted)
            parts.append(f"As `predict` answers:\n\n{table(HEADS, rows)}\n")
        parts.append(
            report_table(evaluation.with_gate, title=f"{title}, the gradable photographs alone")
            if evaluation.with_gate
            else "It leaves no photograph whose class is known.\n"
        )
    return "\n".join(parts)


def _evidence(found: Evidence) -> str:
    return (
        f"Of a photograph's evidence {found.outside_mean:.1%} lies outside of the eye on "
        f"average, more than {found.limit:.0%} in {found.flagged:.1%} of the photographs; "
        f"the hottest point lies outside in {found.peak_outside:.1%}.\n"
    )
