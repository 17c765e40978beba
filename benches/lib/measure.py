"""Runs programs as whole processes and says what they cost: wall time, CPU of client and server, memory.

GNU time starts each program: it is small, and Linux counts into a process's peak memory what the
process that started it had, so a Python interpreter would be a floor under every figure."""

import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from .cluster import BenchError, clean_environment

TIME = "/usr/bin/time"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SAMPLE_INTERVAL_S = 0.02


@dataclass
class Cost:
    """What one run cost. A run may be several processes one after another."""

    wall_s: float
    client_cpu_s: float
    """User and system time of the processes and all their children."""
    server_cpu_s: float
    peak_bytes: int
    """The largest single process, children included (getrusage's ru_maxrss)."""
    tree_peak_bytes: int = 0
    """All processes together (sum of PSS, sampled); 0 where it was not asked for."""
    stored_bytes: int = 0
    """What the run left on disk."""
    ignored_errors: int = 0
    """What pg_restore counted and went on after."""

    def __add__(self, later):
        """Of one run after another."""
        return Cost(
            self.wall_s + later.wall_s, self.client_cpu_s + later.client_cpu_s, self.server_cpu_s + later.server_cpu_s,
            max(self.peak_bytes, later.peak_bytes), max(self.tree_peak_bytes, later.tree_peak_bytes),
            self.stored_bytes + later.stored_bytes, self.ignored_errors + later.ignored_errors)

    def as_dict(self):
        return asdict(self)


def median(costs, field):
    return statistics.median(getattr(cost, field) for cost in costs)


def spread(costs, field):
    values = [getattr(cost, field) for cost in costs]
    return min(values), max(values)


def run(steps, cluster=None, *, sample_tree=False):
    """Runs command lines one after another; each must succeed, or be a pg_restore that ignored errors."""
    before = _server_cpu_s(cluster)
    total = Cost(0.0, 0.0, 0.0, 0)
    for argv in steps:
        total += _run_one(argv, sample_tree)
    _wait_for_backends(cluster)
    total.server_cpu_s = _server_cpu_s(cluster) - before
    return total


def _run_one(argv, sample_tree):
    if not Path(TIME).exists():
        raise BenchError(f"{TIME} is missing: install GNU time (Debian: apt install time)")
    with tempfile.NamedTemporaryFile("r") as report, tempfile.TemporaryFile("w+") as errors:
        command = [TIME, "-o", report.name, "-f", "%U %S %M", *map(str, argv)]
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=clean_environment())
        tree = _TreePeak(process.pid) if sample_tree else None
        try:
            status = process.wait()
        except BaseException:
            _end(process)
            raise
        wall_s = time.perf_counter() - begin
        errors.seek(0)
        ignored_errors = _check(argv, status, errors.read())
        user, system, peak_kib = report.read().strip().split("\n")[-1].split()
    tree_peak_bytes = tree.stop() if tree else 0
    return Cost(wall_s, float(user) + float(system), 0.0, int(peak_kib) * 1024, tree_peak_bytes, 0, ignored_errors)


def _end(process):
    """Ends what was started and its children: time itself hands no signal on."""
    for pid in _descendants(process.pid):
        try:
            os.kill(pid, 15)
        except ProcessLookupError:
            pass
    process.wait()


def _check(argv, status, errors):
    """The number of errors that pg_restore ignored. It says how many at its end, with status 1."""
    ignored = re.search(r"errors ignored on restore: (\d+)", errors)
    if status == 0:
        return 0
    if status == 1 and ignored:
        return int(ignored[1])
    raise BenchError(f"status {status} of {' '.join(map(str, argv))}\n{errors[-4000:]}")


# The server's side: CPU of the postmaster, of the children it has waited for, and of those that live.


def _cpu_s(pid, *fields):
    text = Path(f"/proc/{pid}/stat").read_text()
    values = text.rsplit(")", 1)[1].split()
    return sum(int(values[field - 3]) for field in fields) / TICKS_PER_S


def _server_cpu_s(cluster):
    if cluster is None:
        return 0.0
    postmaster = cluster.postmaster()
    total = _cpu_s(postmaster, 14, 15, 16, 17)  # utime stime cutime cstime, see proc(5)
    for child in _children(postmaster):
        try:
            total += _cpu_s(child, 14, 15)
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def _wait_for_backends(cluster):
    """Backends end a moment after their clients; only then does the postmaster count them."""
    if cluster is None:
        return
    for _ in range(500):
        if not any(_is_backend(child) for child in _children(cluster.postmaster())):
            return
        time.sleep(0.01)


def _is_backend(pid):
    try:
        title = Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return title.startswith("postgres: postgres ") or "parallel worker" in title


def _children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _descendants(pid):
    """All processes below `pid`. Threads start processes too."""
    found = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return found
    for thread in threads:
        try:
            children = Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            found += [int(child), *_descendants(int(child))]
    return found


class _TreePeak(threading.Thread):
    """Samples the memory of all processes below one. PSS divides what processes share among them, so
    the sum counts every page once; what shows up for less than the interval is missed."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak_bytes, self.ended = pid, 0, threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(SAMPLE_INTERVAL_S):
            now = sum(_pss_bytes(pid) for pid in _descendants(self.pid))
            self.peak_bytes = max(self.peak_bytes, now)

    def stop(self):
        self.ended.set()
        self.join()
        return self.peak_bytes


def _pss_bytes(pid):
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().split("\n"):
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return 0
