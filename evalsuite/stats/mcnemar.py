"""McNemar's exact test of one draw each: did anything change?

Q. McNemar, Psychometrika 12 (1947). With one draw each it is what exchanging the arms' labels is
with more (`evalsuite.stats.flips.changed_at_all_p`). It asks whether there is any difference, so it
can never certify that there is none.
"""


def mcnemar_p(gains: int, losses: int) -> float:
    """The two-sided exact p-value of as many *gains* as *losses*; 1 without any."""
    from scipy.stats import binom

    return min(2 * float(binom.cdf(min(gains, losses), gains + losses, 0.5)), 1.0)
