"""An invented comparison of five benchmarks, a hostile one, and runs that hold their texts."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from itertools import count

import pytest

from evalsuite.comparison.margins import Margin
from evalsuite.comparison.overall import overall
from evalsuite.comparison.types import (
    ArmResult,
    Benchmark,
    Beyond,
    Check,
    Comparison,
    DrawResult,
    Estimate,
    Flip,
    FlipCounts,
    Interval,
    Missing,
    RateChange,
    RunSummary,
    Scenario,
    SubjectRow,
)
from evalsuite.model import (
    Answer,
    BackendInfo,
    Generation,
    Key,
    Message,
    Question,
    RunInfo,
    Sampling,
    Score,
    TaskInfo,
)
from evalsuite.report import Compared, Extent, write_report
from evalsuite.runs.folder import open_run, writing

SAMPLING = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=32768)
# task, title, kind, questions, repeats, both right, lost, won, both wrong, A/A, margin, verdict
INVENTED = [
    ("mmlu", "MMLU", "choice", 14042, 1, (12420, 399, 353, 870), (371, 366), 1.0, "holds"),
    ("gsm8k", "GSM8K", "integer", 1319, 4, (5039, 58, 52, 127), (64, 60), 1.0, "holds"),
    ("math_500", "MATH-500", "math", 500, 4, (1828, 84, 21, 67), (30, 28), 1.5, "worse"),
    (
        "gpqa_diamond",
        "GPQA Diamond",
        "choice",
        198,
        8,
        (950, 112, 104, 418),
        (120, 113),
        3.0,
        "holds",
    ),
    ("aime_2024", "AIME 2024", "integer", 30, 16, (349, 30, 27, 74), (31, 29), 3.0, "undecided"),
]
SUBJECTS = ["algebra", "anatomy", "law", "virology"]


def _interval(low, high, level=0.95):
    return Interval(low=low, high=high, level=level)


def _around(value, half):
    return Estimate(value=value, interval=_interval(value - half, value + half))


def _arm(right, pairs, *, cut, tokens):
    return ArmResult(
        accuracy=_around(right / pairs, 0.9 / pairs**0.5),
        draws=pairs,
        truncated=cut,
        no_answer=cut + 2,
        reasons={"match": right, "differs": pairs - right - cut - 2, "truncated": cut, "no_box": 2},
        mean_output_tokens=tokens,
        duplicate_draws=0,
    )


def _beyond(rate, lost, gained, repeats, scenarios=()):
    return Beyond(
        discordance=rate,
        sampling_se=0.004,
        questions_se=None,
        detectable=0.02,
        lost=_around(lost, 0.005),
        gained=_around(gained, 0.005),
        own_flips_baseline=None if repeats == 1 else _around(rate * 0.9, 0.01),
        own_flips_candidate=None if repeats == 1 else _around(rate * 1.1, 0.01),
        excess_flips=None if repeats == 1 else _around(0.004, 0.006),
        agreement=_around(0.9, 0.02),
        excess_disagreement=None if repeats == 1 else _around(0.013, 0.006),
        changed_p=None if repeats == 1 else 0.0123,
        rates=(
            RateChange(
                name="truncated",
                baseline=_around(0.005, 0.001),
                candidate=_around(0.0083, 0.001),
                difference=_around(0.0033, 0.0015),
            ),
            RateChange(
                name="no_answer",
                baseline=_around(0.0, 0.0),
                candidate=_around(0.0, 0.0),
                difference=_around(0.0, 0.001),
            ),
        ),
        scenarios=scenarios,
    )


SCENARIO = Scenario(
    name="best for the candidate",
    questions=500,
    difference=_around(-0.011, 0.012),
    interval_90=_interval(-0.021, -0.001, 0.9),
    verdict="undecided",
)


def _benchmark(task, title, kind, questions, repeats, table, again, margin, verdict):
    both, lost, won, wrong = table
    pairs = sum(table)
    difference, half = (won - lost) / pairs, 2 * (lost + won) ** 0.5 / pairs
    formal = {"holds": "non-inferior", "worse": "inferior", "undecided": "inconclusive"}
    return Benchmark(
        task=task,
        title=title,
        kind=kind,
        source=f"invented/{task} test",
        synthetic=False,
        sampling=SAMPLING,
        questions=questions,
        pairs=pairs,
        baseline=_arm(both + lost, pairs, cut=pairs // 200, tokens=2012.4),
        candidate=_arm(both + won, pairs, cut=pairs // 120, tokens=2101.9),
        difference=_around(difference, half),
        interval_90=_interval(difference - 0.84 * half, difference + 0.84 * half, 0.9),
        new_questions=_around(difference, 1.2 * half),
        margin=margin / 100,
        margin_origin="named",
        worse_p={"holds": 0.9996, "worse": 0.002, "undecided": 0.79}[verdict],
        p_value={"holds": 0.0004, "worse": 0.998, "undecided": 0.21}[verdict],
        verdict=verdict,
        formal=formal[verdict],
        flips=FlipCounts(both_right=both, lost=lost, won=won, both_wrong=wrong),
        control=FlipCounts(
            both_right=both + lost - again[0], lost=again[0], won=again[1], both_wrong=wrong
        ),
        control_difference=_around(0.0004, half),
        length_ratio=_around(1.029, 0.011),
        missing=Missing(only_baseline=0, only_candidate=3),
        subjects=tuple(
            SubjectRow(
                subject=name,
                questions=questions // 4,
                draws=pairs // 4,
                baseline_accuracy=0.9,
                candidate_accuracy=0.9 + difference + 0.01 * at,
                difference=_around(difference + 0.01 * at, 2 * half),
                worse_p=0.5,
                worse_q=0.9,
                shrunk=difference,
            )
            for at, name in enumerate(SUBJECTS)
        ),
        beyond=_beyond(
            (lost + won) / pairs,
            lost / pairs,
            won / pairs,
            repeats,
            scenarios=(SCENARIO,) if verdict == "worse" else (),
        ),
        flags=("drop", "truncation") if verdict == "worse" else (),
        decides_at=64 if verdict == "undecided" else None,
    )


def _summary(arm, precision):
    return RunSummary(
        id=f"invented-{arm}",
        arm=arm,
        precision=precision,
        model=f"invented/R1-{precision}",
        backend="openai",
        engine_version="1.2.0",
        hardware="8×B200",
        seed=1234,
        created="2026-08-22T06:12:00+00:00",
        imported=False,
    )


CHECKS = (
    ("hardware", "warn", "8×H200", "8×B200", "the engines differ, too"),
    ("precision", "note", "fp8", "nvfp4", "what is compared"),
    ("model", "note", "invented/R1-fp8", "invented/R1-nvfp4", "the checkpoints"),
    ("questions", "same", "16089 questions", "16089 questions", "the same prompts and golds"),
    ("sampling", "same", "T 0.6, top-p 0.95", "T 0.6, top-p 0.95", "the same sampling and limit"),
    ("grader", "same", "1.4.0", "1.4.0", "the same grader version"),
    ("failed requests", "same", "0", "0", "none failed"),
    ("seed", "same", "1234", "1234", ""),
)


def flip(task="gsm8k", question="demo-1", repeat=0, *, lost=True, **changes):
    """One invented flip."""
    good = DrawResult(
        outcome="correct", reason="match", answer="42", finish_reason="stop", output_tokens=812
    )
    bad = DrawResult(
        outcome="incorrect", reason="differs", answer="41", finish_reason="stop", output_tokens=997
    )
    facts = {"subject": "algebra", "gold": "42", "baseline": good, "candidate": bad}
    if not lost:
        facts |= {"baseline": bad, "candidate": good}
    return Flip(task=task, question=question, repeat=repeat, lost=lost, **(facts | changes))


def same(task="gsm8k", question="same-1", repeat=0, *, right=True):
    """A pair that did not flip, as the runs hold it."""
    one = flip(task, question, repeat, lost=right)
    draw = one.baseline
    return replace(one, baseline=draw, candidate=draw)


def invented_flips(each=6):
    """*each* flips of every benchmark, the lost ones first, as `compare` orders them."""
    made = [
        flip(row[0], f"{row[0]}-demo-{at:03d}", at % 3, lost=at % 2 == 0)
        for row in INVENTED
        for at in range(each)
    ]
    return tuple(sorted(made, key=lambda one: not one.lost))


def invented(**changes):
    """A comparison with the shape of a full one; every number in it is invented."""
    facts = {
        "experiment": "invented",
        "baseline": _summary("fp8", "fp8"),
        "candidate": _summary("fp4", "nvfp4"),
        "control": _summary("fp8_again", "fp8"),
        "checks": tuple(
            Check(name=name, status=status, baseline=ours, candidate=theirs, message=message)
            for name, status, ours, theirs, message in CHECKS
        ),
        "benchmarks": tuple(_benchmark(*row) for row in INVENTED),
        "flips": invented_flips(),
        "verdict": "worse",
        "sentence": "FP4 holds on 3 of 5 benchmarks. MATH-500 is worse. AIME 2024 is undecided.",
        "forced": False,
        "versions": {"evalsuite": "0.1.0", "python": "3.11.9", "commit": "0123456789ab"},
    }
    found = facts | changes
    return Comparison(
        overall=overall(found["benchmarks"], margin=Margin(task="macro", pp=1.0, origin="named")),
        **found,
    )


RUN = "document.title='ran'"
ATTACKS = [
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"</script><script>{RUN}</script>",
    f'</pre></style></title><svg onload="{RUN}">',
    f'" onmouseover="{RUN}" autofocus onfocus="{RUN}" x="',
    f"javascript:{RUN}",
    "{{ 7 * 7 }}{% raw %}{# x #}",
    f"\\href{{javascript:{RUN}}}{{x}} $\\text{{<script>}}$ $$",
    "\u202egnp.exe\u2066",
    "nul\x00 bell\x07 escape\x1b[31m",
    "lone \ud800 surrogate \udfff",
    "]]> --> <!-- <![CDATA[ <!--<script>",
    "&lt;b&gt; &amp; \"quotes\" 'single' `back`",
    "../../etc/passwd%00#/flip/x?y=z",
    "long" * 50_000,
]
EVERYWHERE = (
    "</title></script><script>" + RUN + f'</script><img src=x onerror="{RUN}">\' \x00\u202e$x$'
)


def storable(text):
    """What a store keeps beside a text holds no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def hostile():
    """A comparison in which every string is an attack; the texts are to be, too."""
    plain = invented()
    one = replace(plain.benchmarks[1], task=f"gsm8k {EVERYWHERE}", title=EVERYWHERE, kind="math")
    one = replace(
        one,
        source=EVERYWHERE,
        flags=("drop",),
        baseline=replace(one.baseline, reasons={EVERYWHERE: 3}),
        subjects=tuple(replace(row, subject=f"{EVERYWHERE} {row.subject}") for row in one.subjects),
    )
    facts = dict.fromkeys(("id", "arm", "precision", "model", "created"), EVERYWHERE)
    return invented(
        experiment=EVERYWHERE,
        sentence=EVERYWHERE,
        baseline=replace(plain.baseline, **facts),
        candidate=replace(plain.candidate, **facts),
        control=replace(plain.control, **facts),
        checks=tuple(
            Check(
                name=EVERYWHERE,
                status=status,
                baseline=EVERYWHERE,
                candidate=EVERYWHERE,
                message=EVERYWHERE,
            )
            for status in ("stop", "warn", "note", "same")
        ),
        benchmarks=(one,),
        flips=tuple(
            flip(
                one.task,
                f"{number} {storable(attack[:80])}",
                subject=storable(attack[:60]),
                gold=storable(attack[:200]),
                lost=number % 2 == 0,
                baseline=_attacking(attack, right=number % 2 == 0),
                candidate=_attacking(attack, right=number % 2 == 1),
            )
            for number, attack in enumerate(ATTACKS)
        ),
        forced=True,
        versions={"commit": EVERYWHERE, EVERYWHERE: EVERYWHERE},
    )


def _attacking(attack, *, right):
    return DrawResult(
        outcome="correct" if right else "incorrect",
        reason=storable(attack[:50]),
        answer=storable(attack[:200]),
        finish_reason=storable(attack[:50]),
        output_tokens=None,
    )


def attacking(one, arm):
    """What an arm wrote for a hostile flip."""
    attack = ATTACKS[int(one.question.partition(" ")[0])]
    return f"<think>{'We think alike at first. ' * 12}{arm} {attack}</think>So {attack}"


def asking(one):
    """The question behind a hostile pair."""
    return f"Why? {ATTACKS[int(one.question.partition(' ')[0])]}"


THINKING = (
    "<think>\nThe number of apples is six times seven. Let me write that down with care, since an "
    "error here would carry on to the very end of this and nobody would "
    "see it. Six rows of seven apples: 7, 14, 21, 28, 35, and then 42. "
)


def told(one, arm):
    """What an arm wrote for a flip: a shared beginning, then each its own way."""
    right = one.lost == (arm == "baseline")
    end = "That makes 42 in all." if right else "Wait, a row is short, so that makes 41 in all."
    value = "42" if right else "41"
    return f"{THINKING}{end}\n</think>\n\nThere are \\(\\boxed{{{value}}}\\) apples for $5 and $6."


def asked(one):
    """The question behind a flip."""
    return f"Invented question {one.question}: six rows of seven apples, how many apples?"


def _task(name, questions, repeats):
    return TaskInfo(
        name=name,
        title=name,
        kind="math",
        source="invented",
        revision="",
        synthetic=False,
        data_hash="",
        prompt_hash="",
        questions=questions,
        repeats=repeats,
        sampling=SAMPLING,
        margin_pp=2.0,
    )


def _info(arm, tasks):
    backend = BackendInfo(
        backend="openai",
        model="invented",
        precision=arm,
        engine_version="1",
        hardware="none",
        honours_seed=True,
        max_in_flight=1,
    )
    return RunInfo(
        id=f"invented-{arm}",
        experiment="invented",
        arm=arm,
        role="baseline",
        precision=arm,
        seed=1,
        tasks=tasks,
        backend=backend,
        fingerprint="",
        settings={},
        versions={},
        created="2026-08-22T06:12:00+00:00",
    )


def _answer(one, text):
    return Answer(
        key=Key(one.task, one.question, one.repeat),
        seed=1,
        generation=Generation(text=text, finish_reason="stop"),
        asked_at=0.0,
    )


def _score(one, arm):
    draw = getattr(one, arm)
    score = Score(outcome=draw.outcome, reason="match", answer=draw.answer)
    return Key(one.task, one.question, one.repeat), score


@pytest.fixture
def runs(tmp_path):
    """Makes the two runs that hold the texts of a comparison's flips and of pairs that did not."""
    numbers = count()
    with ExitStack() as stack:

        def make(comparison, *, text=told, prompt=asked, same=()):
            pairs = (*comparison.flips, *same)
            questions = {
                (one.task, one.question): Question(
                    task=one.task,
                    id=one.question,
                    kind="math",
                    messages=(Message(role="user", content=prompt(one)),),
                    gold=one.gold,
                )
                for one in pairs
            }
            asked_of = Counter(task for task, _ in questions)
            tasks = tuple(_task(name, number, 3) for name, number in asked_of.items())
            folder = tmp_path / f"runs-{next(numbers)}"
            made = {}
            for arm in ("baseline", "candidate"):
                path = folder / arm
                with writing(path, _info(arm, tasks), list(questions.values())) as run:
                    run.store.put([_answer(one, text(one, arm)) for one in pairs])
                    run.store.put(scores=[_score(one, arm) for one in pairs], grader="1")
                made[arm] = stack.enter_context(open_run(path))
            return made

        yield make


def report(comparison, out, *, baseline, candidate, others=(), trend=(), **extent):
    """Write the report of one candidate and *others* (comparison, run) into *out*; its path."""
    compared = [
        Compared(comparison=each, run=run) for each, run in ((comparison, candidate), *others)
    ]
    return write_report(compared, out, baseline=baseline, extent=Extent(**extent), trend=trend)


@pytest.fixture
def factory():
    """The functions that invent things."""

    class Factory:
        comparison = staticmethod(invented)
        report = staticmethod(report)
        flip = staticmethod(flip)
        same = staticmethod(same)
        flips = staticmethod(invented_flips)
        told = staticmethod(told)
        hostile = staticmethod(hostile)
        attacking = staticmethod(attacking)
        asking = staticmethod(asking)

    return Factory
