"""Search for the quantisation that holds every gate, in few evaluations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_runtime.bundle.verdict import GateVerdict

#: Evaluations at most, whatever is found.
MOST_EVALUATIONS = 10


@dataclass(frozen=True)
class Trial:
    """One quantisation that was evaluated on validation photos.

    ``in_float`` are the layers that stayed in float; ``distance`` is the mean absolute difference
    of a probability from the original's. ``original_misses`` are gates that the original misses
    itself, by about as much, so that layers in float promise nothing.
    """

    method: str
    in_float: tuple[str, ...]
    verdicts: tuple[GateVerdict, ...]
    distance: float
    original_misses: frozenset[str] = frozenset()

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def missed(self) -> tuple[str, ...]:
        """The gates that don't hold."""
        return tuple(verdict.name for verdict in self.verdicts if not verdict.holds)

    @property
    def beyond(self) -> tuple[str, ...]:
        """The missed gates that the original holds: quantisation has to answer for them."""
        return tuple(name for name in self.missed if name not in self.original_misses)


@dataclass(frozen=True)
class SearchResult:
    """The trial to keep, why, and all trials in the order in which they were made."""

    best: Trial
    reason: str
    trials: tuple[Trial, ...]


def search(
    methods: Sequence[str],
    evaluate: Callable[[str, tuple[str, ...]], Trial],
    worst_layers: Callable[[str], Sequence[str]],
    *,
    most: int = MOST_EVALUATIONS,
) -> SearchResult:
    """Try methods, then put the most harmful layers back into float until the gates hold.

    First every method with everything quantised. If none holds every gate, the best of them goes
    on with 1, 2, 4 ... layers in float, worst first, until it does or one layer is left; what
    evaluations are left then look for the fewest layers that do. A gate that the original misses
    too is no reason to go on.

    Args:
        methods: At least one; how ranges are set.
        evaluate: Makes and evaluates the quantisation of a method and layers in float.
        worst_layers: Lists all layers of a method's quantisation, the most harmful first.
        most: Evaluations at most, at least one.
    """
    trials: list[Trial] = []

    def attempt(method: str, in_float: Sequence[str]) -> Trial:
        trials.append(evaluate(method, tuple(in_float)))
        return trials[-1]

    for method in methods[:most]:
        attempt(method, ())
    method = min(trials, key=_rank).method
    if all(trial.beyond for trial in trials) and len(trials) < most:
        layers = worst_layers(method)
        failed, count, passed = 0, 1, None
        largest = len(layers) - 1  # with every layer in float it is no quantised model
        while passed is None and failed < largest and len(trials) < most:
            if not attempt(method, layers[:count]).beyond:
                passed = count
            else:
                failed, count = count, min(2 * count, largest)
        while passed is not None and passed - failed > 1 and len(trials) < most:
            middle = (failed + passed) // 2
            if not attempt(method, layers[:middle]).beyond:
                passed = middle
            else:
                failed = middle
    best = min(trials, key=_rank)
    return SearchResult(best, _reason(best, trials), tuple(trials))


def _rank(trial: Trial) -> tuple[float, ...]:
    """Order trials, the best first."""
    if not trial.beyond:
        return 0, len(trial.missed), len(trial.in_float), trial.distance
    return 1, len(trial.beyond), trial.distance


def _reason(best: Trial, trials: Sequence[Trial]) -> str:
    count = f"{len(trials)} evaluation" + ("s" if len(trials) > 1 else "")
    if best.beyond:
        missed = ", ".join(best.missed)
        return (
            f"the best of {count}, with {len(best.in_float)} layer(s) in float, still misses "
            f"{missed}"
        )
    held = "every gate holds"
    if best.missed:
        held += f", but {', '.join(best.missed)}, which the original misses too,"
    if not best.in_float:
        return f"{held} with all layers quantised; the best of {count}"
    return f"{held} with {len(best.in_float)} layer(s) in float, the fewest found in {count}"
