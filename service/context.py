"""What a running service holds: settings, database, encoder and indexer, as one object on the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from corpora import sample
from matcher.centring import centred_encoder
from matcher.encoder import Encoder
from matcher.pipeline import Matcher
from models.backends import open_backend
from service import changes, db
from service.accounts.office import Office
from service.cases.suggestions import Suggestions
from service.errors import JiebangError, NotReadyError
from service.freshness import Freshness
from service.replica import Replica
from service.settings import Settings
from service.vectors import SqlVectors

_WAIT_SECONDS = 2.0


@dataclass(frozen=True)
class Store:
    """A migrated database and the encoder that caches its vectors in it."""

    engine: Engine
    encoder: Encoder


def open_database(settings: Settings) -> Engine:
    """The migrated database."""
    engine = db.make_engine(settings.url)
    db.migrate(engine)
    changes.ensure_head(engine)
    return engine


def open_store(settings: Settings) -> Store:
    """Migrate the database and load the model; raises `models.errors.ModelError` without one."""
    engine = open_database(settings)
    backend = open_backend(settings.model, settings.model_dir)
    vectors = SqlVectors(engine)
    return Store(
        engine, centred_encoder(backend, settings.model_dir, sample.centring_listings, vectors)
    )


@dataclass(frozen=True)
class Context:
    """Made once by `create_app`; handlers reach it through `Ctx`."""

    settings: Settings
    engine: Engine
    encoder: Encoder
    replica: Replica
    office: Office
    freshness: Freshness
    suggestions: Suggestions = field(default_factory=Suggestions)

    def matcher(self, min_seq: int | None = None) -> Matcher:
        """The newest matcher, after change `min_seq` where given.

        Raises NotReadyError, and JiebangError for a change that nobody made.
        """
        if min_seq is not None and min_seq > self.replica.watermark:
            with db.reading(self.engine) as session:
                head = changes.head(session).n
            if min_seq > head:
                msg = f"还没有第 {min_seq} 号变更（最新是 {head} 号）"
                raise JiebangError(msg, cure="min_seq 用发布、修改或导入时返回的 seq")
        if min_seq is not None and not self.replica.wait_for(min_seq, _WAIT_SECONDS):
            msg = f"索引还没有包含第 {min_seq} 号变更（现在到 {self.replica.watermark} 号）"
            raise NotReadyError(msg, cure="稍后重试")
        matcher = self.replica.matcher
        if matcher is None:
            msg = "索引还在打开"
            raise NotReadyError(msg, cure="稍后重试")
        return matcher.aged(self.freshness.factors(self.replica.watermark))


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context)]
