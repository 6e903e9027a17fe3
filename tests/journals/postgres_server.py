"""A PostgreSQL server of the tests' own, on a socket in a folder of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from tests.programs import missing

DEBIAN = Path("/usr/lib/postgresql")
OPTIONS = ("-c", "listen_addresses=", "-c", "max_connections=60")


def programs() -> Path:
    """The folder of initdb and postgres. Skips the test, or fails it where MOCKAXLE_REQUIRE says so."""
    folders = [path.parent for path in sorted(DEBIAN.glob("*/bin/postgres"), reverse=True)]
    config = shutil.which("pg_config")
    if config is not None:
        said = subprocess.run((config, "--bindir"), capture_output=True, text=True, check=True).stdout.strip()
        folders.append(Path(said))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    missing("PostgreSQL (initdb and postgres)", "postgresql")
    raise AssertionError("missing() has skipped or failed the test")


class PostgresServer:
    """It can be killed, frozen and started again. Each test has a schema of its own in its database."""

    def __init__(self) -> None:
        self._programs = programs()
        self._schemas = count(1)
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._data = self.folder / "data"
        if os.getuid() == 0:  # PostgreSQL does not run as root
            shutil.chown(self.folder, "postgres", "postgres")
        self._make()

    def _make(self) -> None:
        self._run("initdb", "-D", self._data, "-U", "mock", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        self.query("CREATE DATABASE mock", database="postgres")

    def _run(self, program: str, *options: object) -> None:
        subprocess.run(self._line(program, *options), check=True, capture_output=True, cwd=self.folder)

    def _line(self, program: str, *options: object) -> Sequence[str]:
        own = (str(self._programs / program), *map(str, options))
        user = ("setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups")
        return (*user, *own) if os.getuid() == 0 else own

    def start(self) -> None:
        line = self._line("postgres", "-D", self._data, "-k", self.folder, *OPTIONS)
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(line, stdout=log, stderr=log, cwd=self.folder, start_new_session=True)
        ready = ("-h", str(self.folder), "-U", "mock", "-d", "postgres", "-t", "1")
        while subprocess.run((self._programs / "pg_isready", *ready), capture_output=True, check=False).returncode:
            assert self._process.poll() is None, (self.folder / "log").read_text()

    def kill(self) -> None:
        """Kill all its processes at once, as a power cut might."""
        pids = self.pids()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self._process.wait()
        while any(_is_alive(pid) for pid in pids):
            os.sched_yield()

    def freeze(self) -> None:
        for pid in self.pids():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self.pids():
            os.kill(pid, signal.SIGCONT)

    def pids(self) -> list[int]:
        """The process, and those that it started."""
        children = (pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))))
        return [self._process.pid, *(pid for pid in children if _status(pid)[1] == str(self._process.pid))]

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
        shutil.rmtree(self.folder)

    def url(self) -> str:
        """The URL of a schema that nobody has used."""
        schema = f"s{next(self._schemas)}"
        self.query(f"CREATE SCHEMA {schema}")
        return f"postgresql://mock@/mock?host={self.folder}&search_path={schema}"

    def query(self, text: str, *, database: str = "mock", schema: str = "public") -> str:
        line = (self._programs / "psql", "-h", self.folder, "-U", "mock", "-d", database, "-X", "-At", "-c", text)
        around = {**os.environ, "PGOPTIONS": f"-c search_path={schema}"}
        done = subprocess.run(line, capture_output=True, text=True, check=False, env=around)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


class StandbyServer(PostgresServer):
    """A standby of another server, which waits for it with each commit if it is `synchronous`."""

    def __init__(self, primary: PostgresServer, *, synchronous: bool) -> None:
        self._primary = primary
        super().__init__()
        if synchronous:
            primary.query("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'")
            primary.query("SELECT pg_reload_conf()")
            waiting = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'"
            while primary.query(waiting) != "1":
                assert self._process.poll() is None, (self.folder / "log").read_text()

    def _make(self) -> None:
        source = ("-h", self._primary.folder, "-U", "mock")
        self._run("pg_basebackup", *source, "-D", self._data, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync")
        self.start()

    def promote(self) -> None:
        assert self.query("SELECT pg_promote()") == "t"

    def url_of_both(self) -> str:
        """The URL of a schema, on whichever of both servers takes changes."""
        where, _, schema = self._primary.url().partition("&")
        return f"{where},{self.folder}&target_session_attrs=read-write&{schema}"


def schema_of(url: str) -> str:
    return url.rpartition("search_path=")[2]


def _is_alive(pid: int) -> bool:
    return _status(pid)[0] not in ("", "Z")


def _status(pid: int) -> tuple[str, str]:
    """The letter of a process's state, and its parent; empty if it is gone."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "", ""
    return state, parent
