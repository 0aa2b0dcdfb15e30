"""What the formulas stand on, checked where arrays come in: no empty sets, no NaN."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def numbers(values: ArrayLike, *, least: int = 1) -> NDArray[np.float64]:
    """*values* as floats.

    Raises:
        ValueError: there are fewer than *least*, or one is NaN or infinite.
    """
    found = np.asarray(values, dtype=np.float64)
    if len(found) < least:
        raise ValueError(f"{len(found)} values, but {least} are needed at least")
    strange = np.flatnonzero(~np.isfinite(found))
    if len(strange):
        raise ValueError(f"value {strange[0]} is {found[strange[0]]}")
    return found


def tallies(right: NDArray[np.int64], draws: NDArray[np.int64]) -> None:
    """Check right draws among the draws of each question.

    Raises:
        ValueError: there is no question, one was never drawn, or one has more right draws than
            draws (or NaN).
    """
    if not len(draws):
        raise ValueError("no questions")
    strange = np.flatnonzero(~((draws >= 1) & (right >= 0) & (right <= draws)))
    if len(strange):
        place = strange[0]
        raise ValueError(f"question {place}: {right[place]} right of {draws[place]} draws")
