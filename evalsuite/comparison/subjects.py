"""The subjects of one task: each difference with what is left of it among so many."""

from collections.abc import Mapping

import numpy as np

from evalsuite.comparison.pairs import Pairs
from evalsuite.comparison.types import Estimate, Interval, SubjectRow
from evalsuite.model import Question
from evalsuite.stats.decide import LEVEL_95
from evalsuite.stats.multiple import benjamini_hochberg
from evalsuite.stats.paired import Counts, paired_counts
from evalsuite.stats.pooling import shrunk


def subjects(
    pairs: Pairs, right: tuple[Counts, Counts], questions: Mapping[str, Question]
) -> tuple[SubjectRow, ...]:
    """One row per subject, none where the task has no subjects."""
    from scipy.stats import norm

    names = np.asarray([questions[name].subject for name in pairs.questions])
    found = sorted(set(names.tolist()) - {""})
    if len(found) <= 1:
        return ()
    marks = [names == subject for subject in found]
    counts = [
        paired_counts(right[0][these], right[1][these], pairs.draws[these]) for these in marks
    ]
    ends = [one.interval(LEVEL_95) for one in counts]
    worse = [float(norm.cdf(one.z(0.0))) for one in counts]
    quantile = float(norm.ppf((1 + LEVEL_95) / 2))
    variances = [((high - low) / 2 / quantile) ** 2 for low, high in ends]
    expected = shrunk([one.difference for one in counts], variances)
    return tuple(
        SubjectRow(
            subject=subject,
            questions=int(these.sum()),
            draws=int(pairs.draws[these].sum()),
            baseline_accuracy=float(np.mean(right[0][these] / pairs.draws[these])),
            candidate_accuracy=float(np.mean(right[1][these] / pairs.draws[these])),
            difference=Estimate(
                value=one.difference, interval=Interval(low=low, high=high, level=LEVEL_95)
            ),
            worse_p=p,
            worse_q=q,
            shrunk=likely,
        )
        for subject, these, one, (low, high), p, q, likely in zip(
            found, marks, counts, ends, worse, benjamini_hochberg(worse), expected, strict=True
        )
    )
