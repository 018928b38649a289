"""Number the connected components of a disjoint set: which of N things hang together."""

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import DisjointSet


def component_ids(together: DisjointSet) -> npt.NDArray[np.intp]:
    """Number the components 0, 1, 2 ... in the order of their first member.

    Args:
        together: A ``scipy.cluster.hierarchy.DisjointSet`` of the numbers 0 to N - 1.

    Returns:
        (N,), the same number for things of one component.
    """
    numbers: dict[int, int] = {}
    ids = [numbers.setdefault(together[index], len(numbers)) for index in together]
    return np.array(ids, np.intp)
