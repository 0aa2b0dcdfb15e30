"""CPU seconds per 1,000 answers of HTTP clients, against a server that speaks OpenAI's protocol.

    python benchmarks/http_clients.py --base-url http://127.0.0.1:8000/v1 --model fp8 -n 2000

Each client sends the same chat requests, 256 at a time over kept-alive connections, and reads each
answer's text out of the JSON; with asyncio's own loop and with uvloop, with each JSON parser.
What is not installed is left out. `streams` is asyncio's streams and a hand-written HTTP, as a
yardstick. Each runs in a process of its own, in turns; the medians are printed.
"""

import argparse
import asyncio
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

Ask = Callable[[bytes], Awaitable[bytes]]
JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def aiohttp_client(url: str, lanes: int) -> AsyncIterator[Ask]:
    """The session of aiohttp."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=lanes)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=JSON) as session:

        async def ask(body: bytes) -> bytes:
            async with session.post(url, data=body) as response:
                return await response.read()

        yield ask


def _httpx_like(name: str) -> Any:
    @asynccontextmanager
    async def client(url: str, lanes: int) -> AsyncIterator[Ask]:
        httpx = importlib.import_module(name)
        limits = httpx.Limits(max_connections=lanes, max_keepalive_connections=lanes)
        async with httpx.AsyncClient(limits=limits, timeout=None, headers=JSON) as session:

            async def ask(body: bytes) -> bytes:
                return (await session.post(url, content=body)).content  # type: ignore[no-any-return]

            yield ask

    return client


@asynccontextmanager
async def streams_client(url: str, lanes: int) -> AsyncIterator[Ask]:
    """The least: one request at a time on each of *lanes* connections."""
    place = urlsplit(url)
    free: asyncio.Queue[Any] = asyncio.Queue()
    for _ in range(lanes):
        free.put_nowait(await asyncio.open_connection(place.hostname, place.port, limit=2**20))

    async def ask(body: bytes) -> bytes:
        reader, writer = await free.get()
        writer.write(
            f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json"
            f"\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answer = await reader.readexactly(length)
        free.put_nowait((reader, writer))
        return answer  # type: ignore[no-any-return]

    yield ask
    while not free.empty():
        free.get_nowait()[1].close()


CLIENTS: dict[str, tuple[str, Any]] = {
    "streams": ("asyncio", streams_client),
    "aiohttp": ("aiohttp", aiohttp_client),
    "httpx2": ("httpx2", _httpx_like("httpx2")),
    "httpx": ("httpx", _httpx_like("httpx")),
}
PARSERS = {"json": "json:loads", "orjson": "orjson:loads", "msgspec": "msgspec.json:decode"}


async def measure(args: argparse.Namespace) -> dict[str, float]:
    """Ask *n* times; CPU seconds of the client per 1,000."""
    module, _, name = PARSERS[args.parser].partition(":")
    parse = getattr(importlib.import_module(module), name)
    work, characters = iter(range(args.n)), 0

    async def lane(ask: Ask) -> None:
        nonlocal characters
        for number in work:
            content = f"Question {number}: how much is {number} + 1? " * 5
            message = {"role": "user", "content": content}
            asked = {"model": args.model, "max_tokens": 32768, "seed": number}
            body = json.dumps(asked | {"messages": [message]}).encode()
            answer = parse(await ask(body))
            characters += len(answer["choices"][0]["message"]["content"])

    async with CLIENTS[args.client][1](f"{args.base_url}/chat/completions", args.lanes) as ask:
        began = time.process_time()
        await asyncio.gather(*(lane(ask) for _ in range(args.lanes)))
        used = time.process_time() - began
    return {"cpu_per_1k": 1000 * used / args.n, "characters": characters / args.n}


def main() -> None:
    """Measure one combination, or each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", default="fp8")
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("--lanes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--client", choices=CLIENTS)
    parser.add_argument("--parser", choices=PARSERS, default="json")
    parser.add_argument("--uvloop", action="store_true")
    args = parser.parse_args()
    if args.client:
        if args.uvloop:
            import uvloop

            print(json.dumps(uvloop.run(measure(args))))
        else:
            print(json.dumps(asyncio.run(measure(args))))
        return
    there = importlib.util.find_spec
    loops = [[], ["--uvloop"]] if there("uvloop") else [[]]
    parsers = [name for name in PARSERS if there(name)]
    rows = [
        ["--client", client, "--parser", name, *loop]
        for client, (module, _) in CLIENTS.items()
        if there(module)
        for loop in loops
        for name in (parsers if client == "aiohttp" else parsers[:1])
    ]
    found: dict[int, list[float]] = {number: [] for number in range(len(rows))}
    for _ in range(args.rounds):
        for number, row in enumerate(rows):
            command = [sys.executable, __file__, *sys.argv[1:], *row]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found[number].append(json.loads(done.stdout)["cpu_per_1k"])
    for number, row in enumerate(rows):
        label = " ".join(row[1::2] if "--uvloop" not in row else [*row[1:-1:2], "uvloop"])
        print(f"{label:28} {statistics.median(found[number]):6.3f} s per 1,000")


if __name__ == "__main__":
    main()
