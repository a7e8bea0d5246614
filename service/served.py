"""The configuration that the service runs: the shipped one, or with an administrator's weights.

`weights.toml` under the home has the form of `matcher/fit/weights.toml`. `confidence.toml` beside it
was fitted with those weights, since a calibration holds for one set of scoring parameters; with a
file that does not fit them there are no probabilities rather than wrong ones.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from corpora import terminology
from matcher.confidence import Confidence, read
from matcher.config import MatcherConfig
from matcher.fit import FitWeights
from matcher.terminology import Terminology
from service.errors import JiebangError

WEIGHTS_FILE = "weights.toml"
CONFIDENCE_FILE = "confidence.toml"

_Read = TypeVar("_Read")


_NONE = Confidence(model="", scoring="", calibrations={})


def shipped_config() -> MatcherConfig:
    """The parameters that come with the program."""
    return MatcherConfig(terminology=Terminology(terminology.load()))


def served_config(home: Path) -> MatcherConfig:
    """The parameters in force; raises JiebangError for a damaged file under `home`."""
    weights = _own(home / WEIGHTS_FILE, _weights)
    if weights is None:
        return shipped_config()
    found = _own(home / CONFIDENCE_FILE, read) or _NONE
    return replace(shipped_config(), fit_weights=weights, confidence=found)


def _weights(text: str) -> FitWeights:
    return FitWeights.of(tomllib.loads(text)["weights"])


def _own(path: Path, parse: Callable[[str], _Read]) -> _Read | None:
    """What `parse` makes of the file, None without one."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{path} 读不出来：{error}"
        cure = "用 jiebang weights set 重写，或用 jiebang weights reset 恢复默认"
        raise JiebangError(msg, cure=cure) from error
