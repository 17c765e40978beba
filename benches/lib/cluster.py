"""The bench's own PostgreSQL server: one cluster that keeps its data between commands, running only
while a command runs. Not a throwaway server of the tests: those are gone with their data each time."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SUPPORT = HERE.parent / "tests" / "support"

# The same for every contender. fsync is off: what is measured is the work of the programs and of the
# server, not this machine's disk. wal_level stays at its default, as a server with backups has it.
SETTINGS = {
    "fsync": "off",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "maintenance_work_mem": "256MB",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "100",
    "max_locks_per_transaction": "256",
    "timezone": "'UTC'",
    "listen_addresses": "''",
}

# Ends the server when our end of its standard input closes, so also when the bench is killed.
GUARD = 'trap "" INT HUP TERM; "$@" & server=$!; cat >/dev/null; kill -INT "$server"; wait "$server"'


class BenchError(Exception):
    """One sentence for the user."""


def output_of(argv, **options):
    """Standard output of a program that must succeed."""
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise BenchError(f"{argv[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def clean_environment(**more):
    """The environment without anything that would change what a PostgreSQL client does."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PG") or k.startswith("PGARK")}
    return kept | {"LC_ALL": "C", "PGPASSFILE": "/nonexistent"} | more


class Cluster:
    """Use as a context manager: started on entry, stopped on exit."""

    port = "5432"  # alone in its socket folder, and not on the network: no other server can collide

    def __init__(self, work):
        self.work = Path(work)
        self.data = self.work / "cluster"
        self.bin = Path(output_of([SUPPORT / "find-postgres", "server"]))
        self.client = Path(output_of([SUPPORT / "find-postgres", "client"]))
        self.as_user = [str(SUPPORT / "as-server-user")]
        self.sockets = None
        self.guard = None

    def __enter__(self):
        self.work.mkdir(parents=True, exist_ok=True)
        self.work.chmod(0o755)
        self.sockets = Path(tempfile.mkdtemp(prefix="pgark-bench-", dir="/tmp"))
        self._give(self.sockets)
        try:
            if not (self.data / "PG_VERSION").exists():
                self._create()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.guard is not None:
            self.guard.stdin.close()
            self.guard.wait()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def _give(self, folder):
        if os.getuid() == 0:
            shutil.chown(folder, output_of(self.as_user))

    def _create(self):
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self._give(self.data)
        output_of(
            self.as_user + [self.bin / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust"]
            + ["-E", "UTF8", "--locale=C", "--no-sync"], cwd="/")

    def _start(self):
        settings = SETTINGS | {"unix_socket_directories": f"'{self.sockets}'", "port": self.port}
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (self.data / "postgresql.auto.conf").write_text(lines)
        with open(self.work / "server.log", "ab") as log:
            self.guard = subprocess.Popen(
                ["bash", "-c", GUARD, "guard", *self.as_user, self.bin / "postgres", "-D", self.data],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", start_new_session=True,
                env=clean_environment())
        for _ in range(1200):
            if self._answers():
                return
            if self.guard.poll() is not None:
                break
            time.sleep(0.1)
        raise BenchError(f"the server did not start: see {self.work}/server.log")

    def _answers(self):
        ask = [self.client / "psql", *self.connection(), "-X", "-d", "postgres", "-c", "SELECT 1"]
        return subprocess.run(ask, capture_output=True, check=False).returncode == 0

    def connection(self):
        """Options that every PostgreSQL program and pgark take."""
        return ["-h", str(self.sockets), "-p", self.port, "-U", "postgres"]

    def environment(self):
        """The same as variables."""
        return clean_environment(PGHOST=str(self.sockets), PGPORT=self.port, PGUSER="postgres")

    def psql(self, database, *arguments):
        """Runs psql on a database; returns what it printed, bare."""
        base = [self.client / "psql", *self.connection(), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        return output_of([*base, "-d", database, *arguments], env=clean_environment())

    def databases(self):
        """Names of all databases."""
        return self.psql("postgres", "-c", "SELECT datname FROM pg_database").split("\n")

    def drop(self, *databases):
        """Drops databases that may exist."""
        for name in databases:
            self.psql("postgres", "-c", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def settle(self):
        """Before every timed run: nothing of the one before is left to be written."""
        self.psql("postgres", "-c", "CHECKPOINT")
        os.sync()

    def postmaster(self):
        """Process id of the server."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
