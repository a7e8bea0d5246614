"""What the account functions work with, made once for a service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from service.accounts.keys import Keyring
from service.accounts.mail import Mailer
from service.accounts.passwords import Passwords
from service.accounts.tables import AuditRow
from service.accounts.throttle import Throttle
from service.settings import Settings


@dataclass(frozen=True)
class Office:
    """Database, keys, password hashing, throttle and mail."""

    engine: Engine
    keys: Keyring
    passwords: Passwords
    throttle: Throttle
    mailer: Mailer
    base_url: str
    session_time: timedelta
    production: bool

    @classmethod
    def of(cls, settings: Settings, engine: Engine) -> Office:
        """The office of a service with `settings`."""
        return cls(
            engine,
            Keyring(settings.secret.get_secret_value()),
            Passwords(),
            Throttle(settings.throttle_storage),
            Mailer(settings),
            settings.base_url.rstrip("/"),
            timedelta(hours=settings.session_hours),
            settings.production,
        )


NOBODY = ("login", "unknown")
"""The subject of an event about a login that has no account; what was typed is not kept."""


def note(
    session: Session,
    action: str,
    subject: tuple[str, str],
    actor_id: str | None = None,
    **detail: Any,  # noqa: ANN401  (JSON)
) -> None:
    """Write down an event in the caller's transaction; `subject` is a kind and an id."""
    session.add(
        AuditRow(
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            actor_id=actor_id or None,
            detail=detail,
        )
    )
