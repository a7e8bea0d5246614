"""How far records that nobody confirmed for long fall in rank."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import col, select

from matcher.listing import Kind
from service.db import reading
from service.settings import Settings
from service.tables import ListingRow, now

Factors = Mapping[Kind, Mapping[str, float]]


class Freshness:
    """Factors of stale records, worked out once for each change and day.

    A record counts in full for `fresh_days` after it was last confirmed; then its score halves every
    `half_life_days`. One that states no such day is never stale.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._grace = timedelta(days=settings.fresh_days)
        self._half_life = timedelta(days=settings.half_life_days)
        self._lock = threading.Lock()
        self._key: tuple[int, date] | None = None
        self._factors: Factors = {}

    def factors(self, watermark: int) -> Factors:
        """By kind and id, as of the change `watermark`; records that count in full are left out."""
        moment = now()
        key = (watermark, moment.date())
        with self._lock:
            if key != self._key:
                self._factors, self._key = self._read(moment), key
            return self._factors

    def _read(self, moment: datetime) -> Factors:
        found: dict[Kind, dict[str, float]] = {}
        with reading(self._engine) as session:
            rows = session.exec(
                select(ListingRow.kind, ListingRow.id, ListingRow.confirmed_at).where(
                    ListingRow.status == "published",
                    col(ListingRow.confirmed_at) < moment - self._grace,
                )
            ).all()
        for kind, id_, confirmed in rows:
            if confirmed is not None:
                late = moment.date() - confirmed.date() - self._grace
                found.setdefault(Kind(kind), {})[id_] = 0.5 ** (late / self._half_life)
        return found
