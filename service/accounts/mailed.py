"""What comes by mail and works once: invitations, and links to a new password."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from service.access import OF_ORGANISATIONS, Principal, Role
from service.accounts.inputs import AcceptIn, InvitationIn, ResetIn
from service.accounts.office import NOBODY, Office, note
from service.accounts.registry import (
    SIGNATURE,
    Letter,
    by_login,
    end_credentials,
    fit_password,
)
from service.accounts.tables import MailTokenRow, OrganisationRow, Purpose, State, UserRow
from service.db import reading, writing
from service.errors import ConflictError, FieldProblem, InvalidRecordError, NotFoundError
from service.tables import now

LIFETIMES = {Purpose.INVITATION: timedelta(days=7), Purpose.RESET: timedelta(minutes=30)}
_PATHS = {Purpose.INVITATION: "invitation", Purpose.RESET: "password/reset"}


def invite(office: Office, actor: Principal, asked: InvitationIn) -> Letter:
    """Invite somebody by mail; raises ConflictError and InvalidRecordError."""
    with writing(office.engine) as session:
        if by_login(session, asked.login) is not None:
            raise ConflictError(f"{asked.login} 已有账号", cure="这个人可以直接登录")
        _require_organisation(session, asked)
        return _mail_token(
            office,
            session,
            MailTokenRow(
                digest="",
                purpose=Purpose.INVITATION,
                login=asked.login,
                role=asked.role,
                organisation_id=asked.organisation_id,
                expires_at=now(),
            ),
            actor.user_id,
            ("揭榜邀请你加入", f"你被邀请以{asked.role.label_zh}的身份加入揭榜，七天内有效："),
        )


def _require_organisation(session: Session, asked: InvitationIn) -> None:
    needed = asked.role in OF_ORGANISATIONS
    found = session.get(OrganisationRow, asked.organisation_id) if asked.organisation_id else None
    if needed and found is None:
        problem = "企业成员和院所成员要选一个单位"
    elif asked.organisation_id and not needed:
        problem = "这个身份不属于任何单位"
    elif found is not None and found.state != State.APPROVED:
        problem = "这个单位还没有通过审批，或已停用"
    else:
        return
    fault = FieldProblem(field="organisation_id", problem=problem)
    raise InvalidRecordError(problem, errors=[fault])


def invitation(office: Office, token: str) -> MailTokenRow:
    """The invitation of a token that still works; raises NotFoundError."""
    with reading(office.engine) as session:
        return _mailed(office, session, Purpose.INVITATION, token)


def accept(office: Office, asked: AcceptIn) -> UserRow:
    """Make the invited user, approved; raises NotFoundError and ConflictError."""
    login = invitation(office, asked.token).login
    hashed = office.passwords.hash(fit_password(asked.password.get_secret_value(), login))
    with writing(office.engine) as session:
        row = _mailed(office, session, Purpose.INVITATION, asked.token)
        if by_login(session, row.login) is not None:
            raise ConflictError(f"{row.login} 已有账号", cure="直接登录")
        row.used_at = now()
        user = UserRow(
            login=row.login,
            name=asked.name,
            password_hash=hashed,
            role=Role(row.role or ""),
            organisation_id=row.organisation_id,
            state=State.APPROVED,
        )
        session.add_all((row, user))
        note(session, "invitation-accepted", ("user", user.id), role=user.role)
    return user


def forget(office: Office, login: str) -> Letter:
    """Mail for a new password, where `login` has an account; the answer is the same without."""
    with writing(office.engine) as session:
        user = by_login(session, login)
        if user is None or user.state == State.BLOCKED:
            note(session, "reset-unknown", NOBODY)
            return lambda: None
        row = MailTokenRow(digest="", purpose=Purpose.RESET, login=login, expires_at=now())
        told = ("揭榜：重设密码", "三十分钟内打开这个链接重设密码；不是你本人操作，不必理会：")
        return _mail_token(office, session, row, None, told)


def reset(office: Office, asked: ResetIn) -> None:
    """Set the password of a mailed token and end every session and token of the user.

    Raises NotFoundError for a token that does not work.
    """
    with reading(office.engine) as session:
        login = _mailed(office, session, Purpose.RESET, asked.token).login
    hashed = office.passwords.hash(fit_password(asked.password.get_secret_value(), login))
    with writing(office.engine) as session:
        _mailed(office, session, Purpose.RESET, asked.token)
        user = by_login(session, login)
        if user is None:
            raise NotFoundError("这个账号已经没有了")
        user.password_hash = hashed
        session.add(user)
        for row in session.exec(
            select(MailTokenRow).where(
                MailTokenRow.login == login, MailTokenRow.purpose == Purpose.RESET
            )
        ):
            row.used_at = row.used_at or now()
            session.add(row)
        end_credentials(session, user.id)
        note(session, "password-reset", ("user", user.id))


def _mailed(office: Office, session: Session, purpose: Purpose, token: str) -> MailTokenRow:
    row = session.get(MailTokenRow, office.keys.digest(token))
    if row is None or row.purpose != purpose or row.used_at or row.expires_at <= now():
        raise NotFoundError("链接无效、已用过或已过期", cure="请重新申请一次")
    return row


def _mail_token(
    office: Office,
    session: Session,
    row: MailTokenRow,
    actor_id: str | None,
    told: tuple[str, str],
) -> Letter:
    purpose = Purpose(row.purpose)
    token, row.digest = office.keys.fresh("jbm")
    row.expires_at = now() + LIFETIMES[purpose]
    session.add(row)
    note(session, f"{purpose.value}-mailed", ("login", row.login), actor_id)
    subject, text = told
    link = f"{office.base_url}/{_PATHS[purpose]}?token={token}"
    login = row.login
    return lambda: office.mailer.send(login, subject, f"{text}\n{link}{SIGNATURE}")
