"""Algebra in processes that can be killed: one hard limit of time, one of memory.

Math-Verify's own limits work by signals in the main thread only, and a C call that hangs heeds
none; a process can always be killed. A kill costs that one answer. The processes are plain
subprocesses, so that threads, event loops and the workers of other process pools may have them,
and each also ends itself: with its parent's pipe, or by an alarm where it hangs.
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
# What a worker needs of the environment; no secret of the parent's is among it.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV",
             "PYTHONPATH", "PYTHONHOME")  # fmt: skip


class Worker:
    """One process, started on its first question; used by one thread at a time."""

    def __init__(self, memory_mb: int, timeout_s: float) -> None:
        self._memory_mb = memory_mb
        self._timeout_s = timeout_s
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, gold: str, answer: str) -> Outcome:
        """Whether the two are equal; a process that does not say so in time is killed."""
        process = self._running()
        assert process.stdin
        try:
            process.stdin.write(json.dumps([gold, answer]).encode() + b"\n")
            process.stdin.flush()
            said = _line(process, self._timeout_s)
        except OSError:
            said = None
        if said is None:
            self.kill()
            return "timeout"
        return "equal" if said == b"true" else "different"

    def interrupt(self) -> None:
        """End the process under a thread that is asking it; that thread sees its end."""
        process = self._process
        if process is not None:
            process.kill()

    def kill(self) -> None:
        """End the process and its pipes."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue
        process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.kill()
            self._process = self._started()
        return self._process

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "evalsuite.grading.worker"]
        process = subprocess.Popen(  # noqa: S603 - our own module
            [*command, str(self._memory_mb), str(self._timeout_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ}
            | {"PYTHONSAFEPATH": "1", "PYTHONHASHSEED": "0"},
        )
        self._process = process
        if _line(process, START_S) != b"ready":
            self.kill()
            raise RuntimeError(
                "the grader's worker process does not start; see why with: "
                f"{' '.join(command)} {self._memory_mb} {self._timeout_s} </dev/null"
            )
        return process


class Pool:
    """Some workers behind a queue; `equal` may be called from any thread."""

    def __init__(self, *, workers: int, timeout_s: float, memory_mb: int) -> None:
        self._settings = (workers, memory_mb, timeout_s)
        self._closing = threading.Lock()
        self._closed = False
        self._fill()

    def _fill(self) -> None:
        count, memory_mb, timeout_s = self._settings
        self._owner = os.getpid()
        self._workers = [Worker(memory_mb, timeout_s) for _ in range(count)]
        self._free: queue.Queue[Worker] = queue.Queue()
        for worker in self._workers:
            self._free.put(worker)

    def equal(self, gold: str, answer: str) -> Outcome:
        """Whether *gold* and *answer* are equal, or that it could not be told in time.

        Raises:
            RuntimeError: the pool is closed, or a worker does not start.
        """
        if self._owner != os.getpid():
            # A fork took the pool along; the pipes are the parent's.
            self._fill()
        free = self._free
        worker = free.get()
        try:
            said = "timeout" if self._closed else worker.ask(gold, answer)
        finally:
            free.put(worker)
        if self._closed:
            raise RuntimeError("the grader is closed")
        return said

    def close(self) -> None:
        """Kill the processes and wait for their end; a second call does nothing."""
        with self._closing:
            if self._closed or self._owner != os.getpid():
                return
            self._closed = True
            for worker in self._workers:
                worker.interrupt()
            # Each comes back when the thread that asks it has seen its end.
            for worker in [self._free.get() for _ in self._workers]:
                worker.kill()
                self._free.put(worker)


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
