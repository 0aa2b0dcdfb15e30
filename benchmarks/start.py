r"""Seconds from the start of `evalsuite run` to its first request, on MMLU's 14,042 questions.

The items are invented, in MMLU's format, in one local file; the server only notes when the first
request arrives and answers each at once:

    python benchmarks/start.py --runs 5
    python benchmarks/start.py --items 14042 --format jsonl
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORDS = (
    "the",
    "rate",
    "of",
    "each",
    "cell",
    "court",
    "which",
    "energy",
    "holds",
    "under",
    "law",
    "x",
)
SUBJECTS = 57


class Server(ThreadingHTTPServer):
    """Notes when the first question arrives."""

    daemon_threads = True
    first = 0.0
    asked = threading.Event()

    def handle_error(self, *_: Any) -> None:
        """The client is killed in the middle of its requests."""


class Answers(BaseHTTPRequestHandler):
    """One model, one answer."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """The list of models."""
        self._say({"object": "list", "data": [{"id": "fp8", "owned_by": "benchmark"}]})

    def do_POST(self) -> None:
        """The answer to any question."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if not self.server.asked.is_set():
            self.server.first = time.monotonic()
            self.server.asked.set()
        choice = {"index": 0, "message": {"content": "Answer: A"}, "finish_reason": "stop"}
        self._say({"choices": [choice], "usage": {"completion_tokens": 4}})

    def _say(self, body: Any) -> None:
        said = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def rows(count: int) -> list[dict[str, Any]]:
    """Invented questions of MMLU's shape and length."""
    chance = random.Random(1)

    def words(least: int, most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(least, most)))

    return [
        {
            "question": f"Item {number}: {words(20, 100)}?",
            "subject": f"subject_{number % SUBJECTS}",
            "choices": [f"option {option} {words(3, 20)}" for option in range(4)],
            "answer": number % 4,
        }
        for number in range(count)
    ]


def write(made: Sequence[dict[str, Any]], file: Path) -> None:
    """As JSON lines or parquet, by the file's name."""
    if file.suffix == ".parquet":
        import pandas as pd

        pd.DataFrame(made).to_parquet(file)
    else:
        file.write_text("".join(json.dumps(row) + "\n" for row in made))


def measure(file: Path, results: Path) -> tuple[float, float]:
    """Seconds to the first request, and the client's processor seconds until then."""
    with Server(("127.0.0.1", 0), Answers) as server:
        server.asked.clear()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        command = [sys.executable, str(HERE / "serving.py"), "--base-url", url]
        command += ["--data", str(file), "--task", "mmlu", "--results", str(results)]
        began = time.monotonic()
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        if not server.asked.wait(120):
            raise SystemExit("no request came within two minutes")
        process.send_signal(signal.SIGKILL)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = -signal.SIGKILL
        server.shutdown()
        return server.first - began, used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print the median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=14_042)
    parser.add_argument("--format", choices=["jsonl", "parquet"], default="parquet")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / f"mmlu.{args.format}"
        write(rows(args.items), file)
        came = [measure(file, Path(made) / f"results-{run}") for run in range(args.runs)]
    walls, cpus = zip(*came, strict=True)
    print(
        f"{args.items} items: first request after {statistics.median(walls):.2f} s "
        f"({min(walls):.2f} to {max(walls):.2f}), {statistics.median(cpus):.2f} s of processor"
    )


if __name__ == "__main__":
    main()
