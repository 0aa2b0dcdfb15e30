"""Example rows of our own, and a Hugging Face hub of one data set."""

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from evalsuite.model import Sampling
from evalsuite.questions import load_task

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """*files* by path; *state* is `open`, `gated`, `absent` or `broken`."""

    def __init__(self, repo, files, *, state="open"):
        self.repo, self.files, self.state, self.asked = repo, files, state, []

    def reply(self, path):
        """Status, headers and body for a request of *path*."""
        if self.state == "broken":
            return 503, {}, b""
        if self.state == "absent" or self.repo not in path:
            return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"
        rest = path.partition(self.repo)[2].strip("/")
        if path.startswith("/api/"):
            return self._api(rest)
        _, revision, file = rest.split("/", 2)
        return self._file(revision, file)

    def _api(self, rest):
        if rest == "auth-check":
            code = {"X-Error-Code": "GatedRepo"}
            return (403, code, b"{}") if self.state == "gated" else (200, {}, b"{}")
        if rest.startswith("revision/") and rest.split("/")[1] not in {"main", COMMIT}:
            return 404, {"X-Error-Code": "RevisionNotFound"}, b"{}"
        if rest.startswith("tree/"):
            return 200, {}, json.dumps([self._entry(name) for name in self.files]).encode()
        info = {
            "id": self.repo,
            "sha": COMMIT,
            "private": False,
            "gated": "manual" if self.state == "gated" else False,
            "siblings": [{"rfilename": name} for name in self.files],
        }
        return 200, {}, json.dumps(info).encode()

    def _entry(self, name):
        digest = hashlib.sha1(self.files[name]).hexdigest()
        return {"type": "file", "path": name, "size": len(self.files[name]), "oid": digest}

    def _file(self, revision, name):
        if name not in self.files:
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, b""
        digest = hashlib.sha1(self.files[name]).hexdigest()
        return 200, {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT}, self.files[name]


@contextmanager
def serving(hub):
    """Serve *hub* on this machine; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            url = urlparse(self.path)
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            hub.asked.append(f"{self.command} {url.path}")
            status, headers, body = hub.reply(unquote(url.path))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = answer  # noqa: N815 - http.server's names

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def examples():
    """The folder of invented rows, one file for each benchmark."""
    return Path(__file__).parent / "data"


@pytest.fixture
def load():
    """`load_task` with what these tests do not care about."""
    sampling = Sampling(temperature=0.6, top_p=0.95, top_k=0, max_tokens=32768)

    def loading(name, **settings):
        return load_task(name, repeats=1, sampling=sampling, **settings)

    return loading


@pytest.fixture
def fake_hub():
    """A hub of one data set and the context manager that serves it."""
    return FakeHub, serving, COMMIT
