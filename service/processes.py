"""Commands of our own as processes that outlive the service, over the same database and home."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from service.settings import Settings


def start(settings: Settings, arguments: list[str], log: Path) -> None:
    """Start `jiebang ARGUMENTS` and return; what it says goes to the end of `log`."""
    place = {
        "JIEBANG_HOME": str(settings.home.resolve()),
        "JIEBANG_DATABASE_URL": settings.database_url,
        "JIEBANG_MODEL": settings.model,
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", *arguments],
            env=os.environ | place,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    # somebody has to take note of its end, or it stays in the table of processes
    name = " ".join(arguments)
    threading.Thread(target=process.wait, name=name, daemon=True).start()
