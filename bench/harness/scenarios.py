# SPDX-License-Identifier: Apache-2.0
"""The scenarios. A scenario measures one server once; `run` interleaves them and repeats."""

import json
import subprocess
import time
from dataclasses import dataclass
from typing import Callable

from harness.calls import load, measure
from harness.server import Server
from harness.subjects import Subject

STARTUP_SECONDS = 60


@dataclass
class Running:
    """A started server, with the scenarios for which it is warmed up."""

    subject: Subject
    server: Server
    port: int
    first_call_ms: float
    first_call_cpu_ms: float
    warmed: set[str]


@dataclass(frozen=True)
class Timing:
    seconds: float
    warmup: float  # processor time of the server before the first measurement of a scenario, so that compilers are done


def start(subject: Subject) -> Running:
    """Starts SUBJECT and waits for its first good call; the time from exec to that call is its cold start."""
    server, port = subject.start()
    first = measure(load(subject, port, "first", seconds=STARTUP_SECONDS), STARTUP_SECONDS + 5)
    if "failed" in first:
        words = server.last_words()
        server.stop()
        raise SystemExit(f"bench: {subject.name} did not start: {first['failed']}\n{words}")
    return Running(subject, server, port, (first["answered_ns"] - server.began) / 1e6, server.cpu_ms(), set())


def calls(running: Running, name: str, timing: Timing, mode: str, connections: int, method: str = "tools/call") -> dict:
    """Closed loop: CPU time of the server for each operation, latency, throughput."""
    warmup = 0.3 if name in running.warmed else timing.warmup
    running.warmed.add(name)
    command = load(running.subject, running.port, mode, method, connections=connections, seconds=timing.seconds, warmup=warmup, pid=running.server.pid)
    result = measure(command, timing.seconds + 6 * warmup + 60)
    if result.get("operations"):
        result["cpu_us"] = result["server_cpu_seconds"] * 1e6 / result["operations"]
        result["own_cpu_us"] = result["own_cpu_seconds"] * 1e6 / result["operations"]
        result["per_second"] = result["operations"] / result["seconds"]
    return result


def kept(connections: int, method: str = "tools/call") -> Callable[[Running, str, Timing], dict]:
    return lambda running, name, timing: calls(running, name, timing, "kept", connections, method)


def new_connections(mode: str) -> Callable[[Running, str, Timing], dict]:
    return lambda running, name, timing: calls(running, name, timing, mode, 16)


def cold(running: Running, _: str, __: Timing) -> dict:
    fresh = start(running.subject)
    fresh.server.stop()
    return {"first_call_ms": fresh.first_call_ms, "first_call_cpu_ms": fresh.first_call_cpu_ms}


def first_calls(count: int) -> Callable[[Running, str, Timing], dict]:
    """The processor time of a fresh server from exec to its COUNTth call on 16 kept connections, compilers included."""

    def measured(running: Running, _: str, __: Timing) -> dict:
        fresh = start(running.subject)
        try:
            result = measure(load(fresh.subject, fresh.port, "kept", connections=16, calls=count, seconds=300), 360)
            return {**result, "first_call_ms": (time.monotonic_ns() - fresh.server.began) / 1e6, "first_call_cpu_ms": fresh.server.cpu_ms()}
        finally:
            fresh.server.stop()

    return measured


def memory(running: Running, _: str, __: Timing) -> dict:
    """A fresh server after one call, then with a thousand and with ten thousand connections that made one call each."""
    fresh = start(running.subject)
    try:
        time.sleep(2)
        result = {"rest": fresh.server.memory()}
        for connections in (1000, 10000):
            result[str(connections)] = with_idle(fresh, connections, fresh.server.memory)
        grown = result["10000"]
        if "rss_mb" in grown:
            result["per_connection_kb"] = (grown["rss_mb"] - result["rest"]["rss_mb"]) * 1024 / 10000
        return result
    finally:
        fresh.server.stop()


def with_idle(fresh: Running, connections: int, observe: Callable[[], dict]) -> dict:
    """The observation of a server while so many connections, which made one call each, are open."""
    command = load(fresh.subject, fresh.port, "idle", connections=connections)
    generator = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = generator.stdout.readline()
    try:
        if not line:
            return {"failed": generator.stderr.read()[:300]}
        opened = json.loads(line)
        time.sleep(3)  # as long as a server may take to come to rest
        return {**observe(), "open": opened["operations"], "errors": opened["errors"], "first_error": opened["first_error"]}
    finally:
        generator.stdin.close()
        generator.wait(30)


SCENARIOS: dict[str, Callable[[Running, str, Timing], dict]] = {
    "kept16": kept(16),
    "kept64": kept(64),
    "kept1000": kept(1000),
    "list16": kept(16, "tools/list"),
    "full": new_connections("full"),
    "resumed": new_connections("resumed"),
    "cold": cold,
    "first100k": first_calls(100_000),
    "memory": memory,
}
WHAT = {
    "kept16": "tools/call on 16 kept connections",
    "kept64": "tools/call on 64 kept connections",
    "kept1000": "tools/call on 1,000 kept connections",
    "list16": "tools/list on 16 kept connections",
    "full": "a new connection for each call, full handshake",
    "resumed": "a new connection for each call, resumed",
    "cold": "from exec to the first good call",
    "first100k": "from exec to the 100,000th call on 16 kept connections",
    "memory": "memory at rest and with idle connections",
}
