# SPDX-License-Identifier: Apache-2.0
"""The requests to the servers, and the load generator that sends them."""

import json
import subprocess
from pathlib import Path

from harness.pki import CLIENTS
from harness.subjects import ECHOED, PKI, TARGET, Subject

LEGACY, MODERN = "2025-11-25", "2026-07-28"
ID = 1000000000  # ten digits, which the load generator counts up
CLIENT = {"name": "bench", "version": "1"}


def body_file(name: str, method: str, params: dict | None, identified: bool = True) -> Path:
    message = {"jsonrpc": "2.0", **({"id": ID} if identified else {}), "method": method, **({"params": params} if params is not None else {})}
    file = TARGET / "bodies" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(message, separators=(",", ":"))
    if not file.exists() or file.read_text() != text:  # another load generator may be reading it
        file.write_text(text)
    return file


def load(subject: Subject, port: int, mode: str, method: str = "tools/call", **options: object) -> list[str]:
    """The load generator's command line for SUBJECT on PORT; OPTIONS are its own flags."""
    modern = subject.era == "modern"
    params: dict = {"name": "echo", "arguments": {"text": ECHOED}} if method == "tools/call" else {}
    headers = [f"MCP-Protocol-Version: {MODERN if modern else LEGACY}"]
    if modern:
        prefix = "io.modelcontextprotocol/"
        params["_meta"] = {prefix + "protocolVersion": MODERN, prefix + "clientInfo": CLIENT, prefix + "clientCapabilities": {}}
        headers += [f"Mcp-Method: {method}"] + (["Mcp-Name: echo"] if method == "tools/call" else [])
    body = body_file(f"{method.replace('/', '-')}-{subject.era}", method, params)
    expect = ECHOED if method == "tools/call" or subject.family in ("nginx", "floor") else '"name":"echo"'
    command = [str(TARGET / "load"), "--mode", mode, "--port", str(port), "--ca", str(PKI / "ca.crt"), "--identities",
               str(PKI / "clients"), "--body", str(body), "--expect", expect]
    for header in headers:
        command += ["--header", header]
    if subject.era == "session":
        opening = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}
        command += ["--sessions", str(CLIENTS), "--open", str(body_file("initialize", "initialize", opening)),
                    "--opened", str(body_file("initialized", "notifications/initialized", None, identified=False))]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    return command


def measure(command: list[str], limit: float) -> dict:
    """Runs the load generator and returns its report; a report with `failed` when there is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"failed": f"no result within {limit:.0f} s"}
    if done.returncode:
        return {"failed": done.stderr.strip()[:300]}
    return json.loads(done.stdout)
