"""McNemar's test of one draw each: the field's habit, shown beside ours.

Q. McNemar (1947); the exact one-sided form is the degradation test of J. Kübler et al.,
arXiv:2602.10144. It asks "is there any drop?", so it can never certify that there is none.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """p-values: two-sided exact and mid-p; exact one-sided for "the candidate is worse"."""

    exact: float
    mid_p: float
    worse: float


def mcnemar(gains: int, losses: int) -> McNemar:
    """The test on the discordant pairs; all ones without any."""
    from scipy.stats import binom

    pairs = gains + losses
    fewer = min(gains, losses)
    below = float(binom.cdf(fewer, pairs, 0.5))
    at = float(binom.pmf(fewer, pairs, 0.5))
    return McNemar(
        exact=min(2 * below, 1.0),
        mid_p=min(2 * below - at, 1.0),
        worse=float(binom.sf(losses - 1, pairs, 0.5)),
    )
