# SPDX-License-Identifier: Apache-2.0
"""A measured server as a process: started in a group of its own, watched through /proc, always stopped."""

import atexit
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

_running: list["Server"] = []
_libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class Server:
    def __init__(self, command: list[str], environment: dict[str, str], directory: Path):
        """Starts COMMAND in DIRECTORY; its output goes to DIRECTORY/output."""
        directory.mkdir(parents=True, exist_ok=True)
        self.output = directory / "output"
        self.began = time.monotonic_ns()
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=directory, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=end_with_parent)
        _running.append(self)

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.pid, sign)
                self.process.wait(5)
                break
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break
        if self in _running:
            _running.remove(self)

    def memory(self) -> dict[str, float]:
        """Resident and proportional set size of the process tree, in MB of 2^20 bytes."""
        sizes = {"rss_mb": 0.0, "pss_mb": 0.0}
        for pid in tree(self.pid):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name = line.split(":")[0].lower() + "_mb"
                if name in sizes:
                    sizes[name] += int(line.split()[1]) / 1024
        return sizes

    def cpu_ms(self) -> float:
        """User and system time of the process tree so far."""
        ticks = 0
        for pid in tree(self.pid):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks * 1000 / os.sysconf("SC_CLK_TCK")

    def descriptors(self) -> int:
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in tree(self.pid))

    def threads(self) -> int:
        """Threads of the process itself."""
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def heap_mb(self) -> float:
        """Objects that a server on a JDK still uses, in MB of 2^20 bytes, by a full collection."""
        jcmd = Path(f"/proc/{self.pid}/exe").resolve().parent / "jcmd"
        said = subprocess.run([str(jcmd), str(self.pid), "GC.class_histogram"], capture_output=True, text=True, check=True).stdout
        return int(said.split()[-1]) / 2**20

    def alive(self) -> bool:
        return self.process.poll() is None

    def last_words(self) -> str:
        return self.output.read_text(errors="replace")[-1500:]


def tree(pid: int) -> list[int]:
    """A process and its descendants; every thread lists the children that it started itself."""
    try:
        children = " ".join((task / "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()).split()
    except FileNotFoundError:  # a thread or the process has just ended
        children = []
    return [pid] + [descendant for child in children for descendant in tree(int(child))]


def end_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def stop_all() -> None:
    for server in list(_running):
        server.stop()


def stop_everything_on_exit() -> None:
    """Ensures that no server outlives this program, and that it may open as many connections as the machine allows."""
    atexit.register(stop_all)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda *_: sys.exit(1))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
