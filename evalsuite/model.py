"""The vocabulary: frozen facts that every other room speaks in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["choice", "integer", "numeric", "math"]
Outcome: TypeAlias = Literal["correct", "incorrect", "no_answer"]
# What else can be seen of a response: it ended by repeating itself; its thinking reached the right
# answer, which its answer is not.
Mark: TypeAlias = Literal["loop", "reached"]
FinishReason: TypeAlias = Literal["stop", "length", "unknown"]
Role: TypeAlias = Literal["baseline", "candidate", "control"]
# After which of several closing think tags the visible text begins.
ThinkRule: TypeAlias = Literal["first", "last"]

# Names the mean of all tasks where margins are named by task.
MACRO = "macro"


class Key(NamedTuple):
    """What a generation answers: the n-th draw (from 0) for one question of one task."""

    task: str
    question: str
    repeat: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One item of a benchmark, as it is asked.

    `choices` are the options in the order shown (A first); empty if there are none.
    `gold` is a letter for `choice`, else the reference answer as the data set writes it.
    """

    task: str
    id: str
    kind: Kind
    messages: tuple[Message, ...]
    gold: str
    choices: tuple[str, ...] = ()
    subject: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are drawn. Nothing here has a default: each field changes the numbers.

    `temperature` 0 is greedy; `top_k` 0 is off; `max_tokens` counts new tokens.
    """

    temperature: float
    top_p: float
    top_k: int
    max_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question put to an engine, once."""

    key: Key
    messages: tuple[Message, ...]
    sampling: Sampling
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """What came back, as it came.

    `reasoning` is the thinking if the server split it off, else None (it is then in `text`).
    `starts_in_thinking`: the prompt ended inside a think block (R1's template writes
    `<think>`), so `text` begins with thinking although it holds no opening tag.
    Token counts are None where the engine does not tell them.
    """

    text: str
    finish_reason: FinishReason
    reasoning: str | None = None
    starts_in_thinking: bool = False
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    latency_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A generation with its place in the run, as the store keeps it.

    `asked_at` is seconds since the epoch (UTC); `attempts` counts tries including this one.
    """

    key: Key
    seed: int
    generation: Generation
    asked_at: float
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that stayed without an answer; it is asked again by the next run."""

    key: Key
    kind: str
    message: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What an answer was worth, and why.

    `answer` is what was read (None if nothing was); `rule` names the rule that found it,
    `reason` says how it was judged (`match`, `symbolic`, `differs`, `truncated`, ...).
    `weak` marks an answer read by a last-resort rule such as the last number.
    `judged_by` names the rule that judged it (`same_text`, `number`, `list`, `algebra`, ...) and
    `compared` shows the gold and the answer as that rule read them, "1/2 against 0.5"; both are
    empty where nothing was compared, and they are not stored with a run: grading again gives them.
    `restarts` counts closing think tags after the first: the response went back into thinking.
    `marks` are what else was seen of the response; None if nobody looked.
    """

    outcome: Outcome
    reason: str
    answer: str | None = None
    rule: str = ""
    weak: bool = False
    judged_by: str = ""
    compared: str = ""
    restarts: int = 0
    marks: tuple[Mark, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInfo:
    """One task of a run: what was asked, pinned by hashes.

    `source` names the data as a reader should see it ("openai/gsm8k main test",
    "synthetic, GSM8K format"); hashes are sha256 hex digests. `margin_pp` is the allowed loss
    in percentage points that the run was planned with, None if none was named. `sampling` is None
    where it is unknown (imported answers). `think`: which closing think tag ends the thinking.
    """

    name: str
    title: str
    kind: Kind
    source: str
    revision: str
    synthetic: bool
    data_hash: str
    prompt_hash: str
    questions: int
    repeats: int
    sampling: Sampling | None
    margin_pp: float | None = None
    think: ThinkRule = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFile:
    """One file of a checkpoint.

    `sha256` is of the whole of a small file, of the header of a large safetensors file, else "".
    """

    name: str
    bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointInfo:
    """What was loaded, as found in its files; hashes are sha256 hex digests.

    `revision` is the hub's commit, "" if the folder does not tell. `coverage` says in words which
    modules have which format, `modules` the same for each group of modules; `claims` maps a
    metadata file to the precision it states, and `conflicts` says where that is not what the
    tensors are.
    """

    revision: str
    precision: str
    kv_cache: str
    coverage: str
    modules: Mapping[str, str]
    claims: Mapping[str, str]
    conflicts: tuple[str, ...]
    template_hash: str
    tokenizer_hash: str
    files: tuple[CheckpointFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendInfo:
    """What an engine says of itself, and apart from that what only the configuration states.

    `honours_seed`: a request's seed decides its draw. `max_in_flight`: how many requests it
    likes to have at once. `context_tokens`: prompt plus answer, None if unknown. `stated` holds
    what nobody checked: a server does not tell its precision. `checkpoint` is None where the
    files were not seen.
    """

    backend: str
    model: str
    precision: str
    engine_version: str
    hardware: str
    honours_seed: bool
    max_in_flight: int
    context_tokens: int | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    stated: Mapping[str, str] = field(default_factory=dict)
    checkpoint: CheckpointInfo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """`run.json`: one arm of an experiment, and all that is needed to say what it was.

    `fingerprint` is the sha256 of everything that must not change on resuming.
    `imported` marks answers that were not asked by evalsuite. Times are ISO 8601, UTC;
    `finished` is when everything was asked and graded, "" before. `macro_margin_pp` is the
    allowed loss of the mean of all tasks, None if none was named.
    """

    id: str
    experiment: str
    arm: str
    role: Role
    precision: str
    seed: int
    tasks: tuple[TaskInfo, ...]
    backend: BackendInfo
    fingerprint: str
    settings: Mapping[str, str]
    versions: Mapping[str, str]
    created: str
    imported: bool = False
    finished: str = ""
    macro_margin_pp: float | None = None
