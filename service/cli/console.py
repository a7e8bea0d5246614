"""What the commands share: consoles, settings, progress bars, output files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corpora import sample
from matcher.centring import centred_encoder
from matcher.encoder import Encoder
from matcher.encoder import Progress as Report
from models.backends import open_backend
from service.settings import Settings

console = Console()
errors = Console(stderr=True)


class Split(StrEnum):
    """Parts of the labelled sets that parsing and comparison are scored on."""

    DEV = "dev"
    TEST = "test"


class CommandError(Exception):
    """A fault of the call; the message says what, where and how to mend it."""


def settings() -> Settings:
    """Settings from the environment; raises CommandError for a value that does not fit."""
    try:
        return Settings()
    except ValidationError as error:
        faults = error.errors(include_input=False)
        names = "、".join(f"JIEBANG_{str(e['loc'][0]).upper()}" for e in faults if e["loc"])
        told = "；".join(str(e["ctx"]["error"]) for e in faults if not e["loc"])
        msg = f"环境变量的值不合法：{names or told}"
        raise CommandError(msg) from error


def file_encoder(chosen: Settings) -> Encoder:
    """The encoder for work on files, without a database."""
    backend = open_backend(chosen.model, chosen.model_dir)
    return centred_encoder(backend, chosen.model_dir, sample.centring_listings)


@contextmanager
def progress(what: str) -> Iterator[Report]:
    """A progress bar on the error stream, so that output can be piped."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
    )
    with bar:
        task = bar.add_task(what, total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report


def write_bytes(path: Path, content: bytes) -> None:
    """Write a result; raises CommandError where the place cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        msg = f"无法写入 {path}：{error.strerror}；请换一个可写的路径"
        raise CommandError(msg) from error


def require_file(path: Path) -> Path:
    """`path` where it is a readable file; raises CommandError."""
    if not path.is_file():
        msg = f"找不到文件 {path}；请检查路径"
        raise CommandError(msg)
    return path
