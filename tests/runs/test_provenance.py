"""What run.json says, and what it never says."""

import getpass
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from evalsuite.backends.embedded.checkpoint import SHIPPED
from evalsuite.cli import main
from evalsuite.errors import EngineFailed, RunError
from evalsuite.model import CheckpointFile, CheckpointInfo
from evalsuite.privacy import HIDDEN, public
from evalsuite.runs.folder import read_info

DATA = Path(__file__).parents[1] / "questions" / "data"
CONFIG = {
    "name": "x",
    "seed": 3,
    "data": str(DATA),
    "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 30},
    "tasks": {"gsm8k": {"margin_pp": 1.0}},
}
CHECKPOINT = CheckpointInfo(
    revision="r",
    precision="fp8",
    kv_cache="",
    coverage="",
    modules={},
    claims={},
    conflicts=(),
    template_hash="",
    tokenizer_hash="",
    files=(CheckpointFile(name="config.json", bytes=2, sha256="a"),),
)


class Handler(BaseHTTPRequestHandler):
    """A vLLM that says little."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        model = {"id": "r1", "owned_by": "vllm", "max_model_len": 40_960}
        self._say({"data": [model]} if self.path == "/v1/models" else {"version": "9.9"})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        message = {"role": "assistant", "content": "It is 3."}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 5, "completion_tokens": 4}
        self._say({"choices": [choice], "usage": usage})

    def _say(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def url():
    """Where a server answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run(arm): run one arm of CONFIG; what its run.json says, and its text."""
    monkeypatch.chdir(tmp_path)

    def one(arm):
        (tmp_path / "x.yaml").write_text(json.dumps(CONFIG | {"arms": {"a": arm}}))
        with pytest.raises(SystemExit) as ended:
            main(["run", "x.yaml", "--quiet", "--no-report"])
        assert ended.value.code == 0
        return read_info(Path("results/x-a")), Path("results/x-a/run.json").read_text()

    return one


def test_a_run_says_what_exactly_was_run(run):
    """Checkpoint with its files and hashes, engine, data, prompts, sampling, seed, times."""
    info, _ = run({"backend": "embedded", "precision": "nvfp4"})

    found = info.backend.checkpoint
    assert found.precision == "nvfp4"
    assert found.coverage.startswith("MLP, attention NVFP4; ")
    assert {one.name for one in found.files} == {one.name for one in (SHIPPED / "nvfp4").iterdir()}
    assert all(len(one.sha256) == 64 and one.bytes for one in found.files)
    assert all((found.template_hash, found.tokenizer_hash, found.claims))
    (task,) = info.tasks
    assert all((task.data_hash, task.prompt_hash, task.sampling.max_tokens == 30))
    assert info.created <= info.finished
    assert {"evalsuite", "python", "tokenizers", "numpy", "commit"} <= set(info.versions)
    assert not info.backend.stated


def test_what_only_the_configuration_states_is_told_apart(run, url):
    """A server tells its model and version; its precision and GPUs are what somebody says."""
    info, _ = run(
        {
            "backend": "openai",
            "precision": "nvfp4",
            "options": {"base_url": url},
            "stated": {"hardware": "8 × NVIDIA B200", "kv_cache": "FP8"},
        }
    )

    assert info.backend.engine_version == "vllm 9.9"
    assert info.backend.hardware == ""
    assert info.backend.stated == {
        "precision": "nvfp4",
        "hardware": "8 × NVIDIA B200",
        "kv_cache": "FP8",
    }
    assert info.backend.checkpoint is None


def test_no_secret_and_no_user_name_is_written(run, url, monkeypatch, tmp_path):
    """Keys in options and in the environment, tokens in texts, home folders."""
    monkeypatch.setenv("OPENAI_API_KEY", "topsecret-1")
    monkeypatch.setenv("HF_TOKEN", "topsecret-2")
    monkeypatch.setattr(getpass, "getuser", lambda: "alice")
    home = tmp_path / "home" / "alice"
    options = {
        "base_url": url,
        "extra_body": {"user_token": "topsecret-3", "note": "hf_topsecretABCDEFGHIJKL"},
        "tokenizer": str(SHIPPED / "fp8"),
    }
    stated = {"checkpoint": "/home/alice/R1", "engine_args": f"--model /data/alice/R1 {home}/x"}
    info, text = run(
        {"backend": "openai", "precision": "fp8", "options": options, "stated": stated}
    )

    assert "topsecret" not in text
    assert "alice" not in text
    assert info.backend.stated["checkpoint"] == "~/R1"
    assert json.loads(info.settings["options"])["extra_body"]["user_token"] == HIDDEN


def test_names_that_only_look_like_secrets_are_kept():
    """What changes the answers must stay readable."""
    kept = {
        "max_tokens": 3,
        "tokenizer": "auto",
        "tokens_per_block": 32,
        "stop_token_ids": [1],
        "api_key_env": "MY_KEY",
        "model": "nvidia/DeepSeek-R1-FP4",
        "keyword": "a",
    }
    assert public(kept) == kept
    assert public({"env_overrides": {"HF_TOKEN": "x", "NCCL_DEBUG": "INFO"}}) == {
        "env_overrides": {"HF_TOKEN": HIDDEN, "NCCL_DEBUG": "INFO"}
    }
    assert public({"apiKey": "x", "authorization": ["Bearer y"]}) == {
        "apiKey": HIDDEN,
        "authorization": [HIDDEN],
    }


def test_another_checkpoint_at_the_same_place_is_refused(lab):
    """Two checkpoints' answers are never mixed, whatever the folder is called."""
    backend = lab.Scripted()
    backend.info = replace(backend.info, checkpoint=CHECKPOINT)
    lab.run(backend, questions=2)
    other = lab.Scripted()
    changed = CheckpointFile(name="config.json", bytes=2, sha256="b")
    other.info = replace(backend.info, checkpoint=replace(CHECKPOINT, files=(changed,)))

    with pytest.raises(RunError, match=r"its config\.json has changed"):
        lab.run(other, questions=4)
    lab.run(backend, questions=4)


def test_a_run_that_stops_early_is_not_finished(lab):
    """`finished` is written when everything was asked and graded."""

    def fail(request, _attempt):
        raise EngineFailed("dead")

    with pytest.raises(EngineFailed):
        lab.run(lab.Scripted(fail), questions=2)
    assert read_info(lab.path()).finished == ""
    lab.run(lab.Scripted(), questions=2)
    assert read_info(lab.path()).finished >= read_info(lab.path()).created
