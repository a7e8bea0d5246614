"""Configurations by name or from a TOML file with overrides, so that any two can be compared.

```toml
name = "无反馈"          # optional, the file's name where it is missing
base = "served"          # a system
model = "untuned"        # optional, the base's where it is missing
feedback_weight = 0.0    # any field of MatcherConfig
bm25 = { k1 = 0.9 }      # a table overrides fields of a part
terminology = "synonyms" # a folder with files as in corpora/terminology, seen from this file
```
"""

from __future__ import annotations

import dataclasses
import tomllib
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from corpora.terminology import TerminologyError, load
from eval.errors import EvaluationError
from eval.systems import SYSTEMS, Model, System
from matcher.terminology import Terminology

_Part = TypeVar("_Part")


def named_system(spec: str) -> tuple[str, System]:
    """Name and system of `spec`, a system's name or the path of a TOML file.

    Raises EvaluationError for anything else.
    """
    if spec in SYSTEMS:
        return spec, SYSTEMS[spec]
    path = Path(spec)
    if path.suffix != ".toml" or not path.is_file():
        msg = f"没有系统或 TOML 文件 {spec}；可用的系统：{'、'.join(SYSTEMS)}"
        raise EvaluationError(msg)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} 不是合法的 TOML：{error}"
        raise EvaluationError(msg) from error
    name, base = table.pop("name", path.stem), table.pop("base", "served")
    folder = table.pop("terminology", None)
    if base not in SYSTEMS:
        msg = f"{path}：base 应为系统名（{'、'.join(SYSTEMS)}），不是 {base!r}"
        raise EvaluationError(msg)
    if not isinstance(name, str) or not name or {"/", "\\"} & set(name):
        msg = f"{path}：name 应为不含斜杠的文字"
        raise EvaluationError(msg)
    system = SYSTEMS[base]
    model = _fitted(system.model, table.pop("model", system.model.value), f"{path}：model")
    config = overridden(system.config, table, str(path))
    if folder is not None:
        config = dataclasses.replace(config, terminology=_terminology(path, folder))
    return name, System(config, Model(str(model)))


def _terminology(path: Path, folder: object) -> Terminology:
    """The synonym groups of a folder that the file at `path` names."""
    place = path.parent / str(folder)
    if not isinstance(folder, str) or not any(place.glob("*.toml")):
        msg = f"{path}：terminology 应为含 TOML 文件的文件夹，不是 {folder!r}"
        raise EvaluationError(msg)
    try:
        return Terminology(load(place))
    except (TerminologyError, UnicodeDecodeError) as error:
        msg = f"{place}：{error}"
        raise EvaluationError(msg) from error


def overridden(part: _Part, table: dict[str, Any], where: str) -> _Part:
    """`part` (a dataclass) with the fields of `table` replaced; a table goes into a nested part.

    A number, truth value or enumeration member replaces one of its own type. `where` is named in
    the message of the EvaluationError that anything else raises.
    """
    fields = {f.name for f in dataclasses.fields(part) if f.init}  # type: ignore[arg-type]
    unknown = sorted(set(table) - fields)
    if unknown:
        msg = f"{where}：没有参数 {'、'.join(unknown)}；可用：{'、'.join(sorted(fields))}"
        raise EvaluationError(msg)
    changes = {
        name: _fitted(getattr(part, name), value, f"{where}：{name}")
        for name, value in table.items()
    }
    return dataclasses.replace(part, **changes)  # type: ignore[type-var]


def _fitted(current: object, value: object, where: str) -> object:
    """`value` as the type of `current`."""
    if dataclasses.is_dataclass(current) and isinstance(value, dict):
        return overridden(current, value, where)
    if isinstance(current, Enum):
        try:
            return type(current)(value)
        except ValueError:
            allowed = "、".join(str(member.value) for member in type(current))
            msg = f"{where} 应为 {allowed} 之一，不是 {value!r}"
            raise EvaluationError(msg) from None
    if (
        isinstance(current, float)
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ):
        return float(value)
    if isinstance(current, tuple) and isinstance(value, list):
        return tuple(value)
    if type(value) is type(current):
        return value
    msg = f"{where} 应为 {type(current).__name__}，不是 {value!r}"
    raise EvaluationError(msg)
