"""Algebra in processes that can be killed: one hard limit of time, one of memory.

Math-Verify's own limits work by signals in the main thread only, and a C call that hangs heeds
none; a process can always be killed. A kill costs that one answer.
"""

import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["equal", "different", "timeout"]
START_S = 120.0


class Worker:
    """One process, started on its first question; used by one thread at a time."""

    def __init__(self, memory_mb: int) -> None:
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, gold: str, answer: str, timeout_s: float) -> Outcome:
        """Whether the two are equal; a process that does not say so in time is killed."""
        process = self._running()
        assert process.stdin
        try:
            process.stdin.write(json.dumps([gold, answer]).encode() + b"\n")
            process.stdin.flush()
            said = _line(process, timeout_s)
        except OSError:
            said = None
        if said is None:
            self.kill()
            return "timeout"
        return "equal" if said == b"true" else "different"

    def kill(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except OSError:
                        continue
            self._process.wait()
            self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.kill()
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "evalsuite.grading.worker", str(self._memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=os.environ | {"PYTHONSAFEPATH": "1"},
            )
            if _line(self._process, START_S) != b"ready":
                self.kill()
                raise RuntimeError("the grader's worker process does not start")
        return self._process


class Pool:
    """Some workers behind a queue; `equal` may be called from any thread."""

    def __init__(self, *, workers: int, timeout_s: float, memory_mb: int) -> None:
        self._timeout_s = timeout_s
        self._workers = [Worker(memory_mb) for _ in range(workers)]
        self._free: queue.Queue[Worker] = queue.Queue()
        for worker in self._workers:
            self._free.put(worker)
        self._closing = threading.Lock()

    def equal(self, gold: str, answer: str) -> Outcome:
        """Whether *gold* and *answer* are equal, or that it could not be told in time."""
        worker = self._free.get()
        try:
            return worker.ask(gold, answer, self._timeout_s)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """Kill the processes; a second call does nothing."""
        with self._closing:
            for worker in self._workers:
                worker.kill()


def _line(process: subprocess.Popen[bytes], timeout_s: float) -> bytes | None:
    """The next line of *process*; None if it does not come within *timeout_s* or it died."""
    assert process.stdout
    number = process.stdout.fileno()
    ready = select.poll()
    ready.register(number, select.POLLIN | select.POLLHUP)
    closes = time.monotonic() + timeout_s
    said = b""
    while not said.endswith(b"\n"):
        if not ready.poll(max(closes - time.monotonic(), 0) * 1000):
            return None
        came = os.read(number, 4096)
        if not came:
            return None
        said += came
    return said.strip()
