"""Two run folders → one `Comparison`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from evalsuite.comparison.benchmark import benchmark
from evalsuite.comparison.checks import checks
from evalsuite.comparison.experience import speed_of
from evalsuite.comparison.judging import Stops
from evalsuite.comparison.margins import macro_margin_of, margin_of, refuse_strangers
from evalsuite.comparison.overall import overall
from evalsuite.comparison.pairs import Pairs, pair
from evalsuite.comparison.stopping import seen, stops_of
from evalsuite.comparison.types import (
    Benchmark,
    Check,
    Comparison,
    DrawResult,
    Flip,
    RunSummary,
    Verdict,
)
from evalsuite.comparison.words import listed
from evalsuite.errors import NotComparable, RunError
from evalsuite.model import Key, Question, TaskInfo
from evalsuite.runs.folder import Run
from evalsuite.runs.provenance import versions
from evalsuite.runs.rows import Draw, plain


def compare(
    baseline: Run,
    candidate: Run,
    *,
    control: Run | None = None,
    margins_pp: Mapping[str, float] | None = None,
    force: bool = False,
) -> Comparison:
    """Pair *candidate* with *baseline* by key and compare them task by task.

    *control* is the baseline asked again (A/A). A margin comes from *margins_pp*, else from
    the baseline's run.json, else from `DEFAULT_MARGINS_PP`; that of the mean of all benchmarks is
    named `macro` there, and without a name it is the mean of theirs.

    Raises:
        NotComparable: the runs share no draw, or differ in what must not differ, unless *force*.
        UsageError: a task has no margin, or a margin has no task.
        RunError: a run holds no scored answers.
    """
    named = margins_pp or {}
    refuse_strangers(named, [task.name for run in (baseline, candidate) for task in run.info.tasks])
    stops = stops_of(baseline, candidate)
    joint = _joint(baseline, candidate, stops)
    again = _by_task(control) if control else {}
    margins = [margin_of(info, named) for info, _ in joint]
    questions = {info.name: _questions(baseline, info.name) for info, _ in joint}
    speeds = _speed(baseline), _speed(candidate)
    benchmarks = [
        benchmark(
            info,
            pairs,
            control=pair(pairs.baseline, again.get(info.name, {})),
            questions=questions[info.name],
            margin=margin,
            speeds=speeds,
            coupled=_coupled(baseline, candidate),
            stops=stops.get(info.name),
        )
        for (info, pairs), margin in zip(joint, margins, strict=True)
    ]
    flips = (flip for info, pairs in joint for flip in _flips(pairs, questions[info.name]))
    found = checks(baseline, candidate, benchmarks, margins=margins, control=control)
    refused = [check for check in found if check.status == "stop"]
    if refused and not force:
        raise NotComparable(_refusal(baseline, candidate, refused))
    macro = macro_margin_of(margins, named=named, planned=baseline.info.macro_margin_pp)
    together = overall(benchmarks, margin=macro)
    return Comparison(
        experiment=baseline.info.experiment,
        baseline=_summary(baseline),
        candidate=_summary(candidate),
        control=_summary(control) if control else None,
        checks=found,
        benchmarks=tuple(benchmarks),
        flips=tuple(sorted(flips, key=lambda flip: not flip.lost)),
        overall=together,
        verdict=together.strict,
        sentence=_sentence(candidate.info.arm, benchmarks, together.strict),
        forced=bool(refused),
        versions=versions(),
    )


def _joint(
    baseline: Run, candidate: Run, stops: Mapping[str, Stops]
) -> list[tuple[TaskInfo, Pairs]]:
    """The tasks of which both runs hold pairs, with what the last look saw of them."""
    ours, theirs = _by_task(baseline), _by_task(candidate)
    found = []
    for info in baseline.info.tasks:
        name = info.name
        pairs = seen(ours.get(name, {}), theirs.get(name, {}), stops.get(name))
        if pairs:
            found.append((info, pairs))
    if not found:
        raise NotComparable(
            f"{baseline.info.id} and {candidate.info.id} share no scored answer to the same "
            "question and repeat. Run both with the same tasks."
        )
    return found


def arm_label(arm: str) -> str:
    """An arm's name as a reader should see it: FP4 for fp4, others as they are."""
    return arm.upper() if arm.isalnum() and any(c.isdigit() for c in arm) and len(arm) < 8 else arm  # noqa: PLR2004


def _coupled(baseline: Run, candidate: Run) -> bool:
    """Whether equal keys were drawn with equal seeds that both engines honour."""
    ours, theirs = baseline.info, candidate.info
    return (
        ours.seed == theirs.seed
        and ours.backend.honours_seed
        and theirs.backend.honours_seed
        and not (ours.imported or theirs.imported)
    )


def _speed(run: Run) -> float | None:
    return speed_of(run.info.arm, run, None).tokens_per_s


def _by_task(run: Run) -> dict[str, dict[Key, Draw]]:
    found: dict[str, dict[Key, Draw]] = defaultdict(dict)
    for draw in run.store.draws():
        found[draw.key.task][draw.key] = draw
    if not found:
        raise RunError(
            f"{run.path}: holds no scored answers. Run it again, or grade what is there: "
            f"evalsuite rescore {run.path}"
        )
    return found


def _questions(run: Run, task: str) -> dict[str, Question]:
    return {question.id: question for question in run.store.questions(task)}


def _flips(pairs: Pairs, questions: Mapping[str, Question]) -> Iterator[Flip]:
    for key in pairs.keys:
        ours, theirs = pairs.baseline[key], pairs.candidate[key]
        if (ours.outcome == "correct") == (theirs.outcome == "correct"):
            continue
        question = questions[key.question]
        yield Flip(
            task=key.task,
            question=key.question,
            repeat=key.repeat,
            subject=question.subject,
            gold=plain(question.gold),
            lost=ours.outcome == "correct",
            baseline=_draw(ours),
            candidate=_draw(theirs),
        )


def _draw(draw: Draw) -> DrawResult:
    return DrawResult(
        outcome=draw.outcome,
        reason=draw.reason,
        answer=None if draw.answer is None else plain(draw.answer),
        finish_reason=draw.finish_reason,
        output_tokens=draw.output_tokens,
    )


def _summary(run: Run) -> RunSummary:
    info = run.info
    return RunSummary(
        id=info.id,
        arm=info.arm,
        precision=info.precision,
        model=info.backend.model,
        backend=info.backend.backend,
        engine_version=info.backend.engine_version,
        hardware=info.backend.hardware,
        seed=info.seed,
        created=info.created,
        imported=info.imported,
    )


def _sentence(arm: str, benchmarks: Sequence[Benchmark], overall: Verdict) -> str:
    """The verdict in words: "FP4 holds on 4 of 5 benchmarks. AIME 2024 is undecided."."""
    name = arm_label(arm)
    holds = sum(one.verdict == "holds" for one in benchmarks)
    where = (
        f"all {len(benchmarks)} benchmarks"
        if holds == len(benchmarks) > 1
        else f"{holds} of {len(benchmarks)} benchmark{'s' if len(benchmarks) > 1 else ''}"
    )
    parts = [f"{name} holds on {where}."]
    for verdict in ("worse", "undecided"):
        titles = [one.title for one in benchmarks if one.verdict == verdict]
        if titles:
            alone = " alone, not among all of them" if overall != verdict == "worse" else ""
            parts.append(f"{listed(titles)} {'are' if len(titles) > 1 else 'is'} {verdict}{alone}.")
    return " ".join(parts)


def _refusal(baseline: Run, candidate: Run, stops: Sequence[Check]) -> str:
    lines = "\n".join(
        f"  {check.name}: {check.baseline} | {check.candidate}: {check.message}" for check in stops
    )
    return (
        f"{baseline.info.id} and {candidate.info.id} must not be compared:\n{lines}\n"
        "--force compares them all the same and marks every output."
    )
