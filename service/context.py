"""What a running service holds: settings, database, encoder and indexer, as one object on the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from matcher.encoder import Encoder
from matcher.pipeline import Matcher
from service.errors import NotReadyError
from service.replica import Replica
from service.settings import Settings

_WAIT_SECONDS = 2.0


@dataclass(frozen=True)
class Context:
    """Made once by `create_app`; handlers reach it through `Ctx`."""

    settings: Settings
    engine: Engine
    encoder: Encoder
    replica: Replica

    def matcher(self, min_seq: int | None = None) -> Matcher:
        """The newest matcher, after change `min_seq` where given; raises NotReadyError."""
        if min_seq is not None and not self.replica.wait_for(min_seq, _WAIT_SECONDS):
            msg = f"索引还没有包含第 {min_seq} 号变更（现在到 {self.replica.watermark} 号）"
            raise NotReadyError(msg, cure="稍后重试")
        matcher = self.replica.matcher
        if matcher is None:
            msg = "索引还在打开"
            raise NotReadyError(msg, cure="稍后重试")
        return matcher


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context)]
