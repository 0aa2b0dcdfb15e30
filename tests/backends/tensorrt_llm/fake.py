"""A package `tensorrt_llm` made from facts.json: it takes what the facts list and nothing else.

Answers are words that depend on the seed; `Fake` holds the switches for what goes wrong.
"""

import ast
import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

from tokenizers import Tokenizer

FACTS = json.loads((Path(__file__).parent / "facts.json").read_text(encoding="utf-8"))
PLAIN = {"int": int, "bool": bool, "str": str, "float": float, "dict": dict, "list": list}


def fits(value, kind):
    """Whether *value* is of the type that the facts write as *kind*."""
    literal = re.match(r"Literal(\[[^\]]*\])", kind)
    if literal:
        return value in ast.literal_eval(literal[1]) or (value is None and "None" in kind)
    for part in (one.strip().partition("[")[0].partition(" ")[0] for one in kind.split("|")):
        if part == "None" and value is None:
            return True
        plain = PLAIN.get(part)
        if plain is None and part != "None":
            if part in ("Any", type(value).__name__) or (part == "Path" and value):
                return True
            # Configurations that the facts do not spell out are given as mappings.
            if part.endswith("Config") and part not in FACTS["configs"] and isinstance(value, dict):
                return True
        elif (
            plain and isinstance(value, plain) and not (plain is int and isinstance(value, bool))
        ) or (plain is float and isinstance(value, int) and not isinstance(value, bool)):
            return True
    return False


def record(name, fields, check=lambda _self: None):
    """A keyword-only class of the facts' *fields*: name → (type, default)."""

    def init(self, **given):
        for field in given:
            if field not in fields:
                raise TypeError(f"{name} got an unexpected keyword argument {field!r}")
        for field, (kind, default) in fields.items():
            value = given.get(field, default)
            if field in given and not fits(value, kind):
                raise ValueError(f"{name}.{field}: {value!r} is no {kind}")
            setattr(self, field, value)
        check(self)

    return type(name, (), {"__init__": init, "__slots__": tuple(fields)})


def check_sampling(self):
    if self.top_p is not None and not 0 <= self.top_p <= 1:
        raise ValueError("require 0 <= top_p <= 1")
    if any(one is not None and one < 0 for one in (self.top_k, self.temperature)):
        raise ValueError("require top_k and temperature >= 0")
    if self.n > 1 and greedy(self):
        raise ValueError("Greedy decoding in the LLM API does not allow multiple returns.")


def greedy(params):
    """All three unset is greedy, and so is any of temperature 0, top_k 1, top_p 0."""
    unset = params.temperature is params.top_p is params.top_k is None
    return unset or params.temperature == 0 or params.top_k == 1 or params.top_p == 0


CONFIGS = {name: record(name, fields) for name, fields in FACTS["configs"].items()}
SamplingParams = record("SamplingParams", FACTS["SamplingParams"], check_sampling)


class RequestError(RuntimeError):
    """As `tensorrt_llm.executor.utils` has it."""


class CppExecutorError(RuntimeError):
    """The executor has died."""


class Fake:
    """The switches, and what was seen.

    `script(ids, params)` may give an exception, a finish reason, or "hang" for one request.
    """

    def __init__(self, version="1.2.1", *, gpus=8, workers=0, leaky=False):
        self.version, self.gpus, self.workers, self.leaky = version, gpus, workers, leaky
        self.script = lambda _ids, _params: None
        self.loaded, self.asked, self.aborted, self.reported = [], [], [], []
        self.ignores_seeds = False
        self.fails_to_load = []

    @property
    def llm(self):
        return self.loaded[-1]

    def modules(self):
        """The package, by module name."""
        fake = self

        def refuse(*_, **__):
            raise ImportError(FACTS["errors"]["old path"])

        made = type("LLM", (_LLM,), {"fake": fake})
        wrong = type("LLM", (), {"__init__": lambda *_, **__: fake.loaded.append("TensorRT")})
        old = int(self.version.split(".")[0]) < 1
        top = ModuleType("tensorrt_llm")
        top.__version__, top.SamplingParams = self.version, SamplingParams
        top.LLM = wrong if old else made
        top.llmapi = ModuleType("tensorrt_llm.llmapi")
        for name, kind in CONFIGS.items():
            setattr(top.llmapi, name, kind)
        top._torch = ModuleType("tensorrt_llm._torch")
        top._torch.LLM = made if old else type("LLM", (), {"__init__": refuse})
        return {
            "tensorrt_llm": top,
            "tensorrt_llm.llmapi": top.llmapi,
            "tensorrt_llm._torch": top._torch,
        }


def _signature():
    facts = FACTS["LLM"]["positional_or_keyword"].items()
    empty = inspect.Parameter.empty
    named = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=empty if one["default"] == "(required)" else one["default"],
        )
        for name, one in facts
    ]
    return inspect.Signature([*named, inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)])


def _async_signature():
    text = FACTS["generate_async"].removeprefix("generate_async")
    made = {}
    exec(f"def generate_async{text}: ...", made)
    return inspect.signature(made["generate_async"])


INIT, ASYNC = _signature(), _async_signature()


def _worker():
    """A process that holds the GPU, which is a file here; returns once it does."""
    code = "import os, time; f = open(os.environ['FAKE_GPU'], 'w'); print(flush=True)"
    command = [sys.executable, "-c", f"{code}; time.sleep(300)"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    with process.stdout:
        process.stdout.readline()
    return process


class _LLM:
    fake = None

    def __init__(self, *args, **kwargs):
        if self.fake.fails_to_load:
            raise self.fake.fails_to_load.pop(0)
        self.given = self._checked(INIT.bind(*args, **kwargs).arguments)
        if "TRTLLM_NO_USAGE_STATS" not in os.environ:
            self.fake.reported.append(self.given["model"])
        self.args = SimpleNamespace(
            quant_config=SimpleNamespace(quant_algo="NVFP4", kv_cache_quant_algo=None)
        )
        self.tokenizer = Tokenizer.from_file(str(Path(self.given["model"]) / "tokenizer.json"))
        self.dead = self.closed = False
        self.shutdowns = 0
        self.processes = [_worker() for _ in range(self.fake.workers)]
        self.fake.loaded.append(self)

    def _checked(self, given):
        kwargs = given.pop("kwargs", {})
        facts = FACTS["LLM"]["positional_or_keyword"] | FACTS["LLM"]["kwargs"]
        for name in kwargs:
            if name not in FACTS["LLM"]["kwargs"]:
                raise ValueError(FACTS["errors"]["unknown argument"].format(name=name))
        for name, value in (given | kwargs).items():
            if not fits(value, facts[name]["type"]):
                raise ValueError(f"{name}: {value!r} is no {facts[name]['type']}")
        defaults = {name: one["default"] for name, one in facts.items()}
        whole = defaults | given | kwargs
        world = whole["tensor_parallel_size"] * whole["pipeline_parallel_size"]
        if world > self.fake.gpus:
            text = FACTS["errors"]["too few GPUs"]
            raise RuntimeError(text.format(n=self.fake.gpus, world_size=world))
        return whole

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()

    def __getstate__(self):
        raise RuntimeError("an LLM cannot be pickled")

    def generate(self, *_, **__):
        raise AssertionError("one failing request would lose all the others: use generate_async")

    def generate_async(self, *args, **kwargs):
        given = ASYNC.bind(*args, **kwargs).arguments
        params = given.get("sampling_params")
        if self.closed or self.dead:
            raise RuntimeError(FACTS["errors"]["shutting down"])
        if params is not None and not isinstance(params, SamplingParams):
            raise TypeError(FACTS["errors"]["sampling_params"])
        ids = given["inputs"]["prompt_token_ids"]
        assert ids
        assert all(type(one) is int for one in ids)
        if len(ids) > self.given["max_num_tokens"] and not self.given["enable_chunked_prefill"]:
            raise RequestError("The sum of prompt length should not exceed max_num_tokens")
        self.fake.asked.append((ids, params))
        return RequestOutput(self, ids, params or SamplingParams())

    def die(self):
        """The executor dies, and what is under way fails."""
        self.dead = True
        for process in self.processes:
            process.kill()

    def shutdown(self):
        self.closed = True
        self.shutdowns += 1
        if self.dead:
            raise RuntimeError("MPI_ABORT")
        for process in self.processes:
            if not self.fake.leaky:
                process.terminate()


class RequestOutput:
    """Can be awaited if a loop was running when it was made."""

    def __init__(self, llm, ids, params):
        self.llm, self.params, self.prompt_token_ids = llm, params, ids
        self.outputs, self.error, self.finished, self.prompt = [], None, False, None
        self.scripted = llm.fake.script(ids, params)
        self._aborted = False
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def __await__(self):
        return self.aresult().__await__()

    async def aresult(self):
        assert self._loop is not None, FACTS["errors"]["no loop"]
        assert self._loop is asyncio.get_running_loop()
        for _ in range(10):
            await asyncio.sleep(0.0005)
        while self.scripted == "hang" and not self._over():  # noqa: ASYNC110 - an engine polls
            await asyncio.sleep(0.001)
        if self.llm.dead:
            raise CppExecutorError("Executor worker died")
        if isinstance(self.scripted, Exception):
            raise self.scripted
        self.outputs = [self._completion()]
        self.finished = True
        return self

    def _over(self):
        return self._aborted or self.llm.closed or self.llm.dead

    def abort(self):
        if self.llm.dead:
            raise AssertionError("The executor is not set for this result.")
        self._aborted = True
        self.llm.fake.aborted.append(self)

    def aborted(self):
        return self._aborted

    def _completion(self):
        seed = 0 if self.llm.fake.ignores_seeds or greedy(self.params) else self.params.seed
        words = f"Seed {seed}. {seed % 97} + {seed % 89} = {seed % 97 + seed % 89}"
        whole = self.llm.tokenizer.encode(words, add_special_tokens=False).ids
        if self.scripted == "empty":
            whole = []
        room = self.llm.given["max_seq_len"] or 10**9
        ids = whole[: min(self.params.max_tokens, room - len(self.prompt_token_ids))]
        reason = "length" if len(ids) < len(whole) else "stop"
        if self._aborted or self.llm.closed:
            reason = "cancelled"
        elif self.scripted in FACTS["finish_reasons"]:
            reason = self.scripted
        text = self.llm.tokenizer.decode(ids, skip_special_tokens=self.params.skip_special_tokens)
        return SimpleNamespace(
            index=0, text=text, token_ids=ids, finish_reason=reason, stop_reason=None
        )
