# SPDX-License-Identifier: Apache-2.0
"""Medians, ratios and tables."""

from statistics import median
from typing import Iterable

from harness.scenarios import WHAT

# The project's own targets: figure, scenario, measured family, compared with (family and scenario), at most.
TARGETS = [
    ("call against Quarkus", "kept16", "ours", ("quarkus", "kept16"), 0.30),
    ("call against the SDK's stateless servlet on Jetty", "kept16", "ours", ("jetty-stateless", "kept16"), 0.12),
    ("call against Spring AI", "kept16", "ours", ("spring", "kept16"), 0.08),
    ("call against bare Netty", "kept16", "ours", ("floor", "kept16"), 1.8),
    ("call of 2026-07-28 against bare Netty", "kept16", "ours-modern", ("floor", "kept16"), 1.8),
    ("full handshake and call against bare Netty", "full", "ours", ("floor", "full"), 1.3),
    ("full handshake and call against nginx", "full", "ours", ("nginx", "full"), 0.55),
    ("the same with a CRL", "full", "ours-crl", ("nginx", "full"), 0.65),
    ("call at 1,000 connections against 16", "kept1000", "ours", ("ours", "kept16"), 1.4),
    ("call through the gateway against nginx as a proxy", "kept16", "gateway", ("nginx-proxy", "kept16"), 2.5),
    ("cold start against the TypeScript server", "cold", "ours", ("typescript", "cold"), 2.5),
]


def summarise(rounds: list[dict]) -> dict:
    """Medians over the rounds that worked; errors added up; the first failure kept."""
    good = [r for r in rounds if "failed" not in r]
    summary: dict = {"rounds": rounds}
    for key in ("cpu_us", "own_cpu_us", "per_second", "first_call_ms", "first_call_cpu_ms", "per_connection_kb"):
        values = [r[key] for r in good if key in r]
        if values:
            summary[key] = median(values)
    for key in ("p50", "p99"):
        values = [r["latency_us"][key] for r in good if "latency_us" in r]
        if values:
            summary[key] = median(values)
    summary["errors"] = sum(r.get("errors", 0) for r in good)
    failures = [r["failed"] for r in rounds if "failed" in r] + [r["first_error"] for r in good if r.get("first_error")]
    if failures:
        summary["failure"] = failures[0]
    return summary


def tables(results: dict[str, dict[str, dict]]) -> str:
    """RESULTS by scenario, then by server name."""
    lines: list[str] = []
    for scenario, by_server in results.items():
        lines += ["", f"## {scenario}: {WHAT[scenario]}"]
        rows = memory_rows(by_server) if scenario == "memory" else cold_rows(by_server) if scenario in ("cold", "first100k") else call_rows(by_server)
        lines += aligned(rows)
        lines += [f"   {name}: {s['failure']}" for name, s in by_server.items() if s.get("failure")]
    return "\n".join(lines + targets(results))


def call_rows(by_server: dict[str, dict]) -> Iterable[list[str]]:
    least = min((s["cpu_us"] for s in by_server.values() if "cpu_us" in s), default=1)
    yield ["server", "CPU us", "times least", "p50 us", "p99 us", "a second", "errors", "resumed", "client CPU us"]
    for name, s in sorted(by_server.items(), key=lambda item: item[1].get("cpu_us", 1e9)):
        if "cpu_us" in s:
            last = s["rounds"][-1]
            resumed = f"{100 * last['resumed'] // last['opened']}%" if last.get("opened") else ""
            yield [name, f"{s['cpu_us']:.1f}", f"{s['cpu_us'] / least:.2f}", f"{s['p50']:.0f}", f"{s['p99']:.0f}", f"{s['per_second']:.0f}",
                   str(s["errors"]), resumed, f"{s['own_cpu_us']:.1f}"]
        else:
            yield [name, "failed"]


def cold_rows(by_server: dict[str, dict]) -> Iterable[list[str]]:
    yield ["server", "ms", "CPU ms"]
    for name, s in sorted(by_server.items(), key=lambda item: item[1].get("first_call_ms", 1e9)):
        yield [name, *(f"{s[key]:.0f}" if key in s else "failed" for key in ("first_call_ms", "first_call_cpu_ms"))]


def memory_rows(by_server: dict[str, dict]) -> Iterable[list[str]]:
    yield ["server", "rest MB", "PSS MB", "1,000 MB", "10,000 MB", "KB a connection", "errors"]
    for name, s in by_server.items():
        last = s["rounds"][-1]
        yield [name, *(f"{last[at][kind]:.0f}" if kind in last.get(at, {}) else "failed"
                       for at, kind in (("rest", "rss_mb"), ("rest", "pss_mb"), ("1000", "rss_mb"), ("10000", "rss_mb"))),
               f"{s['per_connection_kb']:.1f}" if "per_connection_kb" in s else "",
               str(sum(last[at].get("errors", 0) for at in ("1000", "10000") if at in last))]


def targets(results: dict[str, dict[str, dict]]) -> list[str]:
    rows = []
    for figure, scenario, family, (other, other_scenario), most in TARGETS:
        for jdk in ("@25", "@17"):
            ours = value(results, scenario, family + jdk)
            theirs = value(results, other_scenario, other + jdk) or value(results, other_scenario, other)
            if ours and theirs:
                ratio = ours / theirs
                rows.append([figure, jdk[1:], f"{ratio:.2f}", f"{most}", "reached" if ratio <= most else "missed"])
    return ["", "## against what the project set itself"] + aligned([["figure", "Java", "ratio", "at most", ""]] + rows) if rows else []


def value(results: dict[str, dict[str, dict]], scenario: str, server: str) -> float | None:
    summary = results.get(scenario, {}).get(server, {})
    return summary.get("cpu_us") or summary.get("first_call_ms")


def aligned(rows: Iterable[list[str]]) -> list[str]:
    rows = list(rows)
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    return ["  ".join(cell.ljust(widths[i]) if i == 0 else cell.rjust(widths[i]) for i, cell in enumerate(row)).rstrip() for row in rows]


def flat(rows: list[dict], limits: dict[str, float]) -> bool:
    """Prints the rows, and how much the last third grew beyond the middle one; whether each figure grew by no more than its limit."""
    columns = ["minute", *limits]
    print("\n".join(aligned([columns] + [[f"{row[key]:.1f}" if key == "minute" else f"{row[key]:.0f}" for key in columns] for row in rows])))
    third = max(1, len(rows) // 3)
    middle, last = rows[-2 * third : -third] or rows[:1], rows[-third:]
    grown = {key: median(row[key] for row in last) - median(row[key] for row in middle) for key in limits}
    steady = all(grown[key] <= most for key, most in limits.items())
    print(f"\nlast third against the middle: {', '.join(f'{key} {by:+.0f}' for key, by in grown.items())}: {'flat' if steady else 'NOT flat'}")
    return steady
