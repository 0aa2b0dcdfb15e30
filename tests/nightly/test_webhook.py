"""The webhook gets a small JSON, and its address is in nothing that is written."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from evalsuite.nightly.gate import gate
from evalsuite.nightly.webhook import notify

SECRET = "s3cret-path"


@pytest.fixture
def server():
    """A server that keeps what is posted; /fail answers 500, /away redirects."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, self.headers["Content-Type"], json.loads(body)))
            code = 500 if "fail" in self.path else 302 if "away" in self.path else 200
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}", posted
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def worse(policy, names, healthy, result):
    return gate([result("mmlu", difference=-0.02), *healthy[1:]], policy(), names=names)


def test_the_decision_is_posted_as_small_json(server, worse):
    """State, tasks and reasons, and a text that chats show."""
    url, posted = server
    assert notify(worse, {"EVALSUITE_WEBHOOK_URL": f"{url}/{SECRET}"}) is None
    ((path, kind, body),) = posted
    assert (path, kind) == (f"/{SECRET}", "application/json")
    assert (body["state"], body["exit_code"]) == ("worse", 10)
    assert body["tasks"] == {"mmlu": "worse", "gsm8k": "holds", "aime_2024": "holds"}
    assert body["text"].startswith("evalsuite: FP4 does not pass")
    assert len(json.dumps(body)) < 4096


def test_without_an_address_nothing_is_posted(worse):
    """The environment decides."""
    assert notify(worse, {}) is None
    assert notify(worse, {"EVALSUITE_WEBHOOK_URL": " "}) is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("{server}/fail-" + SECRET, "it answered 500"),
        ("{server}/away-" + SECRET, "it answered 302"),
        ("http://127.0.0.1:1/" + SECRET, "URLError"),
        ("file:///" + SECRET, "no http(s) address"),
        (SECRET, "no http(s) address"),
        ("http://[" + SECRET, "ValueError"),
        ("http://127.0.0.1:x/" + SECRET, "InvalidURL"),
    ],
)
def test_what_goes_wrong_is_told_without_the_address(server, worse, url, said):
    """A dead, refusing, redirecting or impossible address is one line, without the secret."""
    problem = notify(worse, {"EVALSUITE_WEBHOOK_URL": url.format(server=server[0])})
    assert said in problem
    assert SECRET not in problem
    assert len(server[1]) <= 1
