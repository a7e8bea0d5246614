"""Users and organisations: registration, approval, blocking, changed passwords."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session, col, delete, select

from service.access import OF_ORGANISATIONS, Principal, Role
from service.accounts.inputs import PasswordIn, RegistrationIn
from service.accounts.office import Office, note
from service.accounts.passwords import password_problem
from service.accounts.tables import (
    ApiTokenRow,
    OrganisationRow,
    SessionRow,
    State,
    UserRow,
)
from service.db import reading, writing
from service.errors import ConflictError, FieldProblem, InvalidRecordError, NotFoundError
from service.tables import now

Letter = Callable[[], None]
"""Mail to be sent once the answer is out, so that its time tells nothing."""

SIGNATURE = "\n\n揭榜 Jiebang"


def register(office: Office, asked: RegistrationIn) -> Letter:
    """Add a person, and the organisation where it is new, both waiting for approval.

    A login that is taken already changes nothing, and the answer is the same: its owner is told
    by mail instead.
    """
    hashed = office.passwords.hash(fit_password(asked.password.get_secret_value(), asked.login))
    with writing(office.engine) as session:
        if (known := by_login(session, asked.login)) is not None:
            note(session, "registered-again", ("user", known.id))
            return lambda: office.mailer.send(
                asked.login,
                "有人用这个邮箱注册揭榜",
                "这个邮箱已经有账号，没有再建。忘了密码可以在登录页重设；不是你本人操作，不必理会。"
                + SIGNATURE,
            )
        organisation = session.exec(
            select(OrganisationRow).where(OrganisationRow.uscc == asked.uscc)
        ).first()
        if organisation is None:
            organisation = OrganisationRow(
                name=asked.organisation,
                uscc=asked.uscc,
                org_type=asked.org_type,
                region_code=asked.region_code,
            )
            session.add(organisation)
            session.flush()
            note(session, "registered", ("organisation", organisation.id))
        user = UserRow(
            login=asked.login,
            name=asked.name,
            password_hash=hashed,
            role=asked.role,
            organisation_id=organisation.id,
        )
        session.add(user)
        note(session, "registered", ("user", user.id), role=user.role)
    return lambda: office.mailer.send(
        asked.login, "揭榜：注册已收到", "管理员审批通过后会再发邮件通知你。" + SIGNATURE
    )


def add_user(
    office: Office, login: str, name: str, password: str, role: Role, *, demo: bool = False
) -> UserRow:
    """An approved user without organisation; raises ConflictError and InvalidRecordError."""
    hashed = office.passwords.hash(fit_password(password, login))
    with writing(office.engine) as session:
        if by_login(session, login) is not None:
            raise ConflictError(f"{login} 已有账号", cure="换一个邮箱")
        user = UserRow(
            login=login, name=name, password_hash=hashed, role=role, state=State.APPROVED, demo=demo
        )
        session.add(user)
        note(session, "created", ("user", user.id), role=role.value)
    return user


def set_user_state(office: Office, actor: Principal, user_id: str, state: State) -> Letter:
    """Approve or block a user; blocking ends every session and token.

    Approving a user also approves an organisation that still waits. Raises NotFoundError, and
    ConflictError for oneself.
    """
    with writing(office.engine) as session:
        user = _somebody_else(session, actor, user_id, "不能审批或停用自己")
        was = user.state
        user.state = state
        session.add(user)
        note(session, state.value, ("user", user.id), actor.user_id)
        if state is State.BLOCKED:
            end_credentials(session, user.id)
        elif user.organisation_id:
            organisation = session.get_one(OrganisationRow, user.organisation_id)
            if organisation.state == State.PENDING:
                _set_organisation(session, organisation, state, actor)
        login = user.login
    if state is not State.APPROVED or was == State.APPROVED:
        return lambda: None
    return lambda: office.mailer.send(
        login, "揭榜：账号已开通", f"现在可以登录：{office.base_url}/login" + SIGNATURE
    )


def change_role(office: Office, actor: Principal, user_id: str, role: Role) -> None:
    """Give a user another role; his sessions and tokens end, since they carry the old one's rights.

    Roles of organisations are for people with one, the others for people without. Raises
    NotFoundError, and ConflictError for oneself and for a role that does not fit.
    """
    with writing(office.engine) as session:
        user = _somebody_else(session, actor, user_id, "不能改自己的身份")
        if (role in OF_ORGANISATIONS) != (user.organisation_id is not None):
            belongs = "属于单位" if user.organisation_id else "不属于任何单位"
            raise ConflictError(
                f"{user.name}{belongs}，不能改成{role.label_zh}", cure="用新的邮箱另发邀请"
            )
        if user.role == role:
            return
        note(session, "role-changed", ("user", user.id), actor.user_id, was=user.role, role=role)
        user.role = role
        session.add(user)
        end_credentials(session, user.id)


def _somebody_else(session: Session, actor: Principal, user_id: str, refused: str) -> UserRow:
    """A user who is not the actor himself; `refused` says what nobody does to himself."""
    user = session.get(UserRow, user_id)
    if user is None:
        raise NotFoundError("没有这个用户", cure="刷新用户列表")
    if user.id == actor.user_id:
        raise ConflictError(refused, cure="请另一位管理员操作")
    return user


def set_organisation_state(
    office: Office, actor: Principal, organisation_id: str, state: State
) -> None:
    """Approve or block an organisation; blocking shuts out its members. Raises NotFoundError."""
    with writing(office.engine) as session:
        organisation = session.get(OrganisationRow, organisation_id)
        if organisation is None:
            raise NotFoundError("没有这个单位", cure="刷新单位列表")
        if organisation.id == actor.organisation_id:
            raise ConflictError("不能审批或停用自己的单位", cure="请另一位管理员操作")
        _set_organisation(session, organisation, state, actor)


def _set_organisation(
    session: Session, organisation: OrganisationRow, state: State, actor: Principal
) -> None:
    organisation.state = state
    session.add(organisation)
    note(session, state.value, ("organisation", organisation.id), actor.user_id)
    if state is State.BLOCKED:
        members = session.exec(
            select(UserRow.id).where(UserRow.organisation_id == organisation.id)
        ).all()
        for user_id in members:
            end_credentials(session, user_id)


def change_password(office: Office, actor: Principal, asked: PasswordIn, address: str) -> None:
    """Change one's own password; every other session and every token ends."""
    office.throttle.attempt(actor.login, address)
    with reading(office.engine) as session:
        stored = session.get_one(UserRow, actor.user_id).password_hash
    if not office.passwords.verify(asked.current.get_secret_value(), stored):
        office.throttle.failed(actor.login, address)
        fault = FieldProblem(field="current", problem="现在的密码不对")
        raise InvalidRecordError("现在的密码不对", errors=[fault])
    office.throttle.succeeded(actor.login, address)
    hashed = office.passwords.hash(fit_password(asked.password.get_secret_value(), actor.login))
    with writing(office.engine) as session:
        user = session.get_one(UserRow, actor.user_id)
        user.password_hash = hashed
        session.add(user)
        end_credentials(session, user.id, but=actor.credential)
        note(session, "password-changed", ("user", user.id), user.id)


def fit_password(password: str, login: str) -> str:
    """A new password that may be used; raises InvalidRecordError."""
    if problem := password_problem(password, login):
        fault = FieldProblem(field="password", problem=problem)
        raise InvalidRecordError(problem, errors=[fault])
    return password


def by_login(session: Session, login: str) -> UserRow | None:
    """The user of a login in normal form."""
    return session.exec(select(UserRow).where(UserRow.login == login)).first()


def end_credentials(session: Session, user_id: str, but: str = "") -> None:
    """End the sessions and tokens of a user, except the credential `but`."""
    session.execute(
        delete(SessionRow).where(col(SessionRow.user_id) == user_id, col(SessionRow.digest) != but)
    )
    for token in session.exec(select(ApiTokenRow).where(ApiTokenRow.user_id == user_id)):
        if token.id != but:
            token.revoked_at = token.revoked_at or now()
            session.add(token)
