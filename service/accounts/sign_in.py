"""Getting in and out: sessions of browsers, tokens of programs, and who stands behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from service.access import Principal, Role, Scope
from service.accounts.office import NOBODY, Office, note
from service.accounts.tables import (
    ApiTokenRow,
    OrganisationRow,
    SessionRow,
    State,
    UserRow,
)
from service.db import reading, writing
from service.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from service.rules import scopes_of
from service.tables import now

SIGN_IN_TOKEN = "登录"
"""Name of a token that a program got for a password."""


@dataclass(frozen=True)
class Granted:
    """A credential as it is told once, and when it ends."""

    secret: str
    expires_at: datetime


def authenticate(office: Office, login: str, password: str, address: str) -> UserRow:
    """The user of a login and password, who may be let in.

    Raises TooManyError; UnauthenticatedError, the same for an unknown login as for a wrong
    password; ForbiddenError for an account that is not approved.
    """
    login = login.strip().lower()
    office.throttle.attempt(login, address)
    with reading(office.engine) as session:
        user = session.exec(select(UserRow).where(UserRow.login == login)).first()
        organisation = _organisation(session, user) if user else None
    if not office.passwords.verify(password, user.password_hash if user else None) or user is None:
        office.throttle.failed(login, address)
        # written down for unknown logins as well: the time must not tell them from known ones
        with writing(office.engine) as session:
            note(session, "sign-in-failed", ("user", user.id) if user else NOBODY)
        raise UnauthenticatedError("邮箱或密码不对", cure="核对后重试，或用“忘记密码”重设")
    office.throttle.succeeded(login, address)
    _require_admitted(office, user, organisation)
    return user


def _require_admitted(office: Office, user: UserRow, organisation: OrganisationRow | None) -> None:
    if office.production and (user.demo or (organisation is not None and organisation.demo)):
        raise _held("demo-refused", "正式运行时不接受演示账号", "请用自己的账号")
    states = {user.state} | ({organisation.state} if organisation else set())
    if State.BLOCKED in states:
        raise _held("account-blocked", "这个账号已停用", "请联系平台管理员")
    if State.PENDING in states:
        raise _held("account-pending", "账号还在等待管理员审批", "审批通过后会发邮件通知")


def _held(code: str, detail: str, cure: str) -> ForbiddenError:
    error = ForbiddenError(detail, cure)
    error.code = code
    return error


def open_session(office: Office, user: UserRow, old: str = "") -> Granted:
    """A new session; the one of the cookie `old` ends, and so do those that are over."""
    token, digest = office.keys.fresh("jbs")
    expires = now() + office.session_time
    with writing(office.engine) as session:
        session.execute(
            delete(SessionRow).where(
                (col(SessionRow.digest) == office.keys.digest(old))
                | ((col(SessionRow.user_id) == user.id) & (col(SessionRow.expires_at) < now()))
            )
        )
        session.add(SessionRow(digest=digest, user_id=user.id, expires_at=expires))
        note(session, "sign-in", ("user", user.id), user.id)
    return Granted(token, expires)


def open_token(office: Office, user: UserRow) -> Granted:
    """A token with every scope of the user's role, for as long as a session."""
    token, row = _token(office, user.id, SIGN_IN_TOKEN, scopes_of(Role(user.role)))
    row.expires_at = now() + office.session_time
    with writing(office.engine) as session:
        session.add(row)
        note(session, "sign-in", ("user", user.id), user.id)
    return Granted(token, row.expires_at)


def create_token(
    office: Office, principal: Principal, name: str, scopes: list[Scope], days: int
) -> tuple[str, ApiTokenRow]:
    """A token of one's own; raises ForbiddenError for a scope that one does not have oneself."""
    role = principal.role
    allowed = principal.scopes & set(scopes_of(role)) if role else frozenset[Scope]()
    missing = [scope.value for scope in scopes if scope not in allowed]
    if missing:
        msg = f"不能给出自己没有的权限范围：{'、'.join(missing)}"
        raise ForbiddenError(msg, cure="只选自己有的权限范围", missing={"scope": missing})
    token, row = _token(office, principal.user_id, name, scopes)
    row.expires_at = now() + timedelta(days=days)
    with writing(office.engine) as session:
        session.add(row)
        note(session, "token-created", ("token", row.id), principal.user_id, scopes=row.scopes)
    return token, row


def _token(office: Office, user_id: str, name: str, scopes: list[Scope]) -> tuple[str, ApiTokenRow]:
    token, digest = office.keys.fresh("jbt")
    ordered = " ".join(scope.value for scope in Scope if scope in scopes)
    row = ApiTokenRow(digest=digest, user_id=user_id, name=name, scopes=ordered, expires_at=now())
    return token, row


def tokens_of(office: Office, user_id: str) -> list[ApiTokenRow]:
    """The tokens of a user that still work, newest first."""
    with reading(office.engine) as session:
        rows = session.exec(
            select(ApiTokenRow)
            .where(ApiTokenRow.user_id == user_id, col(ApiTokenRow.revoked_at).is_(None))
            .order_by(col(ApiTokenRow.created_at).desc(), col(ApiTokenRow.id))
        ).all()
    return [row for row in rows if row.expires_at > now()]


def revoke_token(office: Office, principal: Principal, token_id: str) -> None:
    """End a token of one's own; raises NotFoundError for every other."""
    with writing(office.engine) as session:
        row = session.get(ApiTokenRow, token_id)
        if row is None or row.user_id != principal.user_id or row.revoked_at is not None:
            raise NotFoundError("没有这个令牌", cure="刷新令牌列表")
        row.revoked_at = now()
        session.add(row)
        note(session, "token-revoked", ("token", token_id), principal.user_id)


def sign_out(office: Office, principal: Principal) -> None:
    """End the session or token that was presented."""
    with writing(office.engine) as session:
        session.execute(delete(SessionRow).where(col(SessionRow.digest) == principal.credential))
        token = session.get(ApiTokenRow, principal.credential)
        if token is not None:
            token.revoked_at = now()
            session.add(token)
        note(session, "sign-out", ("user", principal.user_id), principal.user_id)


def of_session(office: Office, token: str) -> Principal | None:
    """Who the cookie stands for; None where it is over or its user is not let in."""
    digest = office.keys.digest(token)
    with reading(office.engine) as session:
        row = session.get(SessionRow, digest)
        if row is None or row.expires_at <= now():
            return None
        scopes = frozenset(Scope)
        return _principal(office, session, row.user_id, scopes, digest, office.keys.csrf(digest))


def of_token(office: Office, token: str) -> Principal | None:
    """Who the bearer token stands for; None where it does not work."""
    with reading(office.engine) as session:
        row = session.exec(
            select(ApiTokenRow).where(ApiTokenRow.digest == office.keys.digest(token))
        ).first()
        if row is None or row.revoked_at is not None or row.expires_at <= now():
            return None
        scopes = frozenset(Scope(scope) for scope in row.scopes.split())
        return _principal(office, session, row.user_id, scopes, row.id)


def _principal(
    office: Office,
    session: Session,
    user_id: str,
    scopes: frozenset[Scope],
    credential: str,
    csrf: str = "",
) -> Principal | None:
    user = session.get(UserRow, user_id)
    if user is None:
        return None
    organisation = _organisation(session, user)
    try:
        _require_admitted(office, user, organisation)
    except ForbiddenError:
        return None
    return Principal(
        user_id=user.id,
        login=user.login,
        name=user.name,
        role=Role(user.role),
        organisation_id=user.organisation_id,
        organisation=organisation.name if organisation else "",
        uscc=organisation.uscc if organisation else "",
        scopes=scopes,
        credential=credential,
        csrf=csrf,
    )


def _organisation(session: Session, user: UserRow) -> OrganisationRow | None:
    return session.get(OrganisationRow, user.organisation_id) if user.organisation_id else None
