"""Markdown out of costs. Nothing is measured here."""

import datetime
import os
import platform
import statistics
from pathlib import Path

from .cluster import SETTINGS, output_of
from .measure import median, spread

GIB = 1 << 30
MIB = 1 << 20


def table(header, rows):
    """A Markdown table; the first column is text, the rest numbers."""
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def ratios(faster, slower):
    """How many times as fast, pair by pair."""
    return [b.wall_s / a.wall_s for a, b in zip(faster, slower)]


def middle(values):
    return statistics.median(values)


def verdict(met):
    return "met" if met else "NOT met"


def ratio_text(values):
    return f"{middle(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def seconds(costs, field="wall_s"):
    low, high = spread(costs, field)
    return f"{median(costs, field):.2f} ({low:.2f}-{high:.2f})"


def mib(number):
    return f"{number / MIB:.0f}"


COSTS = ["program", "wall s (min-max)", "client CPU s", "per GiB", "server CPU s", "largest process MiB", "stored MiB"]


def costs_row(name, costs, raw_bytes):
    """One contender's row under COSTS."""
    client = median(costs, "client_cpu_s")
    stored = median(costs, "stored_bytes")
    return [
        name, seconds(costs), f"{client:.2f}", f"{client * GIB / raw_bytes:.2f}", f"{median(costs, 'server_cpu_s'):.2f}",
        mib(spread(costs, "peak_bytes")[1]), mib(stored) if stored else "",
    ]


def comparison(title, raw_bytes, costs_by_name, expected=None):
    """The first contender beside the others, with ratios pair by pair."""
    names = list(costs_by_name)
    text = f"\n### {title} ({raw_bytes / MIB:.0f} MiB of tables)\n\n"
    text += table(COSTS, [costs_row(name, costs_by_name[name], raw_bytes) for name in names])
    for name in names:
        ignored = spread(costs_by_name[name], "ignored_errors")[1]
        if ignored:
            text += f"\n{name} went on after {ignored} errors."
    for other in names[1:]:
        values = ratios(costs_by_name[names[0]], costs_by_name[other])
        text += f"\n{names[0]} is {ratio_text(values)} times as fast as {other}, pair by pair."
        if expected is not None:
            text += f" Expected at least {expected}: {verdict(middle(values) >= expected)}."
        cpu = median(costs_by_name[names[0]], "client_cpu_s") / median(costs_by_name[other], "client_cpu_s")
        text += f"\nIts client CPU is {cpu:.2f} of that of {other}."
    return text + "\n"


def machine(cluster, programs):
    """Where and with what it was measured."""
    cpu = "unknown"
    for line in Path("/proc/cpuinfo").read_text().split("\n"):
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GIB
    settings = ", ".join(f"{name}={value}" for name, value in SETTINGS.items() if name != "listen_addresses")
    lines = [
        f"{datetime.date.today()}, {os.cpu_count()} cores of {cpu}, {memory_gib:.0f} GiB, {platform.system()} {platform.release()}.",
        f"Load average at the start: {os.getloadavg()[0]:.2f}.",
        f"Server {cluster.psql('postgres', '-c', 'SHOW server_version')}: {settings}.",
        *(f"{name}: {output_of([program, '--version'])}." for name, program in programs.items()),
    ]
    return "\n".join(lines) + "\n"
