"""A PostgreSQL server of the tests' own: in a temporary folder, as an unprivileged user, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from tests.server import free_port

_ROLE = "jiebang"
_START_SECONDS = 60
_UNPRIVILEGED = ("postgres", "nobody")
"""Accounts that the server runs as where root runs the tests; it refuses root."""


class Postgres:
    """A running server; every call of `new_database` gives an empty database."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = count(1)

    def new_database(self) -> str:
        """The SQLAlchemy URL of a database that nobody used before."""
        name = f"home{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://{_ROLE}@127.0.0.1:{self._port}/{name}"

    def address(self, database: str) -> str:
        """Where psycopg finds a database."""
        return f"postgresql://{_ROLE}@127.0.0.1:{self._port}/{database}"


@contextmanager
def running() -> Iterator[Postgres]:
    """Start a server, and stop it with everything that it wrote removed."""
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="jiebang-postgres-"))
    try:
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        port = free_port()
        data = folder / "data"
        options = ["-A", "trust", "-U", _ROLE, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        _Process(
            [_program("initdb"), "-D", str(data), *options], account, folder / "initdb.log"
        ).wait_done()
        # fsync guards against a failing machine, which tests do not have
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        server = _Process(
            [_program("postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), *settings],
            account,
            folder / "server.log",
        )
        try:
            found = Postgres(port)
            server.wait_for(found)
            yield found
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Process:
    """A program of PostgreSQL, started as `account`; what it says goes to `log`."""

    def __init__(self, command: list[str], account: pwd.struct_passwd | None, log: Path) -> None:
        self._log = log
        who = (
            {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        )
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, cwd="/", **who
            )

    def wait_done(self) -> None:
        code = self._process.wait(_START_SECONDS)
        assert code == 0, self._log.read_text()

    def wait_for(self, server: Postgres) -> None:
        end = time.monotonic() + _START_SECONDS
        while True:
            assert self._process.poll() is None, self._log.read_text()
            try:
                psycopg.connect(server.address("postgres")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < end, "PostgreSQL did not start"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_START_SECONDS)


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as; None where whoever runs the tests will do."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in _UNPRIVILEGED if name in known)


def _program(name: str) -> str:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = shutil.which(name) or next((str(place) for place in places), None)
    assert found, f"no {name}: `sh tests/prepare.sh` installs PostgreSQL"
    return found
