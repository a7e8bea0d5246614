"""A real server process for tests: started, waited for, stopped or killed by its own process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

START_SECONDS = 60
_DATABASES: dict[Path, str] = {}


def keep_in(home: Path, url: str) -> None:
    """Let the service of `home` keep its records in the database at `url`; SQLite where empty."""
    _DATABASES[home] = url


def database_of(home: Path) -> str:
    """The setting `database_url` of the service of `home`."""
    return _DATABASES.get(home, "")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, **settings: object) -> dict[str, str]:
    """The environment of a command that works in `home`."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("JIEBANG_")}
    chosen = {f"JIEBANG_{name.upper()}": str(value) for name, value in settings.items()}
    place = {"JIEBANG_HOME": str(home), "JIEBANG_DATABASE_URL": database_of(home)}
    return {**inherited, **place, **chosen}


def jiebang(home: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments],
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        check=False,
    )


class Server:
    """`jiebang serve` on a port of its own."""

    def __init__(self, home: Path, port: int | None = None, **settings: object) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = (home / "server.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve", "--port", str(self.port)],
            env=environment(home, **settings),
            stdout=self._log,
            stderr=self._log,
        )

    def wait_ready(self) -> None:
        """Wait until the service says that it is ready; raises RuntimeError when it ended."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/api/health", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        msg = f"the server did not become ready (exit code {self._process.poll()})"
        raise RuntimeError(msg)

    def kill(self) -> None:
        """SIGKILL, as the machine would."""
        self._process.send_signal(signal.SIGKILL)
        self._finish()

    def stop(self) -> None:
        """SIGTERM, and wait for an orderly end."""
        self._process.terminate()
        self._finish()

    def _finish(self) -> None:
        self._process.wait(timeout=60)
        self._log.close()
