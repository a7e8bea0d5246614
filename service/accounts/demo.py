"""Demo accounts, one a role: their passwords are public, so a production service refuses them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import select

from service.access import Role
from service.accounts.office import Office, note
from service.accounts.tables import OrganisationRow, State, UserRow
from service.db import reading, writing


@dataclass(frozen=True)
class Demo:
    """A demo account; the organisation is a name and a made-up credit code that checks."""

    role: Role
    name: str
    organisation: tuple[str, str, str] | None = None

    @property
    def login(self) -> str:
        """The mail address, in a domain that cannot exist."""
        return f"{self.role.value}@demo.example"

    @property
    def password(self) -> str:
        """The password that everybody knows."""
        return f"demo-{self.role.value}-2026"


DEMOS = (
    Demo(Role.ENTERPRISE, "演示企业成员", ("演示企业（非真实）", "91510100DEM0000014", "company")),
    Demo(
        Role.INSTITUTE, "演示院所成员", ("演示研究院（非真实）", "12510000DEM0000027", "institute")
    ),
    Demo(Role.MANAGER, "演示技术经理人"),
    Demo(Role.ORGANISER, "演示活动组织者"),
    Demo(Role.ANALYST, "演示分析员"),
    Demo(Role.ADMIN, "演示管理员"),
)
_REGION = "510100"


def seed(office: Office) -> bool:
    """Make the demo accounts that are missing; false, and nothing done, in production."""
    if office.production:
        return False
    with reading(office.engine) as session:
        known = set(session.exec(select(UserRow.login)))
    missing = [demo for demo in DEMOS if demo.login not in known]
    hashes = {demo.login: office.passwords.hash(demo.password) for demo in missing}
    with writing(office.engine) as session:
        for demo in missing:
            organisation = None
            if demo.organisation:
                name, uscc, org_type = demo.organisation
                organisation = session.exec(
                    select(OrganisationRow).where(OrganisationRow.uscc == uscc)
                ).first() or OrganisationRow(
                    name=name,
                    uscc=uscc,
                    org_type=org_type,
                    region_code=_REGION,
                    state=State.APPROVED,
                    demo=True,
                )
                session.add(organisation)
                session.flush()
            user = UserRow(
                login=demo.login,
                name=demo.name,
                password_hash=hashes[demo.login],
                role=demo.role,
                organisation_id=organisation.id if organisation else None,
                state=State.APPROVED,
                demo=True,
            )
            session.add(user)
            note(session, "created", ("user", user.id), demo=True)
    return True


def offered(office: Office) -> tuple[Demo, ...]:
    """The demo accounts that one can sign in with now: none in production."""
    if office.production:
        return ()
    with reading(office.engine) as session:
        known = set(
            session.exec(select(UserRow.login).where(UserRow.demo, UserRow.state == State.APPROVED))
        )
    return tuple(demo for demo in DEMOS if demo.login in known)
