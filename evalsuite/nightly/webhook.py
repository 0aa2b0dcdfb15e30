"""A small JSON to whoever wants to know, at an address that only the environment holds.

The address is a secret (whoever has it may post): it is read, used, and never printed, stored or
put into an error.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit

from evalsuite.nightly.gate import Gate
from evalsuite.nightly.words import clean

VARIABLE = "EVALSUITE_WEBHOOK_URL"
TIMEOUT_S = 10.0


def payload(gate: Gate) -> dict[str, object]:
    """What is posted; `text` is what Slack's and Mattermost's incoming webhooks show."""
    return {
        "text": clean(f"evalsuite: {gate.sentence}"),
        "state": gate.state,
        "passes": gate.passes,
        "exit_code": gate.exit_code,
        "baseline": clean(gate.names.baseline_run),
        "candidate": clean(gate.names.candidate_run),
        "tasks": {one.task: one.state for one in gate.findings},
        "reasons": [clean(line) for line in gate.reasons[:10]],
        "warnings": [clean(line) for line in gate.warnings[:10]],
    }


def notify(gate: Gate, environment: Mapping[str, str]) -> str | None:
    """Post *gate* if the environment names an address; what went wrong, if anything did."""
    url = environment.get(VARIABLE, "").strip()
    if not url:
        return None
    problem = _post(url, json.dumps(payload(gate)).encode())
    return problem and f"the webhook of {VARIABLE} was not told: {problem}"


def _post(url: str, body: bytes) -> str | None:
    """None, or what went wrong in words that do not hold the address."""
    try:
        if urlsplit(url).scheme not in ("http", "https"):
            return "it is no http(s) address"
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            url, data=body, headers={"Content-Type": "application/json"}, method="POST"
        )
        with _OPENER.open(request, timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        error.close()
        return f"it answered {error.code}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        # The message of such an error may quote the address, so only its kind is told.
        return type(error).__name__


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the message to where nobody sent it."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


_OPENER = urllib.request.build_opener(_NoRedirect)
