"""Filters and metrics for lm-eval, without lm-eval."""

import pickle

from evalsuite.grading import Grader
from evalsuite.interop.lm_eval import correct, no_answer, read_math


def test_each_response_is_graded_once_however_many_metrics_there_are(monkeypatch):
    """Algebra takes time; what travelled to another process is graded there again."""
    graded = []
    grade = Grader.grade_text

    def counted(self, **facts):
        graded.append(facts["text"])
        return grade(self, **facts)

    monkeypatch.setattr(Grader, "grade_text", counted)
    (read,) = read_math([["So \\boxed{3}.", "<think>hm", "\\boxed{4}"]], [{}])
    assert correct(["3"], [read]) == 1 / 3
    assert no_answer(["3"], [read]) == 1 / 3
    assert graded == ["So \\boxed{3}.", "<think>hm", "\\boxed{4}"]
    assert correct(["3"], [pickle.loads(pickle.dumps(read))]) == 1 / 3
    assert len(graded) == 6
