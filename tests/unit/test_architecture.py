"""The direction of imports, read from the syntax trees of every module."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("matcher", "corpora", "models", "eval", "service")
ALLOWED = {
    "matcher": {"matcher"},
    "models": {"models"},
    "corpora": {"corpora", "matcher.listing"},
    "eval": {"eval", "matcher", "corpora", "models"},
    "service": {"service", "matcher", "corpora", "models"},
}
LAZY = dict.fromkeys(
    (
        "service/cli/ablation.py",
        "service/cli/confidence.py",
        "service/cli/evaluation.py",
        "service/cli/faithfulness.py",
        "service/cli/fit.py",
        "service/cli/numbers.py",
        "service/cli/quality.py",
        "service/cli/rerankers.py",
        "service/cli/schedules.py",
        "service/cli/training.py",
    ),
    "eval",
)
"""Modules that may import a further package inside a function, for the commands that need it."""
MODULES = sorted(p.relative_to(ROOT) for name in PACKAGES for p in (ROOT / name).rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in names if name.partition(".")[0] in PACKAGES}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_go_one_way(module: Path) -> None:
    package = module.parts[0]
    allowed = set(ALLOWED[package])
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    lazy = LAZY.get(module.as_posix())
    if lazy:
        at_import = imported(
            ast.Module([n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)], [])
        )
        assert not any(name.startswith(f"{lazy}.") for name in at_import)
        allowed.add(lazy)
    wrong = {n for n in imported(tree) if not any(n == a or n.startswith(f"{a}.") for a in allowed)}
    assert not wrong, f"{module} must not import {sorted(wrong)}"
