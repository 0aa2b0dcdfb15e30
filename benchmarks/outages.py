r"""What a run does when servers go away, and with thousands of requests in flight.

Plays servers with the load kit's `mock_server.py` and runs `evalsuite run` against them:

    python benchmarks/outages.py --kit ../shared/loadkit away    # kill -9, back after 20 s
    python benchmarks/outages.py --kit ../shared/loadkit dies    # one of four URLs, half-way
    python benchmarks/outages.py --kit ../shared/loadkit many    # 4,096 in flight over four URLs
    python benchmarks/outages.py --kit ../shared/loadkit slow    # 503 for the first 15 s
    python benchmarks/outages.py --kit ../shared/loadkit hangs   # one of two says nothing any more

Prints how many answers are stored, how often each item was asked, and what the client cost.
--python names an interpreter with uvloop for the servers; they are the bottleneck otherwise.
"""

import argparse
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
AWAY_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is played: servers, items, requests in flight, tokens a second and slot."""

    servers: int
    items: int
    in_flight: int
    slots: int
    rate: float
    more: tuple[str, ...] = ()


SCENES = {
    "away": Scene(servers=1, items=2_000, in_flight=256, slots=256, rate=1_500.0),
    "dies": Scene(servers=4, items=4_000, in_flight=256, slots=64, rate=1_500.0),
    "hangs": Scene(servers=2, items=1_000, in_flight=256, slots=128, rate=1_500.0),
    "many": Scene(servers=4, items=8_192, in_flight=4_096, slots=1_024, rate=500.0),
    "slow": Scene(
        servers=1,
        items=500,
        in_flight=256,
        slots=256,
        rate=3_000.0,
        more=("--slow-start", "15"),
    ),
}


class Servers:
    """Mock servers that can be killed and started again at the same address."""

    def __init__(self, scene: Scene, kit: Path, python: str, folder: Path) -> None:
        self._command = [python, str(kit / "mock_server.py"), "--rate", str(scene.rate)]
        self._command += ["--slots", str(scene.slots), *scene.more]
        self._folder = folder
        self._running: list[subprocess.Popen[str]] = []
        self.urls: list[str] = []
        self.logs: list[Path] = []
        for _ in range(scene.servers):
            self._running.append(self._start(0))

    def _start(self, port: int) -> subprocess.Popen[str]:
        log = self._folder / f"server-{len(self.logs)}.jsonl"
        self.logs.append(log)
        command = [*self._command, "--port", str(port), "--log", str(log)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        url = json.loads(process.stdout.readline())["base_url"]
        if not port:
            self.urls.append(url)
        return process

    def kill(self, number: int) -> None:
        """Kill -9: connections break, and nothing listens."""
        self._running[number].kill()
        self._running[number].wait()

    def hang(self, number: int) -> None:
        """Stop it in its tracks: connections stay open, and new ones are accepted by the kernel."""
        self._running[number].send_signal(signal.SIGSTOP)

    def restart(self, number: int) -> None:
        """Listen again where it did."""
        port = int(self.urls[number].rsplit(":", 1)[1].split("/")[0])
        self._running[number] = self._start(port)

    def close(self) -> None:
        """End them all."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGCONT)
        for process in self._running:
            process.wait()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every request that the servers logged."""
        for log in self.logs:
            for line in log.read_text().splitlines():
                row = json.loads(line)
                if "key" in row:
                    yield row


@contextmanager
def client(urls: list[str], items: Path, scene: Scene, results: Path) -> Iterator[Any]:
    """`evalsuite run` as a process."""
    command = [sys.executable, str(HERE / "serving.py"), "--base-url", *urls, "--data", str(items)]
    command += ["--concurrency", str(scene.in_flight), "--results", str(results)]
    process = subprocess.Popen(command)
    try:
        yield process
    finally:
        process.kill()


def stored(results: Path) -> int:
    """Answers on disk, as another process sees them; 0 before the file is there."""
    file = results / "serving-fp8" / "generations.sqlite"
    if not file.exists():
        return 0
    db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return int(db.execute("SELECT count(*) FROM answer").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()


def play(name: str, servers: Servers, results: Path, scene: Scene) -> None:
    """Do what *name* says, half-way."""
    if name not in ("away", "dies", "hangs"):
        return
    while stored(results) < scene.items / 2:
        time.sleep(0.2)
    (servers.hang if name == "hangs" else servers.kill)(0)
    print(f"-- server 0 is gone at {stored(results)} answers", flush=True)
    if name == "away":
        time.sleep(AWAY_S)
        servers.restart(0)
        print(f"-- back after {AWAY_S:.0f} s", flush=True)


def main() -> None:
    """Play one scene and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", choices=SCENES)
    parser.add_argument("--kit", type=Path, required=True)
    parser.add_argument("--python", default=sys.executable, help="the servers' interpreter")
    args = parser.parse_args()
    scene = SCENES[args.scene]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        items, results = folder / "items.jsonl", folder / "results"
        make = [args.python, str(args.kit / "make_tasks.py"), str(items), "-n", str(scene.items)]
        subprocess.run(make, check=True)
        servers = Servers(scene, args.kit, args.python, folder)
        began = time.monotonic()
        try:
            with client(servers.urls, items, scene, results) as process:
                play(args.scene, servers, results, scene)
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            servers.close()
        wall_s = time.monotonic() - began
        asked = Counter(row["key"] for row in servers.rows())
        _print(scene, process.returncode, used, wall_s, stored(results), asked)


def _print(
    scene: Scene,
    code: int,
    used: resource.struct_rusage,
    wall_s: float,
    answers: int,
    asked: Counter[str],
) -> None:
    cpu_s = used.ru_utime + used.ru_stime
    again = Counter(asked.values())
    print(
        f"exit {code}; {answers} of {scene.items} answers stored in {wall_s:.1f} s; items asked "
        f"once, twice, ... (as far as the servers lived to log it): "
        f"{', '.join(f'{again[times]} x{times}' for times in sorted(again))}; client "
        f"{1_000 * cpu_s / scene.items:.2f} s of processor per 1,000, peak "
        f"{used.ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
