"""The subjects of one task: each difference with what is left of it among so many."""

from collections.abc import Mapping

import numpy as np

from evalsuite.comparison.estimates import difference_of, variance_of
from evalsuite.comparison.pairs import Pairs
from evalsuite.comparison.types import SubjectRow
from evalsuite.model import Question
from evalsuite.stats.multiple import benjamini_hochberg
from evalsuite.stats.paired import paired_counts
from evalsuite.stats.pooling import shrunk


def subjects(pairs: Pairs, questions: Mapping[str, Question]) -> tuple[SubjectRow, ...]:
    """One row per subject, none where the task has no subjects."""
    names = np.asarray([questions[name].subject for name in pairs.questions])
    found = sorted(set(names.tolist()) - {""})
    if len(found) <= 1:
        return ()
    marks = [names == subject for subject in found]
    right, draws = pairs.right, pairs.draws
    counts = [
        paired_counts(right[0][these], right[1][these], draws[0][these], draws[1][these])
        for these in marks
    ]
    differences = [difference_of(one) for one in counts]
    worse = [one.inferiority_p(0.0) for one in counts]
    expected = shrunk(
        [one.value for one in differences], [variance_of(one.interval) for one in differences]
    )
    return tuple(
        SubjectRow(
            subject=subject,
            questions=int(these.sum()),
            draws=int(draws[1][these].sum()),
            baseline_accuracy=float(np.mean(right[0][these] / draws[0][these])),
            candidate_accuracy=float(np.mean(right[1][these] / draws[1][these])),
            difference=difference,
            worse_p=p,
            worse_q=q,
            shrunk=likely,
        )
        for subject, these, difference, p, q, likely in zip(
            found, marks, differences, worse, benjamini_hochberg(worse), expected, strict=True
        )
    )
