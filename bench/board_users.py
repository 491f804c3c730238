"""Many users on one board: each with a session and a connection of its own, each asking what the page asks."""

import asyncio
import json
import random
import time
import urllib.parse

STEP = ("start", "end", "time")


class Connection:
    """HTTP/1.1 over one connection that is kept."""

    def __init__(self, port):
        self.port, self.cookie = port, None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)

    def close(self):
        self.writer.close()

    async def request(self, method, path, body=None):
        """Status and bytes of an answer, its headers in `self.headers`."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "X-Requested-With: martlet", "Accept: application/json"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b""))
        await self.writer.drain()
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in head[1:] if line]
        names = {name.lower(): value for name, value in self.headers}
        status = int(head[0].split()[1])
        if names.get("transfer-encoding") == "chunked":
            parts = []
            while size := int(await self.reader.readline(), 16):
                parts.append(await self.reader.readexactly(size))
                await self.reader.readexactly(2)
            await self.reader.readexactly(2)
            return status, b"".join(parts)
        return status, await self.reader.readexactly(int(names.get("content-length", 0)))

    async def sign_in(self, password):
        status, text = await self.request("POST", "/api/login", json.dumps({"user": "admin", "password": password}).encode())
        if status != 200:
            raise SystemExit(f"signing in: {status} {text[:200]}")
        self.cookie = next(value.split(";")[0] for name, value in self.headers if name.lower() == "set-cookie")


def moved(bodies, by):
    """The page's requests, some seconds later: ranges by whole steps, as the page aligns them."""
    result = []
    for body in bodies:
        queries = []
        for query in json.loads(body)["queries"]:
            form = dict(urllib.parse.parse_qsl(query["form"]))
            step = float(form.get("step", 0)) or 0.001
            for name in STEP:
                if name in form:
                    form[name] = f"{float(form[name]) + by // step * step:.3f}"
            queries.append({**query, "form": urllib.parse.urlencode(form)})
        result.append(json.dumps({"queries": queries}).encode())
    return result


def answers(bytes_):
    """Status of each answer in a batch."""
    found = []
    while bytes_:
        line, rest = bytes_.split(b"\n", 1)
        _, status, _, length = line.split()
        found.append(int(status))
        bytes_ = rest[int(length):]
    return found


async def crowd(port, password, uid, bodies, users, seconds, every):
    """Users who each open the board and then refresh it; gives seconds that openings and refreshes took."""
    began = time.time()
    connections = [Connection(port) for _ in range(users)]
    for connection in connections:
        await connection.open()
        await connection.sign_in(password)
    opened, refreshed = [], []
    end = time.monotonic() + seconds

    async def refresh(connection):
        for body in moved(bodies, time.time() - began):
            status, text = await connection.request("POST", "/api/datasources/batch", body)
            if status != 200 or any(one != 200 for one in answers(text)):
                raise SystemExit(f"a batch was answered {status}, {text[:300]}")

    async def user(connection, chance):
        await asyncio.sleep(chance.random() * every)
        at = time.perf_counter()
        for path in (f"/api/dashboards/uid/{uid}", "/api/user", "/api/datasources"):
            status, _ = await connection.request("GET", path)
            if status != 200:
                raise SystemExit(f"{path} was answered {status}")
        await refresh(connection)
        opened.append(time.perf_counter() - at)
        while time.monotonic() < end:
            await asyncio.sleep(every * (0.8 + 0.4 * chance.random()))
            at = time.perf_counter()
            await refresh(connection)
            refreshed.append(time.perf_counter() - at)

    await asyncio.gather(*(user(connection, random.Random(number)) for number, connection in enumerate(connections)))
    for connection in connections:
        connection.close()
    return opened, refreshed


def run(*arguments):
    return asyncio.run(crowd(*arguments))
