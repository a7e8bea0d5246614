"""The `jiebang` command and how its errors reach the terminal: one line, exit code 2."""

from __future__ import annotations

import logging
import sys

import typer

from corpora.problems import FileError
from models.errors import ModelError
from service.cli import (
    ablation,
    admin,
    batch,
    checkup,
    confidence,
    data,
    desk,
    evaluation,
    event,
    faithfulness,
    fit,
    indicators,
    lifecycle,
    matching,
    model,
    numbers,
    quality,
    rerankers,
    schedules,
    serving,
)
from service.cli.console import CommandError, errors
from service.errors import JiebangError

app = typer.Typer(
    name="jiebang",
    help="揭榜：技术供需双向匹配。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
data.register(app)
desk.register(app)
matching.register(app)
indicators.register(app)
checkup.register(app)
evaluation.register(app)
numbers.register(app)
faithfulness.register(app)
serving.register(app)
admin.register(app)
lifecycle.register(app)
model.register(app)
quality.register(app)
fit.register(app)
confidence.register(app)
ablation.register(app)
rerankers.register(app)
event.register(app)
batch.register(app)
schedules.register(app)


def main() -> None:
    """Run the command line; every expected fault ends in one line and exit code 2."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except FileError as error:
        _fail(f"{error.problem}。{error.cure}")
    except JiebangError as error:
        _fail(f"{error.detail}。{error.cure}" if error.cure else error.detail)
    except (CommandError, ModelError) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        errors.print("已中断")
        sys.exit(130)


def _fail(message: str) -> None:
    errors.print(
        f"错误：{' '.join(message.split())}", markup=False, highlight=False, soft_wrap=True
    )
    sys.exit(2)
