"""The sub-commands: what is run, in which order, and what is printed. Contenders take turns (A B A B),
after one round that is not counted, and are compared pair by pair."""

import shutil
import sys

from . import measure, report, workloads
from .cluster import BenchError
from .contenders import Pgark, ShellLoop, StockClient, remove, stored_bytes

EXPECTED = {
    ("dump", "table"): 1.2, ("dump", "tables"): 1.0, ("restore", "table"): 1.4, ("restore", "tables"): 1.4,
    ("shell-loop", "fixtures"): 4.0,
}
# What a restore is also expected to be on the workloads that are only restored.
RESTORED_EXPECTED = 1.5
VERIFY_EXPECTED = 0.8
MEMORY_MIB = 64
MEMORY_PER_JOB_MIB = 32
LEVELS = ["none", "zstd:1", "zstd:2", "zstd:3", "zstd:5", "zstd:9"]
CHUNKS = ["1MiB", "4MiB", "8MiB", "16MiB", "32MiB", "64MiB"]


def take_turns(runs, jobs_by_name):
    """Runs each of some functions `runs` times, one after another, after a round that does not count."""
    costs = {name: [] for name in jobs_by_name}
    for number in range(runs + 1):
        for name, job in jobs_by_name.items():
            cost = job()
            print(f"  {number or 'warm-up'} {name}: {cost.wall_s:.2f} s", file=sys.stderr)
            if number > 0:
                costs[name].append(cost)
    return costs


class Bench:
    """What the sub-commands share."""

    def __init__(self, cluster, arguments):
        self.cluster, self.runs, self.jobs = cluster, arguments.runs, arguments.jobs
        self.chosen = arguments.workloads
        self.all = workloads.all_workloads(arguments.scale, arguments.fixtures_scale)
        self.out = cluster.work / "out"
        self.out.mkdir(exist_ok=True)
        self.raw = {}

    def select(self, defaults):
        """The workloads of this sub-command, or those that were asked for; loaded."""
        names = self.chosen or defaults
        for name in names:
            workloads.prepare(self.cluster, self.all[name])
        return [self.all[name] for name in names]

    def keep(self, key, costs_by_name):
        """Remembers every single run for the JSON file."""
        self.raw[key] = {name: [cost.as_dict() for cost in costs] for name, costs in costs_by_name.items()}

    # One timed run each; what comes before the call of measure.run is not in the time.

    def dump_once(self, contender, workload, **options):
        for archive in contender.archives(workload):
            remove(archive)
        self.cluster.settle()
        cost = measure.run(contender.dump(workload), self.cluster, **options)
        cost.stored_bytes = stored_bytes(contender.archives(workload))
        return cost

    def restore_once(self, contender, workload, *, check=False, **options):
        self.cluster.drop(*workloads.copies(workload))
        contender.before_restore(workload)
        self.cluster.settle()
        cost = measure.run(contender.restore(workload), self.cluster, **options)
        if check:
            self.check(contender, workload)
        self.cluster.drop(*workloads.copies(workload))
        return cost

    def check(self, contender, workload):
        """A restore that left things out is no contender. The fixtures are too much for a stock parallel
        pg_restore, which reports errors and goes on: what is missing then is said."""
        for difference in workloads.differences(self.cluster, workload):
            if isinstance(contender, Pgark):
                raise BenchError(f"{contender.name} restored something else: {difference}")
            print(f"{contender.name} restored something else: {difference}\n")

    def dumped(self, contender, workload):
        """Makes a contender's archives for what reads them."""
        self.dump_once(contender, workload)
        return contender

    def discard(self, contenders, workload):
        """Removes archives."""
        for contender in contenders:
            for archive in contender.archives(workload):
                remove(archive)


def prepare(bench):
    """Loads all workloads but the 4 GiB one, which `memory` loads."""
    for workload in bench.select(["table", "tables", "small", "fixtures"]):
        size_bytes = workloads.size_bytes(bench.cluster, workload)
        print(f"{workload.name} ({workload.letter}): {workload.title}: {size_bytes / report.MIB:.0f} MiB")


def dump(bench):
    """pgark beside pg_dump 18."""
    for workload in bench.select(["table", "tables", "small", "fixtures"]):
        contenders = [Pgark(bench.cluster, bench.out, bench.jobs), StockClient(bench.cluster, bench.out, bench.jobs)]
        costs = take_turns(bench.runs, {c.name: lambda c=c: bench.dump_once(c, workload) for c in contenders})
        bench.discard(contenders, workload)
        bench.keep(f"dump {workload.name}", costs)
        size_bytes = workloads.size_bytes(bench.cluster, workload)
        expected = EXPECTED.get(("dump", workload.name))
        print(report.comparison(f"dump ({workload.letter}), {workload.title}", size_bytes, costs, expected), flush=True)


RESTORED = ["table", "tables", "small", "fixtures", "indexes", "keys", "objects"]


def restore(bench):
    """pgark beside pg_restore 18, each from its own archive, without statistics as pg_restore leaves a database."""
    for workload in bench.select(RESTORED):
        _restore_pair(bench, workload, "", ["--no-analyze"])


def restore_analyze(bench):
    """The same as a user wants it, with statistics: by default, and by pg_restore with vacuumdb after it."""
    for workload in bench.select(RESTORED):
        _restore_pair(bench, workload, ", with statistics", [])


def _restore_pair(bench, workload, title, options):
    analyze = not options
    contenders = [
        Pgark(bench.cluster, bench.out, bench.jobs, restore_options=options),
        StockClient(
            bench.cluster, bench.out, bench.jobs, analyze=analyze,
            name="pg_restore 18, vacuumdb" if analyze else "pg_restore 18",
        ),
    ]
    for contender in contenders:
        bench.dumped(contender, workload)
        bench.restore_once(contender, workload, check=True)
    costs = take_turns(bench.runs, {c.name: lambda c=c: bench.restore_once(c, workload) for c in contenders})
    bench.discard(contenders, workload)
    bench.keep(f"restore {workload.name}{title}", costs)
    size_bytes = workloads.size_bytes(bench.cluster, workload)
    expected = None if analyze else EXPECTED.get(("restore", workload.name), RESTORED_EXPECTED)
    print(report.comparison(f"restore ({workload.letter}), {workload.title}{title}", size_bytes, costs, expected), flush=True)


def shell_loop(bench):
    """The whole job, dump and restore, beside the loop that it replaces."""
    for workload in bench.select(["fixtures"]):
        # -j as in the job that the README shows.
        pairs = [
            (Pgark(bench.cluster, bench.out, 4), Pgark(bench.cluster, bench.out, 8, restore_options=["--no-analyze"])),
            (ShellLoop(bench.cluster, bench.out), ShellLoop(bench.cluster, bench.out)),
        ]
        for dumper, restorer in pairs:
            bench.dumped(dumper, workload)
            bench.restore_once(restorer, workload, check=True)
        parts = {}

        def whole_job(dumper, restorer):
            first = bench.dump_once(dumper, workload)
            second = bench.restore_once(restorer, workload)
            parts.setdefault(f"{dumper.name}: dump", []).append(first)
            parts.setdefault(f"{dumper.name}: restore", []).append(second)
            return first + second

        costs = take_turns(bench.runs, {d.name: lambda d=d, r=r: whole_job(d, r) for d, r in pairs})
        bench.discard([dumper for dumper, _ in pairs], workload)
        parts = {name: values[1:] for name, values in parts.items()}  # without the warm-up
        bench.keep(f"shell-loop {workload.name}", costs | parts)
        size_bytes = workloads.size_bytes(bench.cluster, workload)
        expected = EXPECTED.get(("shell-loop", workload.name))
        print(report.comparison(f"shell loop ({workload.letter}), {workload.title}", size_bytes, costs, expected))
        rows = [report.costs_row(name, values, size_bytes) for name, values in parts.items()]
        print(report.table(report.COSTS, rows), flush=True)


def verify(bench):
    """The rate of verify beside sha256sum's, on one core; and its other two depths."""
    for workload in bench.select(["tables"]):
        pgark = bench.dumped(Pgark(bench.cluster, bench.out, bench.jobs), workload)
        (archive,) = pgark.archives(workload)
        bytes_stored = stored_bytes([archive])
        command = [pgark.program, "verify", archive, "--progress", "none", "-j"]
        programs = {
            "verify -j 1": [*command, 1],
            "sha256sum": ["sha256sum", archive],
            "openssl sha256": ["openssl", "dgst", "-sha256", archive],
            f"verify -j {bench.jobs}": [*command, bench.jobs],
            "verify --deep -j 1": [*command, 1, "--deep"],
            f"verify --deep -j {bench.jobs}": [*command, bench.jobs, "--deep"],
            "verify --quick": [*command, 1, "--quick"],
        }
        there = {name: argv for name, argv in programs.items() if shutil.which(argv[0])}
        costs = take_turns(bench.runs, {name: lambda argv=argv: measure.run([argv]) for name, argv in there.items()})
        bench.discard([pgark], workload)
        bench.keep(f"verify {workload.name}", costs)
        print(f"\n### verify ({workload.letter}), {workload.title}: an archive of {report.mib(bytes_stored)} MiB, in the page cache\n")
        rows = [
            [name, report.seconds(values), f"{bytes_stored / report.MIB / measure.median(values, 'wall_s'):.0f}",
             f"{measure.median(values, 'client_cpu_s'):.2f}", report.mib(measure.spread(values, 'peak_bytes')[1])]
            for name, values in costs.items()
        ]
        print(report.table(["program", "wall s (min-max)", "MiB/s", "CPU s", "peak MiB"], rows))
        for peer in sorted(costs.keys() & {"sha256sum", "openssl sha256"}):
            values = report.ratios(costs["verify -j 1"], costs[peer])
            met = report.verdict(report.middle(values) >= VERIFY_EXPECTED)
            print(f"verify -j 1 has {report.ratio_text(values)} times the rate of {peer}, pair by pair.", end=" ")
            print(f"Expected at least {VERIFY_EXPECTED}: {met}.\n", flush=True)


def levels(bench):
    """Dump at compression levels: the table that decides the default."""
    for workload in bench.select(["table", "tables"]):
        contenders = [
            Pgark(bench.cluster, bench.out, bench.jobs, name=level, dump_options=["-Z", level]) for level in LEVELS
        ]
        _variants(bench, "levels", "compression", workload, contenders, with_restore=False)


def chunks(bench):
    """Dump and restore at chunk sizes: the table that decides the default."""
    for workload in bench.select(["table", "tables"]):
        contenders = [
            Pgark(bench.cluster, bench.out, bench.jobs, name=size, dump_options=["--chunk-size", size]) for size in CHUNKS
        ]
        _variants(bench, "chunks", "chunk size", workload, contenders, with_restore=True)


def _variants(bench, key, what, workload, contenders, *, with_restore):
    size_bytes = workloads.size_bytes(bench.cluster, workload)
    dumps = take_turns(bench.runs, {c.name: lambda c=c: bench.dump_once(c, workload) for c in contenders})
    bench.keep(f"{key} {workload.name} dump", dumps)
    header = [what, "dump s (min-max)", "client CPU s", "server CPU s", "dump peak MiB", "stored MiB", "ratio"]
    rows = []
    for contender in contenders:
        costs = dumps[contender.name]
        stored = measure.median(costs, "stored_bytes")
        rows.append([
            contender.name, report.seconds(costs), f"{measure.median(costs, 'client_cpu_s'):.2f}",
            f"{measure.median(costs, 'server_cpu_s'):.2f}", report.mib(measure.spread(costs, "peak_bytes")[1]),
            report.mib(stored), f"{size_bytes / stored:.2f}",
        ])
    if with_restore:
        restores = take_turns(bench.runs, {c.name: lambda c=c: bench.restore_once(c, workload) for c in contenders})
        bench.keep(f"{key} {workload.name} restore", restores)
        header += ["restore s (min-max)", "restore server CPU s", "restore peak MiB"]
        for row in rows:
            costs = restores[row[0]]
            row += [
                report.seconds(costs), f"{measure.median(costs, 'server_cpu_s'):.2f}",
                report.mib(measure.spread(costs, "peak_bytes")[1]),
            ]
    bench.discard(contenders, workload)
    print(f"\n### {key} ({workload.letter}), {workload.title}, -j {bench.jobs}\n")
    print(report.table(header, rows), flush=True)


def memory(bench):
    """Peak memory of dump, restore and verify for 1 GiB and 4 GiB, by jobs. One run each: memory does
    not scatter as time does; --runs says otherwise."""
    for workload in bench.select(["table", "table4"]):
        rows = []
        for jobs in (1, 2, 4, 8):
            contenders = [Pgark(bench.cluster, bench.out, jobs), StockClient(bench.cluster, bench.out, jobs)]
            for contender in contenders:
                for name, costs in _memory_of(bench, contender, workload).items():
                    bench.keep(f"memory {workload.name} {contender.name} -j {jobs} {name}", {name: costs})
                    peak_bytes = measure.spread(costs, "peak_bytes")[1]
                    tree_peak_bytes = measure.spread(costs, "tree_peak_bytes")[1]
                    row = [f"{contender.name} {name} -j {jobs}", report.mib(peak_bytes), report.mib(tree_peak_bytes), "", ""]
                    if isinstance(contender, Pgark):
                        bound_mib = MEMORY_MIB + jobs * MEMORY_PER_JOB_MIB
                        kept = max(peak_bytes, tree_peak_bytes) <= bound_mib * report.MIB
                        row[3:] = [bound_mib, report.verdict(kept)]
                    rows.append(row)
            bench.discard(contenders, workload)
        print(f"\n### memory ({workload.letter}), {workload.title}\n")
        print(report.table(["job", "largest process MiB", "all processes MiB", "bound MiB", "bound is"], rows), flush=True)


def _memory_of(bench, contender, workload):
    costs = {
        "dump": [bench.dump_once(contender, workload, sample_tree=True) for _ in range(bench.runs)],
        "restore": [bench.restore_once(contender, workload, sample_tree=True) for _ in range(bench.runs)],
    }
    if isinstance(contender, Pgark):
        (archive,) = contender.archives(workload)
        command = [contender.program, "verify", archive, "--deep", "-j", contender.jobs, "--progress", "none"]
        costs["verify --deep"] = [measure.run([command], sample_tree=True) for _ in range(bench.runs)]
    return costs
