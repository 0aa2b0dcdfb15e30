"""HTTP by aiohttp; its exceptions become ours here and nowhere else.

aiohttp was the lightest of the clients measured (benchmarks/http_clients.py).
"""

import errno
import resource
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import aiohttp

from evalsuite.errors import EngineFailed, TransientError

CONNECT_S = 10.0
# A silent peer is found dead after about two minutes, however long an answer may take.
KEEPALIVE = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 4))


FILES_BESIDE = 64  # the store, the grader's pipes, Python's own


class Reply(NamedTuple):
    """A whole response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """One session: connections are kept and reused, as many as there are requests.

    Args:
        key: sent as a bearer token, empty for none.
    """

    def __init__(self, key: str) -> None:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=60, socket_factory=_kept_alive_socket
            ),
            # The runner knows how long an answer may take.
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=CONNECT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
        )

    async def post(self, url: str, body: bytes) -> Reply:
        """POST the JSON *body*.

        Raises:
            TransientError: `unreachable`, `connection` or `timeout`.
            EngineFailed: the address or the certificate is wrong.
        """
        with _translated(url):
            async with self._session.post(url, data=body, allow_redirects=False) as response:
                return Reply(response.status, response.headers, await response.read())

    async def get(self, url: str, *, timeout_s: float) -> Reply:
        """GET *url* within *timeout_s*; raises as `post` does."""
        limit = aiohttp.ClientTimeout(total=timeout_s)
        with _translated(url):
            async with self._session.get(url, timeout=limit, allow_redirects=False) as response:
                return Reply(response.status, response.headers, await response.read())

    async def aclose(self) -> None:
        """Close all connections."""
        await self._session.close()


def _kept_alive_socket(address: Any) -> socket.socket:
    family, kind, protocol, _, _ = address
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE:
        made.setsockopt(socket.IPPROTO_TCP, option, value)
    return made


def most_connections() -> int:
    """How many connections this process may have open; raises its limit as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # some systems allow less than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft - FILES_BESIDE


@contextmanager
def _translated(url: str) -> Iterator[None]:
    try:
        yield
    except (aiohttp.InvalidURL, aiohttp.ClientSSLError) as error:
        raise EngineFailed(f"{url}: {error}. Correct options.base_url.") from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE):
            raise EngineFailed(f"{url}: the system allows no more open files ({error})") from error
        raise TransientError(
            f"{url}: nothing listens there ({error})", fault="unreachable"
        ) from error
    except TimeoutError as error:
        raise TransientError(f"{url}: no answer in time", fault="timeout") from error
    except (aiohttp.ClientError, OSError) as error:
        raise TransientError(
            f"{url}: the connection broke ({error!r})", fault="connection"
        ) from error
    except RuntimeError as error:  # the session was closed under way
        raise TransientError(f"{url}: {error}", fault="connection") from error
