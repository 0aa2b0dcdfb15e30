"""May the two be compared? Every field of run.json, one at a time."""

import json
from contextlib import ExitStack
from dataclasses import fields, is_dataclass, replace

import pytest
from click.testing import CliRunner

from evalsuite.cli.compare_command import command
from evalsuite.comparison import compare
from evalsuite.errors import NotComparable
from evalsuite.model import (
    BackendInfo,
    CheckpointFile,
    CheckpointInfo,
    RunInfo,
    Sampling,
    TaskInfo,
)
from evalsuite.runs.folder import open_run, read_info, write_info

ARGUMENTS = {"tensor_parallel_size": 8, "max_seq_len": 36_864, "attn_backend": "TRTLLM"}
CHECKPOINT = CheckpointInfo(
    revision="r1",
    precision="nvfp4",
    kv_cache="",
    coverage="MLP NVFP4; attention BF16; KV cache not quantised",
    modules={"MLP": "NVFP4", "attention": "BF16"},
    claims={"config.json": "NVFP4"},
    conflicts=(),
    template_hash="t1",
    tokenizer_hash="k1",
    files=(CheckpointFile(name="config.json", bytes=2, sha256="a"),),
)
BACKEND = BackendInfo(
    backend="tensorrt_llm",
    model="m",
    precision="nvfp4",
    engine_version="tensorrt_llm 1.2.1",
    hardware="8 × NVIDIA B200",
    honours_seed=True,
    max_in_flight=256,
    context_tokens=36_864,
    details={"engine_args": json.dumps(ARGUMENTS), "driver": "570", "other": "1"},
    stated={"engine_args": "as told"},
    checkpoint=CHECKPOINT,
)
ASKED = {
    "backend": BACKEND,
    "settings": {"options": "{}"},
    "versions": {"evalsuite": "1", "numpy": "2"},
    "finished": "2026-01-02T00:00:00+00:00",
}
TASKS = {"t": [[True, True], [False, True]] * 10}


def engine(**arguments):
    """The details of an engine with other arguments."""
    return {"details": BACKEND.details | {"engine_args": json.dumps(ARGUMENTS | arguments)}}


# field → (what it is changed to, the status, the check that says so). None: nothing is said.
TASK = {
    "name": None,  # another task shares no draw, which is its own error
    "title": ("T!", "note", "title of t"),
    "kind": ("math", "stop", "kind of t"),
    "source": ("elsewhere", "note", "source of t"),
    "revision": ("2", "note", "revision of t"),
    "synthetic": (False, "stop", "synthetic of t"),
    "data_hash": ("d2", "warn", "data of t"),
    "prompt_hash": ("p2", "note", "prompts of t"),
    "questions": (19, "warn", "tasks"),
    "repeats": (3, "warn", "tasks"),
    "sampling": (None, "warn", "sampling of t"),
    "margin_pp": (4.0, "note", "margins"),
    "think": ("last", "stop", "think rule of t"),
}
DRAWN = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=100)
SAMPLING = {"temperature": 0.7, "top_p": 0.9, "top_k": 5, "max_tokens": 99}
LOADED = {
    "revision": ("r2", "note", "revision"),
    "precision": None,  # as the backend's
    "kv_cache": ("FP8", "warn", "KV cache"),
    "coverage": None,  # the words of `modules`
    "modules": ({"MLP": "NVFP4", "attention": "FP8 block"}, "warn", "attention weights"),
    "claims": ({"config.json": "fp8"}, "note", "files claim"),
    "conflicts": (("config.json says fp8, the tensors are nvfp4",), "warn", "checkpoint"),
    "template_hash": ("t2", "stop", "chat template"),
    "tokenizer_hash": ("k2", "warn", "tokenizer"),
    "files": (
        (CheckpointFile(name="config.json", bytes=2, sha256="b"),),
        "note",
        "checkpoint files",
    ),
}
ENGINE = {
    "backend": ("openai", "warn", "backend"),
    "model": ("m2", "note", "model"),
    "precision": None,  # the run's own is compared
    "engine_version": ("tensorrt_llm 1.3.0", "warn", "engine version"),
    "hardware": ("8 × NVIDIA H200", "warn", "hardware"),
    "honours_seed": (False, "note", "seeds honoured"),
    "max_in_flight": (64, "note", "in flight"),
    "context_tokens": (16_384, "warn", "context"),
    "details": (BACKEND.details | {"driver": "580"}, "note", "driver"),
    "stated": ({"engine_args": "others"}, "note", "stated engine_args"),
    "checkpoint": (None, "warn", "chat template"),
}
RUN = {
    "id": None,  # names, shown with the runs themselves
    "arm": None,
    "role": None,
    "experiment": ("y", "note", "experiment"),
    "precision": ("fp8", "note", "precision"),
    "seed": (2, "note", "seed"),
    "tasks": None,  # field by field in TASK
    "backend": None,  # field by field in ENGINE
    "fingerprint": None,  # a hash over settings
    "settings": ({"options": '{"model": "x"}'}, "note", "setting options"),
    "versions": ({"evalsuite": "2", "numpy": "2"}, "note", "evalsuite"),
    "created": ("2026-02-01T00:00:00+00:00", "note", "asked"),
    "imported": (True, "warn", "imported"),
    "macro_margin_pp": (2.0, "note", "margin of the mean"),
    "finished": ("2026-01-03T00:00:00+00:00", "note", "asked"),
}
DETAILS = {
    "kv_cache": ({"details": BACKEND.details | {"kv_cache": "FP8"}}, "warn", "KV cache"),
    "any other": ({"details": BACKEND.details | {"other": "2"}}, "note", "engine other"),
    "endpoint": ({"details": BACKEND.details | {"endpoint": "chat"}}, "warn", "endpoint"),
    "server": ({"details": BACKEND.details | {"server": "vllm"}}, "warn", "server"),
    "layout": (engine(tensor_parallel_size=4), "warn", "parallel layout"),
    "attention DP": (engine(enable_attention_dp=True), "warn", "parallel layout"),
    "arithmetic": (engine(attn_backend="FLASHINFER"), "warn", "arithmetic"),
    "speculative": (engine(speculative_config={"a": 1}), "warn", "speculative decoding"),
    "other argument": (engine(max_seq_len=9), "note", "engine_args max_seq_len"),
    "stated GPU": ({"hardware": "", "stated": {"hardware": "8 × H200"}}, "warn", "hardware"),
}


def changed(table, level):
    return [
        pytest.param(level, name, *row, id=f"{level}.{name}") for name, row in table.items() if row
    ]


CASES = [
    *changed(RUN, "run"),
    *changed(ENGINE, "backend"),
    *changed(LOADED, "checkpoint"),
    *changed(TASK, "task"),
    *[
        pytest.param(
            "task",
            "sampling",
            replace(DRAWN, **{name: value}),
            "stop",
            "sampling of t",
            id=f"sampling.{name}",
        )
        for name, value in SAMPLING.items()
    ],
    *[pytest.param("details", name, *row, id=f"details.{name}") for name, row in DETAILS.items()],
]


@pytest.fixture
def pair(make_run):
    """Two runs that differ in nothing, and a function that changes the second's run.json."""
    baseline = make_run("fp4", TASKS, **ASKED)
    candidate = make_run("fp4", TASKS, **ASKED)

    def change(level, name, value):
        info = read_info(candidate.path)
        if level == "details":
            info = replace(info, backend=replace(info.backend, **value))
        elif level == "backend":
            info = replace(info, backend=replace(info.backend, **{name: value}))
        elif level == "checkpoint":
            loaded = replace(info.backend.checkpoint, **{name: value})
            info = replace(info, backend=replace(info.backend, checkpoint=loaded))
        elif level == "task":
            info = replace(info, tasks=(replace(info.tasks[0], **{name: value}),))
        else:
            info = replace(info, **{name: value})
        write_info(candidate.path, info)
        return baseline, opened.enter_context(open_run(candidate.path))

    with ExitStack() as opened:
        yield baseline, candidate, change


def statuses(comparison):
    """The checks that say more than `same`, but for the duplicate draws that equal runs have."""
    return {one.name: one.status for one in comparison.checks if one.status != "same"}


def test_two_equal_runs_have_nothing_to_say(pair):
    """Every check is `same`."""
    baseline, candidate, _ = pair
    found = compare(baseline, candidate)
    assert statuses(found) == {}
    assert len(found.checks) > 20


@pytest.mark.parametrize(("level", "name", "value", "status", "said_by"), CASES)
def test_one_difference_is_of_its_class(pair, level, name, value, status, said_by):
    """It stops, warns or is listed; stopping needs --force, which marks the comparison."""
    baseline, candidate = pair[2](level, name, value)
    with candidate:
        if status == "stop":
            with pytest.raises(NotComparable, match=said_by) as caught:
                compare(baseline, candidate)
            assert caught.value.exit_code == 12
        found = compare(baseline, candidate, force=True)
    assert statuses(found)[said_by] == status
    order = ("note", "warn", "stop")
    assert max(map(order.index, statuses(found).values())) == order.index(status)
    assert found.forced == (status == "stop")


@pytest.mark.parametrize(
    ("cls", "table"),
    [(RunInfo, RUN), (BackendInfo, ENGINE), (CheckpointInfo, LOADED), (TaskInfo, TASK)],
)
def test_every_field_is_in_a_table_above(cls, table):
    """A new field of run.json must be thought of here."""
    assert is_dataclass(cls)
    assert {one.name for one in fields(cls)} == set(table)
    assert {one.name for one in fields(Sampling)} == set(SAMPLING)


def test_the_cards_own_pair_warns_of_attention(pair):
    """FP8 against R1-FP4: experts are what is compared, attention is BF16 in the FP4 arm only."""
    _, candidate, change = pair
    of_fp8 = replace(
        CHECKPOINT, precision="fp8", modules={"MLP": "FP8 block", "attention": "FP8 block"}
    )
    baseline, other = change("backend", "checkpoint", of_fp8)
    with other:
        found = statuses(compare(other, candidate))
    assert (found["MLP weights"], found["attention weights"]) == ("note", "warn")
    assert baseline


def test_missing_failed_and_cut_off_answers_are_said_for_each_side(make_run):
    """Shares of pairs, of draws at the limit, and of repeated texts."""
    cut = {"outcome": "no_answer", "reason": "truncated", "finish": "length", "text": "x"}
    baseline = make_run("fp8", {"t": [[True, True]] * 10})
    candidate = make_run("fp4", {"t": [[cut, cut]] + [[True, None]] * 9})
    found = {one.name: one for one in compare(baseline, candidate).checks}

    assert (found["unpaired answers"].baseline, found["unpaired answers"].status) == ("9", "warn")
    assert (found["cut-off answers"].candidate, found["cut-off answers"].status) == (
        "2 of 11",
        "warn",
    )
    assert found["duplicate draws"].candidate == "1 of 11"


@pytest.mark.parametrize(
    ("ours", "theirs", "status"),
    [
        ({"opened": True}, {"opened": True}, "same"),
        ({"opened": True}, {}, "warn"),
        ({"opened": True}, {"reasoning": "hm"}, "warn"),
        ({}, {"reasoning": ""}, "warn"),
    ],
)
def test_arms_that_think_in_other_ways_are_a_warning(make_run, ours, theirs, status):
    """The prompt opens the think block, a server split it off, or neither."""
    runs = [make_run("fp8", {"t": [[way, way], [way, {}]]}) for way in (ours, theirs)]
    found = {one.name: one for one in compare(*runs).checks}
    assert found["thinking"].status == status


@pytest.mark.parametrize(
    ("kind", "ours", "theirs", "status"),
    [
        ("integer", "73", "073", "warn"),
        ("integer", "73", "74", "stop"),
        ("numeric", "1,000", "1000", "warn"),
        ("math", "\\frac12", "\\frac{1}{2}", "warn"),
        ("math", "\\frac12", "\\frac{1}{3}", "stop"),
        ("choice", "A", "B", "stop"),
    ],
)
def test_golds_of_imported_runs_are_compared_as_their_kind_is(make_run, kind, ours, theirs, status):
    """73 and 073 are one answer; the prompts of imported answers are not known."""
    runs = [
        make_run("fp8", {"t": [[True]]}, gold=gold, kind=kind, imported=True, info={"kind": kind})
        for gold in (ours, theirs)
    ]
    found = compare(*runs, force=True)
    assert statuses(found)["questions"] == status


def test_force_marks_every_output(pair, tmp_path):
    """The table, the JSON and the page say that the runs must not be compared."""
    from evalsuite.cli.report_command import command as report

    baseline, candidate = pair[2]("checkpoint", "template_hash", "t2")
    candidate.store.close()
    paths = [str(baseline.path), str(candidate.path)]
    refused = CliRunner().invoke(command, paths)
    assert isinstance(refused.exception, NotComparable)

    table = CliRunner().invoke(command, [*paths, "--force"])
    as_json = CliRunner().invoke(command, [*paths, "--force", "--json"])
    assert "forced" in table.output.lower()
    assert json.loads(as_json.output)["forced"]
    made = CliRunner().invoke(report, [*paths, "--force", "--out", str(tmp_path / "page")])
    assert made.exception is None or isinstance(made.exception, SystemExit), made.output
    assert "Forced." in (tmp_path / "page" / "index.html").read_text()
