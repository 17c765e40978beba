"""What is dumped: the databases of each workload, loaded once and kept.

A workload's size is written into the comment of its database; where that differs, it is loaded anew."""

import os
import subprocess
import sys
import time

from .cluster import HERE, BenchError

MIB = 1 << 20
FIXTURES = ["accounts", "analysis", "filestore", "jobs", "metrics", "results", "results201709"]


class Workload:
    """A name on the command line, the databases behind it, and how much is in them."""

    def __init__(self, name, letter, title, databases, script=None, variable=None, amount=0):
        self.name, self.letter, self.title, self.databases = name, letter, title, databases
        self.script, self.variable, self.amount = script, variable, amount

    def mark(self):
        return f"bench {self.name} {self.amount}"


def all_workloads(scale, fixtures_scale):
    """The workloads by name, at a scale where 1 is the full size."""

    def mib(number):
        return max(1, round(number * scale)) * MIB

    listed = [
        Workload("table", "a", "one table of 1 GiB", ["bench_table"], "table.sql", "bytes", mib(1024)),
        Workload("tables", "b", "2 GiB in 40 tables", ["bench_tables"], "tables.sql", "bytes", mib(2048)),
        Workload("small", "c", "5,000 small tables", ["bench_small"], "small.sql", "tables", max(10, round(5000 * scale))),
        Workload("fixtures", "d", "the seven fixtures", FIXTURES, amount=max(1, round(fixtures_scale * scale))),
        Workload("indexes", "f", "20 indexes on one table of 512 MiB", ["bench_indexes"], "indexes.sql", "bytes", mib(512)),
        Workload("keys", "g", "200 foreign keys", ["bench_keys"], "keys.sql", "rows", max(10, round(100000 * scale))),
        Workload("objects", "h", "100,000 large objects", ["bench_objects"], "objects.sql", "objects", max(10, round(100000 * scale))),
        Workload("table4", "e", "one table of 4 GiB", ["bench_table4"], "table.sql", "bytes", mib(4096)),
    ]
    return {workload.name: workload for workload in listed}


def copies(workload):
    """Names that a workload is restored under, beside the original."""
    return [f"{name}_copy" for name in workload.databases]


def prepare(cluster, workload):
    """Loads a workload unless it is there at this size."""
    marker = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{}'"
    # The fixtures set comments of their own: their mark is a database beside them.
    marked = "bench_fixtures" if workload.script is None else workload.databases[0]
    if cluster.psql("postgres", "-c", marker.format(marked)) == workload.mark():
        return
    print(f"loading {workload.name}: {workload.title}, amount {workload.amount}", file=sys.stderr)
    begin = time.monotonic()
    cluster.drop(marked, *copies(workload), *workload.databases)
    if workload.script is None:
        _load_fixtures(cluster, workload.amount)
        cluster.psql("postgres", "-c", f"CREATE DATABASE {marked}")
    else:
        cluster.psql("postgres", "-c", f"CREATE DATABASE {marked} TEMPLATE template0")
        cluster.psql(marked, "-v", f"{workload.variable}={workload.amount}", "-f", HERE / "sql" / workload.script)
    cluster.psql("postgres", "-c", f"COMMENT ON DATABASE {marked} IS '{workload.mark()}'")
    cluster.settle()
    print(f"loaded {workload.name} in {time.monotonic() - begin:.0f} s", file=sys.stderr)


def _load_fixtures(cluster, scale):
    """The fixtures' own loader, with the installed psql. It wants a server without their roles."""
    roles = "SELECT string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'"
    left_over = cluster.psql("postgres", "-c", roles)
    if left_over:
        cluster.psql("postgres", "-c", f"DROP OWNED BY {left_over} CASCADE", "-c", f"DROP ROLE {left_over}")
    environment = cluster.environment()
    environment["PATH"] = f"{cluster.client}{os.pathsep}{environment['PATH']}"
    loader = HERE.parent / "fixtures" / "load.sh"
    done = subprocess.run([loader, str(scale)], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{loader} failed: {done.stderr.strip()}")
    for name in FIXTURES:
        cluster.psql(name, "-c", "SET statement_timeout = 0", "-c", "VACUUM (FREEZE)")


def size_bytes(cluster, workload):
    """Heap and TOAST of a workload's databases."""
    return sum(int(cluster.psql(name, "-f", HERE / "sql" / "size.sql")) for name in workload.databases)


def contents(cluster, databases):
    """What databases hold, one line each."""
    return [cluster.psql(name, "-f", HERE / "sql" / "contents.sql").split("\n")[-1] for name in databases]


def differences(cluster, workload):
    """What copies hold beside what their originals hold, where that is not the same; empty when all is well."""
    pairs = zip(workload.databases, contents(cluster, workload.databases), contents(cluster, copies(workload)))
    return [f"{name}: original {original}; copy {copy}" for name, original, copy in pairs if original != copy]
