# SPDX-License-Identifier: Apache-2.0
"""Folded stacks to stages and to a flame graph."""

from html import escape
from pathlib import Path

# The innermost frame that begins so names the stage; {way} is in or out, as the direction of the whole stack is.
STAGES = [
    ("io.netty.channel.unix.Socket.send", "system: send"),
    ("io.netty.channel.unix.FileDescriptor.write", "system: send"),
    ("io.netty.channel.unix.Socket.recv", "system: receive"),
    ("io.netty.channel.unix.FileDescriptor.read", "system: receive"),
    ("io.netty.channel.epoll.Native.epollWait", "system: wait for sockets"),
    ("io.netty.channel.epoll.Native.eventFd", "system: wake an event loop"),
    ("io.netty.channel.epoll.LinuxSocket", "accept"),
    ("io.netty.channel.epoll.AbstractEpollServerChannel", "accept"),
    ("dev.mcpmtls.transport.netty.HandshakeQueue", "accept"),
    ("dev.mcpmtls.trust", "verify"),
    ("dev.mcpmtls.tls", "verify"),
    ("dev.mcpmtls.identity", "verify"),
    ("dev.mcpmtls.transport.netty.VerifyingTrustManager", "verify"),
    ("io.netty.internal.tcnative", "TLS {way}"),
    ("io.netty.handler.ssl", "TLS {way}"),
    ("dev.mcpmtls.transport.netty", "TLS {way}"),
    ("tools.jackson", "JSON {json}"),
    ("dev.mcpmtls.protocol", "JSON {json}"),
    ("dev.mcpmtls.auditlog.AuditFile.lock", "record: lock the file, is it still there"),
    ("sun.nio.ch.FileLockImpl.release", "record: lock the file, is it still there"),
    ("dev.mcpmtls.auditlog.AuditFile.keyOfPath", "record: lock the file, is it still there"),
    ("dev.mcpmtls.auditlog.AuditFile.catchUp", "record: lock the file, is it still there"),
    ("dev.mcpmtls.auditlog.AuditFile.write", "record: write"),
    ("java.util.concurrent.locks.LockSupport.unpark", "record: wake its thread"),
    ("dev.mcpmtls.auditlog.Lines", "record: encode"),
    ("dev.mcpmtls.auditlog.Wording", "record: encode"),
    ("dev.mcpmtls.auditlog.Compression", "compress the rotated log"),
    ("dev.mcpmtls.auditlog", "record: queue and wait"),
    ("dev.mcpmtls.transport.server.call.RecordBatches", "record: queue and wait"),
    ("dev.mcpmtls.transport.server.call.HandlerRun", "SDK"),
    ("dev.mcpmtls.transport.server.backend", "SDK"),
    ("io.modelcontextprotocol", "SDK"),
    ("reactor", "SDK"),
    ("dev.mcpmtls.servers", "SDK"),
    ("dev.mcpmtls.transport.server.call", "authorise"),
    ("dev.mcpmtls.transport.server.caller", "authorise"),
    ("dev.mcpmtls.authz", "authorise"),
    ("dev.mcpmtls.policy", "authorise"),
    ("dev.mcpmtls.transport.server.http", "HTTP {way}"),
    ("io.netty.handler.codec.http", "HTTP {way}"),
    ("io.vertx.core.http", "HTTP {way}"),
    ("io.netty.handler.stream", "HTTP {way}"),
    ("io.vertx", "HTTP {way}"),
    ("dev.mcpmtls.transport.server", "session and era"),
    ("dev.mcpmtls.gateway", "gateway"),
    ("io.netty", "event loop"),
]
OUTWARD = ("dev.mcpmtls.transport.server.http.ResponseWriter", "io.netty.handler.ssl.SslHandler.wrap", "io.netty.handler.ssl.SslHandler.flush")
UPSTREAM = ("dev.mcpmtls.gateway.http", "io.vertx.core.http.impl.http1.Http1ClientConnection")
READING = ("dev.mcpmtls.protocol.Json.read", "dev.mcpmtls.protocol.Json.text", "dev.mcpmtls.protocol.Json.message", "tools.jackson.databind.ObjectMapper.convertValue")


def folded(text: str) -> dict[tuple[str, ...], int]:
    """STACKS by frames, the thread first and the innermost last."""
    stacks: dict[tuple[str, ...], int] = {}
    for line in text.splitlines():
        frames, count = line.rsplit(" ", 1)
        key = tuple(frame.split("$$Lambda")[0] for frame in frames.split(";"))
        stacks[key] = stacks.get(key, 0) + int(count)
    return stacks


def stage(frames: tuple[str, ...]) -> str:
    for frame in reversed(frames):
        for prefix, name in STAGES:
            if frame.startswith(prefix):
                way = "out" if has(frames, OUTWARD) else "in"
                far = ", upstream" if name.startswith("HTTP") and has(frames, UPSTREAM) and way == "in" else ""
                return name.format(way=way, json="in" if has(frames, READING) else "out") + far
    return "other"


def has(frames: tuple[str, ...], prefixes: tuple[str, ...]) -> bool:
    return any(frame.startswith(prefixes) for frame in frames)


ROW, WIDTH, LEAST = 15, 1200, 2.5
COLOURS = {"dev.mcpmtls": "#7fb2e5", "io.netty": "#f2b36b", "io.vertx": "#f6d879", "tools.jackson": "#b9d98a", "reactor": "#dba6dd", "io.modelcontextprotocol": "#dba6dd"}


def svg(stacks: dict[tuple[str, ...], float], title: str, unit: str, file: Path) -> None:
    """Writes a flame graph whose widths are the values of STACKS, the outermost frame at the bottom. Names appear when the pointer rests on a box."""
    root: dict = {"value": 0.0, "under": {}}
    for frames, value in stacks.items():
        at = root
        at["value"] += value
        for frame in frames:
            at = at["under"].setdefault(frame, {"value": 0.0, "under": {}})
            at["value"] += value
    boxes: list[tuple[int, float, float, str, float]] = []
    place(root, 0, 0.0, WIDTH / (root["value"] or 1), boxes)
    height = (max(box[0] for box in boxes) + 3) * ROW
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="monospace" font-size="10">',
             f'<text x="4" y="12" font-size="12">{escape(title)}</text>']
    for depth, left, width, name, value in boxes:
        shown = escape(short(name)[: int(width / 6.1)]) if width > 30 else ""
        top = height - (depth + 1) * ROW
        lines.append(f'<g><title>{escape(name)} {value:.2f} {unit}</title><rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - 1}" '
                     f'fill="{colour(name)}"/>' + (f'<text x="{left + 2:.1f}" y="{top + 11}">{shown}</text>' if shown else "") + "</g>")
    file.write_text("\n".join(lines + ["</svg>\n"]))


def place(node: dict, depth: int, left: float, scale: float, boxes: list) -> None:
    for name, child in sorted(node["under"].items()):
        width = child["value"] * scale
        if width >= LEAST:
            boxes.append((depth, left, width, name, child["value"]))
            place(child, depth + 1, left, scale, boxes)
        left += width


def colour(name: str) -> str:
    return next((colour for prefix, colour in COLOURS.items() if name.startswith(prefix)), "#d0d0d0")


def short(name: str) -> str:
    """Class and method without the package."""
    return ".".join(name.rsplit(".", 2)[-2:])
