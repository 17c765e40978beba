"""The command lines that are compared: pgark, the stock client of version 18, and the shell loop."""

import os
import shutil
from pathlib import Path

from .cluster import HERE, SUPPORT, BenchError, output_of
from .workloads import copies


def find_pgark():
    """$PGARK, or the release build."""
    path = Path(os.environ.get("PGARK") or HERE.parent / "target" / "release" / "pgark")
    if not os.access(path, os.X_OK):
        raise BenchError(f"{path} is missing: cargo build --release, or set PGARK")
    return path


def find_client_18():
    """$PGARK_BENCH_CLIENT, or what the tests fetch."""
    given = os.environ.get("PGARK_BENCH_CLIENT")
    return Path(given or output_of([SUPPORT / "get-postgres-client", "18"]))


def remove(path):
    """Removes an archive, file or folder, outside the timing."""
    path = Path(path)
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def stored_bytes(paths):
    """Bytes of files and of folders' files."""
    total = 0
    for path in map(Path, paths):
        files = path.rglob("*") if path.is_dir() else [path]
        total += sum(file.stat().st_size for file in files if file.is_file())
    return total


class Pgark:
    """pgark, with options of `dump` and `restore` beside its defaults."""

    def __init__(self, cluster, out, jobs, *, name="pgark", dump_options=(), restore_options=()):
        self.cluster, self.jobs, self.name = cluster, jobs, name
        self.dump_options, self.restore_options = list(dump_options), list(restore_options)
        self.program = find_pgark()
        self.out = Path(out)

    def archives(self, workload):
        """What `dump` writes."""
        return [self.out / f"{workload.name}-{self.name.replace(' ', '-').replace(':', '-')}.tar"]

    def dump(self, workload):
        (archive,) = self.archives(workload)
        command = [self.program, "dump", *self.cluster.connection(), *workload.databases, "-j", self.jobs]
        return [[*command, "-f", archive, "--force", "--progress", "none", *self.dump_options]]

    def restore(self, workload):
        (archive,) = self.archives(workload)
        pairs = [f"{old}={new}" for old, new in zip(workload.databases, copies(workload))]
        command = [self.program, "restore", archive, *pairs, *self.cluster.connection(), "--create", "-j", self.jobs]
        return [[*command, "--progress", "none", *self.restore_options]]

    def before_restore(self, workload):
        """Nothing: --create is part of the job."""


class StockClient:
    """pg_dump -Fd -Z zstd:1 and pg_restore of version 18, one database after another."""

    def __init__(self, cluster, out, jobs, *, name="pg_dump 18", analyze=False):
        self.cluster, self.jobs, self.name, self.analyze = cluster, jobs, name, analyze
        self.bin = find_client_18()
        self.out = Path(out)

    def archives(self, workload):
        """What `dump` writes."""
        return [self.out / f"{name}-stock-{self.jobs}" for name in workload.databases]

    def dump(self, workload):
        command = [self.bin / "pg_dump", *self.cluster.connection(), "-Fd", "-Z", "zstd:1", "-j", self.jobs]
        return [[*command, "-f", folder, name] for name, folder in zip(workload.databases, self.archives(workload))]

    def restore(self, workload):
        options = [*self.cluster.connection(), "-j", self.jobs]
        commands = []
        for copy, folder in zip(copies(workload), self.archives(workload)):
            commands.append([self.bin / "pg_restore", *options, "-d", copy, folder])
            if self.analyze:
                commands.append([self.cluster.client / "vacuumdb", *options, "--analyze-only", "-d", copy])
        return commands

    def before_restore(self, workload):
        """Its target databases: made outside the timing, in its favour."""
        for copy in copies(workload):
            self.cluster.psql("postgres", "-c", f"CREATE DATABASE {copy} TEMPLATE template0")


class ShellLoop:
    """What the installation does today: pg_dump -Fc, createdb and pg_restore -j 8 of the installed
    version, one database after another. It restores everything, where the loop in use has -n public:
    both sides then do the same work. Roles are not in it; pgark's archive has them."""

    def __init__(self, cluster, out, *, name="shell loop"):
        self.cluster, self.name = cluster, name
        self.bin = cluster.client
        self.out = Path(out)

    def archives(self, workload):
        """What `dump` writes."""
        return [self.out / f"{name}-loop.dump" for name in workload.databases]

    def dump(self, workload):
        command = [self.bin / "pg_dump", *self.cluster.connection(), "-Fc"]
        return [[*command, "-f", file, name] for name, file in zip(workload.databases, self.archives(workload))]

    def restore(self, workload):
        steps = []
        for copy, file in zip(copies(workload), self.archives(workload)):
            steps.append([self.bin / "createdb", *self.cluster.connection(), "-T", "template0", copy])
            steps.append([self.bin / "pg_restore", *self.cluster.connection(), "-j", "8", "-d", copy, file])
        return steps

    def before_restore(self, workload):
        """Nothing: createdb is part of the loop."""
