"""When to stop asking: the decision at one look, by either rule.

*holds* and *worse* are verdicts at the error rate α each. *futile* is none: it says that the
verdict *holds* is out of reach, and one may go on all the same without harm to either rate.
"""

import math
from typing import Literal, TypeAlias

from evalsuite.stats.anytime import Evidence
from evalsuite.stats.paired import PairedCounts
from evalsuite.stats.planning import ALPHA
from evalsuite.stats.sequential import Boundaries

Stop: TypeAlias = Literal["holds", "worse", "futile"]

# A candidate as good as the baseline is given up in at most this share of open-ended runs.
GIVEN_UP = 0.05


def sequential_stop(
    counts: PairedCounts, boundaries: Boundaries, look: int, *, margin: float
) -> Stop | None:
    """What the planned look number *look* (from 0) decides; None to go on, or at the end.

    *worse* is the mirrored boundary: the repeated interval lies wholly beyond the margin.
    """
    z = counts.z(-margin)
    if z >= boundaries.critical[look]:
        return "holds"
    if z <= -boundaries.critical[look]:
        return "worse"
    last = look == len(boundaries.critical) - 1
    return "futile" if not last and z <= boundaries.futility[look] else None


def anytime_stop(evidence: Evidence, *, alpha: float = ALPHA) -> Stop | None:
    """What the bets decide, at whatever time one looks (J. Ville's inequality, 1939)."""
    if evidence.log_e_holds >= -math.log(alpha):
        return "holds"
    if evidence.log_e_worse >= -math.log(alpha):
        return "worse"
    return "futile" if evidence.log_e_futile >= -math.log(GIVEN_UP) else None
