# SPDX-License-Identifier: Apache-2.0
"""The measured servers: how each is built, started and called."""

import fnmatch
import functools
import json
import os
import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.server import Server

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
TARGET = BENCH / "target"
PKI = TARGET / "pki"
STORE = TARGET / "store"
RIVALS = TARGET / "rivals"
UPSTREAM = BENCH / "rivals" / "upstream" / "server.mjs"


@dataclass(frozen=True)
class Subject:
    """One server in one configuration. ERA: session (initialize first), plain (no session), modern (2026-07-28)."""

    family: str
    era: str
    program: str
    jdk: int | None = None
    settings: dict = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return f"{self.family}@{self.jdk}" if self.jdk else self.family

    def start(self) -> tuple[Server, int]:
        """Starts the server on a free port and returns it with that port; it may not be listening yet."""
        port = free_port()
        directory = TARGET / "running" / self.name
        directory.mkdir(parents=True, exist_ok=True)
        command = COMMANDS[self.program](self, port, directory)
        environment = {"JAVA_HOME": str(jdks()[self.jdk]), "JAVA_OPTS": self.settings.get("java-options", "")} if self.jdk else {}
        return Server(command, environment, directory), port


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def jdks() -> dict[int, Path]:
    """Installed JDKs by feature release, found in the usual places."""
    found = {}
    candidates = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    for place in ("/usr/lib/jvm", "/opt", f"{Path.home()}/.sdkman/candidates/java"):
        candidates += sorted(Path(place).glob("*")) if Path(place).is_dir() else []
    for home in candidates:
        release = home / "release"
        if release.is_file() and (home / "bin" / "javac").exists():
            version = re.search(r'JAVA_VERSION="(\d+)', release.read_text())
            if version:
                found.setdefault(int(version[1]), home)
    return found


def all_subjects(releases: list[int], before: Path | None = None) -> list[Subject]:
    """Every subject; with the launcher of another build, that build's too, as before, before-modern, before-gateway, ..."""
    subjects = []
    for jdk in releases:
        subjects += [
            Subject("ours", "session", "ours", jdk),
            Subject("ours-modern", "modern", "ours", jdk),
            Subject("ours-crl", "session", "ours", jdk, {"revocation": True}),
            Subject("ours-jdk-engine", "session", "ours", jdk, {"engine": "jdk"}),
            Subject("gateway", "session", "ours", jdk, {"upstream": "http"}),
            Subject("gateway-stdio", "session", "ours", jdk, {"upstream": "stdio"}),
            Subject("floor", "plain", "floor", jdk),
            Subject("jetty-stateless", "plain", "jetty", jdk, {"transport": "stateless"}),
            Subject("jetty-streamable", "session", "jetty", jdk, {"transport": "streamable"}),
            Subject("spring", "session", "spring", jdk),
            Subject("quarkus", "session", "quarkus", jdk),
        ]
    if before:
        subjects += [replace(s, family=s.family.replace("ours", "before").replace("gateway", "before-gateway"),
                             settings={**s.settings, "launcher": str(before.resolve())}) for s in subjects if s.program == "ours"]
    return subjects + [
        Subject("typescript", "plain", "typescript"),
        Subject("typescript-modern", "modern", "typescript"),
        Subject("nginx", "plain", "nginx"),
        Subject("nginx-proxy", "session", "nginx-proxy"),
        Subject("haproxy", "session", "haproxy"),
        Subject("stunnel", "session", "stunnel"),
    ]


def select(subjects: list[Subject], patterns: list[str]) -> list[Subject]:
    """The subjects whose name or family matches a pattern, in the order of the patterns."""
    chosen = []
    for pattern in patterns:
        hits = [s for s in subjects if fnmatch.fnmatch(s.name, pattern) or fnmatch.fnmatch(s.family, pattern)]
        if not hits:
            raise SystemExit(f"bench: nothing is called {pattern}; there are {', '.join(sorted({s.family for s in subjects}))}")
        chosen += [s for s in hits if s not in chosen]
    return chosen


# ---- preparing

BUILT = {"floor": "floor/floor-1.jar", "jetty": "jetty/jetty-1.jar", "spring": "spring/spring-1.jar", "quarkus": "quarkus/quarkus-app/quarkus-run.jar"}


PACKAGES = {"nginx": "nginx-light", "nginx-proxy": "nginx-light", "haproxy": "haproxy", "stunnel": "stunnel4"}


def prepare(subjects: list[Subject]) -> None:
    """Builds the load generator and every chosen program, once."""
    run(["make", "-s", f"OUT={TARGET / 'load'}"], BENCH / "load", "build the load generator (needs gcc, make and libssl-dev)")
    for program in dict.fromkeys(s.program for s in subjects):
        if program in BUILT and is_older(RIVALS / BUILT[program], BENCH / "rivals" / program):
            run(["mvn", "-B", "-q", "-ntp", f"-Drival.build={RIVALS}", "package"], BENCH / "rivals" / program, f"build {program}")
        elif program == "typescript":
            shutil.copytree(BENCH / "rivals/typescript", RIVALS / "typescript", dirs_exist_ok=True)
            run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], RIVALS / "typescript", "install the TypeScript SDK")
        elif program in PACKAGES and not shutil.which(program.removesuffix("-proxy")):
            raise SystemExit(f"bench: {program} is missing; install it (Debian: apt-get install {PACKAGES[program]}) or leave it out with --only")
        elif program == "ours":
            for program_file, jdk in {(launcher(s), s.jdk) for s in subjects if s.program == "ours"}:
                run([program_file, "--version"], ROOT, "build the product")
                run([program_file, "prepare"], ROOT, "prepare its quick start", {"JAVA_HOME": str(jdks()[jdk])})


def is_older(built: Path, sources: Path) -> bool:
    return not built.exists() or any(f.stat().st_mtime > built.stat().st_mtime for f in sources.rglob("*") if f.is_file())


def run(command: list[str], directory: Path, purpose: str, environment: dict[str, str] = {}) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode:
        raise SystemExit(f"bench: cannot {purpose}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


# ---- commands


def java(subject: Subject) -> str:
    return str(jdks()[subject.jdk] / "bin" / "java")


def ours(subject: Subject, port: int, directory: Path) -> list[str]:
    tls = {"engine": subject.settings.get("engine", "boringssl")}
    if subject.settings.get("revocation"):
        tls["revocation"] = {"crl": ["crl.pem"], "mode": "hard-fail"}
    audit = directory / "audit.jsonl"
    for old in directory.glob("audit*"):  # rotated files too: a new one goes on from the last of them, which is read for that
        old.unlink()
    settings = {
        "dir": str(STORE),
        "tls": tls,
        "servers": {"echo": {"listen": f"127.0.0.1:{port}", "credential": "echo"}},
        "http": {"idle-timeout": "300s"},
        "limits": {"connections": 20000},
        "audit": {"file": str(audit)},
        **subject.settings.get("more", {}),
    }
    served = "echo"
    if "upstream" in subject.settings:
        served = "behind"
        kind = {"url": f"http://127.0.0.1:{upstream()}/mcp"} if subject.settings["upstream"] == "http" else {"command": ["node", str(UPSTREAM), "stdio"]}
        settings["servers"] = {served: {"listen": f"127.0.0.1:{port}", "credential": "echo", **kind}}
    file = directory / "mcp-mtls.yaml"
    file.write_text(json.dumps(settings, indent=2))  # JSON is YAML
    return [launcher(subject), "serve", served, "--config", str(file)]


def launcher(subject: Subject) -> str:
    return subject.settings.get("launcher", str(ROOT / "mcp-mtls"))


def floor(subject: Subject, port: int, _: Path) -> list[str]:
    return [java(subject), "-jar", str(RIVALS / BUILT["floor"]), str(port), str(PKI), json.dumps(ANSWER, separators=(",", ":"))]


def jetty(subject: Subject, port: int, _: Path) -> list[str]:
    return [java(subject), "-jar", str(RIVALS / BUILT["jetty"]), subject.settings["transport"], str(port), str(PKI)]


def spring(subject: Subject, port: int, _: Path) -> list[str]:
    return [java(subject), f"-Dbench.port={port}", f"-Dbench.pki={PKI}", "-jar", str(RIVALS / BUILT["spring"])]


def quarkus(subject: Subject, port: int, _: Path) -> list[str]:
    return [java(subject), f"-Dbench.port={port}", f"-Dbench.pki={PKI}", "-jar", str(RIVALS / BUILT["quarkus"])]


def typescript(_: Subject, port: int, __: Path) -> list[str]:
    return ["node", str(RIVALS / "typescript/server.mjs"), str(port), str(PKI)]


def nginx(_: Subject, port: int, directory: Path) -> list[str]:
    answer = {"jsonrpc": "2.0", "id": 1000000000, "result": ANSWER}
    configured("nginx/nginx.conf", directory / "nginx.conf", PORT=port, ANSWER=json.dumps(answer, separators=(",", ":")))
    return ["nginx", "-p", str(directory), "-c", "nginx.conf"]


def nginx_proxy(_: Subject, port: int, directory: Path) -> list[str]:
    configured("nginx/proxy.conf", directory / "nginx.conf", PORT=port, UPSTREAM=upstream())
    return ["nginx", "-p", str(directory), "-c", "nginx.conf"]


def haproxy(_: Subject, port: int, directory: Path) -> list[str]:
    (PKI / "server.both").write_text((PKI / "server.crt").read_text() + (PKI / "server.key").read_text())
    return ["haproxy", "-db", "-f", configured("haproxy/haproxy.cfg", directory / "haproxy.cfg", PORT=port, UPSTREAM=upstream())]


def stunnel(_: Subject, port: int, directory: Path) -> list[str]:
    return ["stunnel", configured("stunnel/stunnel.conf", directory / "stunnel.conf", PORT=port, UPSTREAM=upstream())]


def configured(template: str, file: Path, **values: object) -> str:
    """Writes a rival's configuration with its values and returns its path."""
    text = (BENCH / "rivals" / template).read_text()
    for name, value in {"PKI": PKI, **values}.items():
        text = text.replace(f"@{name}@", str(value))
    file.write_text(text)
    return str(file)


@functools.cache
def upstream() -> int:
    """The port of the one server that all proxies stand in front of; it is not measured."""
    port = free_port()
    server = Server(["node", str(UPSTREAM), str(port)], {}, TARGET / "running" / "upstream")
    while "listening" not in server.output.read_text():
        if not server.alive():
            raise SystemExit(f"bench: the upstream ended: {server.last_words()}")
        time.sleep(0.05)
    return port


COMMANDS = {"ours": ours, "floor": floor, "jetty": jetty, "spring": spring, "quarkus": quarkus, "typescript": typescript, "nginx": nginx,
            "nginx-proxy": nginx_proxy, "haproxy": haproxy, "stunnel": stunnel}
ECHOED = ("mutual TLS costs nothing that matters " * 6)[:200]
ANSWER = {"content": [{"type": "text", "text": ECHOED}], "isError": False}  # the result of servers that know no MCP
