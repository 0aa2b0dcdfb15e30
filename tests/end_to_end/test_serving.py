"""`evalsuite run` as a process against a server on 127.0.0.1 that misbehaves."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from evalsuite.runs.folder import open_run

ITEMS = 60


class Server(ThreadingHTTPServer):
    """Answers sums; every item has its own mishap at its first tries."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address=("127.0.0.1", 0)):
        super().__init__(address, Handler)
        self.looks, self.tries, self.answer_s = 0, Counter(), 0.05
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_):
        """A client that is killed."""

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Quiet."""

    def do_GET(self):
        self.server.looks += 1
        if self.server.looks == 1:
            return self.say(503, {"error": {"message": "the model is loading"}})
        return self.say(200, {"data": [{"id": "r1", "owned_by": "vllm"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = asked(body["messages"][0]["content"])
        self.server.tries[number] += 1
        first = self.server.tries[number] == 1
        if first and number % 10 == 1:
            return self.say(500, {"error": {"message": "injected"}})
        if first and number % 10 == 2:
            return self.say(429, {"error": {"message": "slow down"}}, {"Retry-After": "1"})
        if first and number % 10 == 3:
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        time.sleep(self.server.answer_s)
        message = {"content": f"It is \\boxed{{{number + 1}}}."}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        said = {"choices": [choice], "usage": {"completion_tokens": 9}}
        return self.say(200, said, cut=first and number % 10 == 4)

    def say(self, status, body, headers=(), *, cut=False):
        said = json.dumps(body).encode()
        said = said[: len(said) // 2] if cut else said
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)


@pytest.fixture
def server():
    one = Server()
    yield one
    one.close()


@pytest.fixture
def start(tmp_path, server):
    """Starts the run; every call goes on where the last one ended."""
    rows = [{"question": f"How much is {n} + 1?", "answer": f"#### {n + 1}"} for n in range(ITEMS)]
    (tmp_path / "gsm8k.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = {
        "name": "serving",
        "seed": 1,
        "sampling": {"temperature": 0.6, "top_p": 0.95, "max_tokens": 100},
        "tasks": {"gsm8k": {"margin_pp": 1.0, "data": str(tmp_path / "gsm8k.jsonl")}},
        "arms": {
            "fp8": {
                "backend": "openai",
                "precision": "fp8",
                "concurrency": 8,
                "options": {"base_url": server.url, "model": "r1"},
            }
        },
    }
    (tmp_path / "serving.yaml").write_text(json.dumps(config))
    command = [sys.executable, "-m", "evalsuite", "run", "serving.yaml", "--progress", "json"]
    here = os.pathsep.join(sys.path)
    running = []

    def started():
        running.append(
            subprocess.Popen(
                command,
                cwd=tmp_path,
                stderr=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": here},
            )
        )
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.communicate()


def asked(text):
    """The number that a question asks about."""
    return int(re.search(r"(\d+) \+ 1", text)[1])


def stored(tmp_path):
    """The answers on disk, by the number that was asked about."""
    with open_run(tmp_path / "results" / "serving-fp8") as run:
        numbers = {one.id: asked(one.messages[0].content) for one in run.store.questions()}
        return {numbers[answer.key.question]: answer for answer in run.store.answers()}


def test_every_mishap_is_survived(start, server, tmp_path):
    """Loading, 500, 429, a cut connection, half a JSON: all answers come, none asked in vain."""
    process = start()
    facts = [json.loads(line) for line in process.communicate(timeout=60)[1].splitlines()]
    assert process.returncode == 0
    events = [fact["event"] for fact in facts]
    assert events[:2] == ["started", "waiting"]
    assert "503: the model is loading" in facts[1]["why"]
    assert (facts[-1]["done"], facts[-1]["correct"], facts[-1]["failed"]) == (ITEMS, ITEMS, 0)
    mishaps = {number for number in range(ITEMS) if 1 <= number % 10 <= 4}
    assert server.tries == {number: 1 + (number in mishaps) for number in range(ITEMS)}
    attempts = Counter(answer.attempts for answer in stored(tmp_path).values())
    # A refusal (429) is no try.
    assert attempts == {1: ITEMS - 18, 2: 18}


def test_kill_9_costs_what_was_in_flight(start, server, tmp_path):
    """The next call asks the rest, and of what was answered at most the last moment's."""
    server.answer_s = 0.3
    process = start()
    until = time.monotonic() + 30
    while sum(server.tries.values()) < 40 and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = stored(tmp_path)
    server.tries.clear()
    server.answer_s = 0.0
    assert start().wait(timeout=60) == 0
    assert len(before) >= 5
    assert server.tries.keys() == set(range(ITEMS)) - before.keys()
    after = stored(tmp_path)
    assert len(after) == ITEMS
    assert {number: after[number] for number in before} == before
