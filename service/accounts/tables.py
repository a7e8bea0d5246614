"""SQL tables of accounts. Secrets are stored as hashes only; `audit` is never changed."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from service.tables import moment, now


class State(StrEnum):
    """Of users and organisations: only approved ones are let in."""

    PENDING = "pending"
    APPROVED = "approved"
    BLOCKED = "blocked"

    @property
    def label_zh(self) -> str:
        """The Chinese name."""
        return {"pending": "待审批", "approved": "已通过", "blocked": "已停用"}[self.value]


class Purpose(StrEnum):
    """What a token of mail is good for."""

    INVITATION = "invitation"
    RESET = "reset"


def new_key(letter: str) -> str:
    """A fresh primary key: a letter for the table and 32 hexadecimal digits."""
    return f"{letter}{uuid.uuid4().hex}"


class OrganisationRow(SQLModel, table=True):
    """A legal person; `uscc` is its 统一社会信用代码 in normal form."""

    __tablename__ = "organisation"

    id: str = Field(default_factory=lambda: new_key("O"), primary_key=True)
    name: str
    uscc: str = Field(unique=True)
    org_type: str
    region_code: str
    state: str = State.PENDING.value
    demo: bool = False
    created_at: datetime = Field(default_factory=now, sa_column=moment())


class UserRow(SQLModel, table=True):
    """A person who signs in; `login` is a mail address in lower case."""

    __tablename__ = "user"

    id: str = Field(default_factory=lambda: new_key("U"), primary_key=True)
    login: str = Field(unique=True)
    name: str
    password_hash: str
    role: str
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    state: str = State.PENDING.value
    demo: bool = False
    """A demo account: its password is public, and a production service refuses it."""
    created_at: datetime = Field(default_factory=now, sa_column=moment())


class SessionRow(SQLModel, table=True):
    """A browser that is signed in; `digest` is the keyed hash of its cookie."""

    __tablename__ = "session"

    digest: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    expires_at: datetime = Field(sa_column=moment())


class ApiTokenRow(SQLModel, table=True):
    """A token of a program; `scopes` are separated by spaces."""

    __tablename__ = "api_token"

    id: str = Field(default_factory=lambda: new_key("T"), primary_key=True)
    digest: str = Field(unique=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    name: str
    scopes: str
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    expires_at: datetime = Field(sa_column=moment())
    revoked_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class MailTokenRow(SQLModel, table=True):
    """A token that was sent by mail and works once: an invitation, or the reset of a password."""

    __tablename__ = "mail_token"

    digest: str = Field(primary_key=True)
    purpose: str
    login: str = Field(index=True)
    """Whom it was sent to."""
    role: str | None = None
    """The role that an invitation gives."""
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    expires_at: datetime = Field(sa_column=moment())
    used_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class AuditRow(SQLModel, table=True):
    """What happened to accounts, in order; triggers refuse every change and deletion."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject_kind", "subject_id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, sa_column=moment())
    actor_id: str | None = None
    """The user who did it; None for the command line and for people who are not signed in."""
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
