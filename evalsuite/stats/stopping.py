"""When to stop asking: the decision at one look, by either rule.

*holds* and *worse* are verdicts at the error rate α each. *futile* is none: it says that the
verdict *holds* is out of reach, and one may go on all the same without harm to either rate.
"""

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

from evalsuite.stats.anytime import Evidence
from evalsuite.stats.paired import PairedCounts
from evalsuite.stats.planning import ALPHA
from evalsuite.stats.schedule import Stage
from evalsuite.stats.sequential import critical_values, kim_demets

Stop: TypeAlias = Literal["holds", "worse", "futile"]

# A candidate as good as the baseline is given up in at most this share of open-ended runs.
GIVEN_UP = 0.05


def sequential_stop(counts: PairedCounts, course: Sequence[Stage], *, margin: float) -> Stop | None:
    """What the last look of *course* decides; None to go on, or at the end.

    *worse* is the mirrored boundary: the repeated interval lies wholly beyond the margin. Futile
    is what a candidate as good as the baseline would seldom show: the same statistic for no
    difference at all, which needs no guess of ψ.
    """
    critical = verdict_values(course, ALPHA)[-1]
    z = counts.normal_z(-margin)
    if z >= critical:
        return "holds"
    if z <= -critical:
        return "worse"
    if course[-1].share >= 1:
        return None
    information = [one.information for one in course]
    hopeless = critical_values(information, [one.futile for one in course])[-1]
    return "futile" if counts.normal_z(0.0) <= -hopeless else None


def verdict_values(course: Sequence[Stage], alpha: float) -> tuple[float, ...]:
    """The critical values of z at the looks of *course*, which together err in *alpha*."""
    return critical_values(
        [one.information for one in course], [kim_demets(alpha, one.share) for one in course]
    )


def anytime_stop(evidence: Evidence, *, alpha: float = ALPHA) -> Stop | None:
    """What the bets decide, at whatever time one looks (J. Ville's inequality, 1939)."""
    if evidence.log_e_holds >= -math.log(alpha):
        return "holds"
    if evidence.log_e_worse >= -math.log(alpha):
        return "worse"
    return "futile" if evidence.log_e_futile >= -math.log(GIVEN_UP) else None
