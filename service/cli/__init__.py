"""The `jiebang` command: one module per group of commands, all of them thin."""

from __future__ import annotations

from service.cli.root import main

__all__ = ["main"]
