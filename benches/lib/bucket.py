"""The sub-command `bucket`: archives in a replicated object store, beside a local disk and beside pg_dump and
pg_restore behind rclone."""

import contextlib
import json
import os
import shlex

from . import measure, report, workloads
from .cluster import output_of
from .commands import take_turns
from .contenders import Pgark, find_client_18, remove
from .garage import BUCKET, Garage, find_garage, find_rclone

DUMP_EXPECTED = 1.1
TABLE_EXPECTED = 1.05
TABLE_SLACK_BYTES = 1 << 20
MEMORY_SLACK_BYTES = 32 << 20
# Where an archive goes that is downloaded first.
DOWNLOADED = "downloaded.dump"
# The one table: about this part of the archive.
TABLE_PART = 1 / 50


class PgarkInBucket(Pgark):
    """pgark with an archive in the store."""

    def archives(self, workload):
        return [f"s3://{BUCKET}/{workload.name}.tar"]


class Rclone:
    """pg_dump -Fc -Z zstd:1 and pg_restore of version 18, one database after another, through rclone."""

    def __init__(self, cluster, out, rclone, *, name, download_jobs=None):
        self.cluster, self.out, self.rclone, self.name = cluster, out, rclone, name
        self.download_jobs = download_jobs
        self.bin = find_client_18()

    def archives(self, workload):
        """Their names in the store."""
        return [f"bench:{BUCKET}/{name}.dump" for name in workload.databases]

    def dump(self, workload):
        command = [self.bin / "pg_dump", *self.cluster.connection(), "-Fc", "-Z", "zstd:1"]
        pairs = zip(workload.databases, self.archives(workload))
        return [pipeline([*command, name], [self.rclone, "rcat", archive]) for name, archive in pairs]

    def restore(self, workload):
        command = [self.bin / "pg_restore", *self.cluster.connection()]
        steps = []
        for copy, archive in zip(workloads.copies(workload), self.archives(workload)):
            if self.download_jobs is None:
                steps.append(pipeline([self.rclone, "cat", archive], [*command, "-d", copy]))
            else:
                local = self.out / DOWNLOADED
                steps.append([self.rclone, "copyto", archive, local])
                steps.append([*command, "-j", self.download_jobs, "-d", copy, local])
        return steps

    def before_restore(self, workload):
        """Its target databases, made outside the timing, in its favour; and nothing downloaded is left."""
        remove(self.out / DOWNLOADED)
        for copy in workloads.copies(workload):
            self.cluster.psql("postgres", "-c", f"CREATE DATABASE {copy} TEMPLATE template0")


def pipeline(*commands):
    """Programs with pipes between them, as one command line that fails if one of them does."""
    text = " | ".join(shlex.join(map(str, command)) for command in commands)
    return ["bash", "-o", "pipefail", "-c", text]


class TableOf:
    """The restore of one table out of an archive in the store, into a database that is there."""

    def __init__(self, contender, workload, table, name):
        self.contender, self.table, self.name = contender, table, name
        self.database, (self.copy,) = workload.databases[0], workloads.copies(workload)

    def before_restore(self, _):
        """The target database."""
        self.contender.cluster.psql("postgres", "-c", f"CREATE DATABASE {self.copy} TEMPLATE template0")

    def restore(self, workload):
        contender = self.contender
        connection, (archive,) = contender.cluster.connection(), contender.archives(workload)
        if isinstance(contender, Pgark):
            command = [contender.program, "restore", archive, self.database, *connection, "-d", self.copy, "-t", self.table]
            return [[*command, "--no-analyze", "--no-globals", "--progress", "none", "-j", contender.jobs]]
        stock = [contender.bin / "pg_restore", *connection, "-d", self.copy, "-t", self.table]
        return [pipeline([contender.rclone, "cat", archive], stock)]


def bucket(bench):
    """Dump to and restore from the store; then one table alone."""
    rclone = find_rclone(bench.cluster.work)
    versions = [output_of([find_garage(), "--version"]), output_of([rclone, "version"]).split("\n", 1)[0]]
    print("".join(f"{version}.\n" for version in versions))
    for workload in bench.select(["tables"]):
        size_bytes = workloads.size_bytes(bench.cluster, workload)
        _dumps(bench, workload, rclone, size_bytes)
        with _store(bench):
            everything = _restores(bench, workload, rclone, size_bytes)
            if len(workload.databases) == 1:
                _one_table(bench, workload, rclone, everything)


@contextlib.contextmanager
def _store(bench):
    """An empty store, and its address in the environment of what is run."""
    with Garage(bench.cluster.work) as garage:
        os.environ.update(garage.environment())
        yield


def _dump_into_empty(bench, contender, workload):
    """Garage does not write again what it has already, so each dump gets a store of its own."""
    with _store(bench):
        return bench.dump_once(contender, workload)


def _dumps(bench, workload, rclone, size_bytes):
    remote = PgarkInBucket(bench.cluster, bench.out, bench.jobs, name="pgark to the bucket")
    local = Pgark(bench.cluster, bench.out, bench.jobs, name="pgark to local disk")
    stock = Rclone(bench.cluster, bench.out, rclone, name="pg_dump -Fc, rclone rcat")
    costs = take_turns(bench.runs, {
        remote.name: lambda: _dump_into_empty(bench, remote, workload),
        local.name: lambda: bench.dump_once(local, workload),
        stock.name: lambda: _dump_into_empty(bench, stock, workload),
    })
    bench.discard([local], workload)
    bench.keep(f"bucket {workload.name} dump", costs)
    print(report.comparison(f"dump to a bucket ({workload.letter}), {workload.title}", size_bytes, costs))
    ratios = report.ratios(costs[local.name], costs[remote.name])
    met = report.verdict(report.middle(ratios) <= DUMP_EXPECTED)
    print(f"To the bucket it takes {report.ratio_text(ratios)} times as long as to local disk. Expected at most {DUMP_EXPECTED}: {met}.")
    peaks = [measure.spread(costs[contender.name], "peak_bytes")[1] for contender in (remote, local)]
    met = report.verdict(peaks[0] <= peaks[1] + MEMORY_SLACK_BYTES)
    print(f"Peak memory {report.mib(peaks[0])} and {report.mib(peaks[1])} MiB. Expected the same within "
          f"{report.mib(MEMORY_SLACK_BYTES)} MiB (parts on their way): {met}.\n", flush=True)


def _restores(bench, workload, rclone, size_bytes):
    """Returns the costs by name."""
    plain = ["--no-analyze"]
    remote = PgarkInBucket(bench.cluster, bench.out, bench.jobs, name="pgark from the bucket", restore_options=plain)
    local = Pgark(bench.cluster, bench.out, bench.jobs, name="pgark from local disk", restore_options=plain)
    piped = Rclone(bench.cluster, bench.out, rclone, name="rclone cat, pg_restore")
    download = Rclone(
        bench.cluster, bench.out, rclone, name=f"rclone copyto, pg_restore -j {bench.jobs}", download_jobs=bench.jobs)
    contenders = [remote, local, piped, download]
    for contender in [remote, local, piped]:
        bench.dumped(contender, workload)
    for contender in contenders:
        bench.restore_once(contender, workload, check=True)
    costs = take_turns(bench.runs, {c.name: lambda c=c: bench.restore_once(c, workload) for c in contenders})
    bench.discard([local], workload)
    remove(bench.out / DOWNLOADED)
    bench.keep(f"bucket {workload.name} restore", costs)
    print(report.comparison(f"restore from a bucket ({workload.letter}), {workload.title}", size_bytes, costs), flush=True)
    return costs


def _one_table(bench, workload, rclone, everything):
    """One table out of the archive: its time and bytes beside those of all."""
    remote = PgarkInBucket(bench.cluster, bench.out, bench.jobs)
    (archive,) = remote.archives(workload)
    inspected = json.loads(output_of([remote.program, "inspect", "--json", archive]))
    archive_bytes = inspected["file_bytes"]
    table = min(inspected["tables"], key=lambda table: abs(table["stored_bytes"] - archive_bytes * TABLE_PART))
    contenders = [
        TableOf(remote, workload, table["name"], "pgark: one table"),
        TableOf(Rclone(bench.cluster, bench.out, rclone, name="rclone"), workload, table["name"], "rclone cat, pg_restore: one table"),
    ]
    costs = take_turns(bench.runs, {c.name: lambda c=c: bench.restore_once(c, workload) for c in contenders})
    bench.keep(f"bucket {workload.name} one table", costs)
    reads = _reads(bench, contenders[0], workload)
    names = [contenders[0].name, contenders[1].name, "pgark from the bucket"]
    figures = zip(names, [reads["bytes"], _stored_bytes(contenders[1], workload), archive_bytes], [reads["requests"], "", ""])
    all_costs = everything | costs
    rows = [
        [name, report.seconds(all_costs[name]), f"{read / report.MIB:.2f}", requests, report.mib(measure.spread(all_costs[name], "peak_bytes")[1])]
        for name, read, requests in figures
    ]
    part = archive_bytes / table["stored_bytes"]
    print(f"\n### one table, 1/{part:.0f} of an archive of {report.mib(archive_bytes)} MiB in a bucket\n")
    print(report.table(["program", "wall s (min-max)", "MiB read", "requests", "largest process MiB"], rows))
    allowed = table["stored_bytes"] * TABLE_EXPECTED + TABLE_SLACK_BYTES
    print(f"The table has {table['stored_bytes']} bytes in the archive, {reads['bytes']} were read. Expected at most "
          f"{allowed:.0f} ({TABLE_EXPECTED} times and 1 MiB): {report.verdict(reads['bytes'] <= allowed)}.")
    ratios = report.ratios(costs[contenders[0].name], everything["pgark from the bucket"])
    print(f"All of it takes {report.ratio_text(ratios)} times as long.\n", flush=True)


def _stored_bytes(table_of, workload):
    """The size of pg_dump's archive in the store, all of which has to be read."""
    stock = table_of.contender
    return json.loads(output_of([stock.rclone, "size", "--json", *stock.archives(workload)]))["bytes"]


def _reads(bench, contender, workload):
    """What pgark says it read, in one more run."""
    bench.cluster.drop(*workloads.copies(workload))
    contender.before_restore(workload)
    (command,) = contender.restore(workload)
    reads = json.loads(output_of([*command, "--json"]))["reads"]
    bench.cluster.drop(*workloads.copies(workload))
    return reads
