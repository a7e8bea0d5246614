"""A home of the service that a benchmark fills and runs real commands in."""

from __future__ import annotations

import os
from pathlib import Path

from eval.bench.setup import Setup


def prepare(home: Path, setup: Setup) -> None:
    """Make the folder, with the model of this checkout in it."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "model").exists():
        (home / "model").symlink_to(setup.model_dir.resolve())


def environment(home: Path, setup: Setup) -> dict[str, str]:
    """What a command in `home` gets: nothing of the settings of whoever runs the benchmark."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("JIEBANG_")}
    return {**inherited, "JIEBANG_HOME": str(home), "JIEBANG_MODEL": setup.model}
