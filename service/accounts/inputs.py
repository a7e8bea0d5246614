"""What people send about accounts; roles, states and owners can be set nowhere else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from corpora.taxonomy import taxonomy
from corpora.uscc import normal_uscc
from service.access import OF_ORGANISATIONS, Role, Scope
from service.accounts.passwords import LONGEST, password_problem
from service.errors import FieldProblem, InvalidRecordError

_LOGIN = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_LOGIN_LENGTH = 120
_TOKEN_DAYS = 366


def _login(value: str) -> str:
    plain = unicodedata.normalize("NFKC", value).strip().lower()
    if len(plain) > _LOGIN_LENGTH or not _LOGIN.fullmatch(plain):
        msg = "邮箱格式不对，例如 name@example.com"
        raise ValueError(msg)
    return plain


def _line(what: str, longest: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        plain = " ".join(value.split())
        if not 1 <= len(plain) <= longest or not plain.isprintable():
            msg = f"{what}应为 1–{longest} 个字"
            raise ValueError(msg)
        return plain

    return check


def _password(value: SecretStr) -> SecretStr:
    if problem := password_problem(value.get_secret_value()):
        raise ValueError(problem)
    return value


def _code(name: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        code = taxonomy(name).resolve(value) if value else None
        if code is None:
            msg = f"请从列表中选择{taxonomy(name).title}"
            raise ValueError(msg)
        return code

    return check


Login = Annotated[str, AfterValidator(_login), Field(examples=["name@example.com"])]
PersonName = Annotated[str, AfterValidator(_line("姓名", 40))]
NewPassword = Annotated[SecretStr, AfterValidator(_password)]
GivenPassword = Annotated[SecretStr, Field(max_length=LONGEST)]
MailToken = Annotated[str, Field(min_length=1, max_length=200)]


class Input(BaseModel):
    """Fields that are not asked for are refused, and what was sent is not repeated."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


Sent = TypeVar("Sent", bound=Input)


class LoginIn(Input):
    """Who wants in."""

    login: Annotated[str, Field(max_length=200)]
    password: GivenPassword


class RegistrationIn(Input):
    """A person and the organisation that they work for."""

    login: Login
    name: PersonName
    password: NewPassword
    role: Annotated[Role, Field(description="enterprise 或 institute")]
    organisation: Annotated[str, AfterValidator(_line("单位名称", 100))]
    uscc: Annotated[str, AfterValidator(normal_uscc)]
    org_type: Annotated[str, AfterValidator(_code("org_type"))]
    region_code: Annotated[str, AfterValidator(_code("region"))]

    @model_validator(mode="after")
    def _own_choice(self) -> Self:
        if self.role not in OF_ORGANISATIONS:
            msg = "只能注册为企业成员或院所成员，其他身份由管理员邀请"
            raise ValueError(msg)
        return self


class ForgottenIn(Input):
    """Whose password is forgotten."""

    login: Login


class ResetIn(Input):
    """A new password, and the token that came by mail."""

    token: MailToken
    password: NewPassword


class PersonIn(Input):
    """A person to be let in."""

    name: PersonName
    password: NewPassword


class AcceptIn(PersonIn):
    """An invited person."""

    token: MailToken


class PasswordIn(Input):
    """A new password from somebody who knows the present one."""

    current: GivenPassword
    password: NewPassword


class InvitationIn(Input):
    """Whom to invite as what; members of enterprises and institutes need an organisation."""

    login: Login
    role: Role
    organisation_id: Annotated[str | None, Field(max_length=40)] = None


class TokenIn(Input):
    """An API token to be made."""

    name: Annotated[str, AfterValidator(_line("名称", 60))]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    days: Annotated[int, Field(ge=1, le=_TOKEN_DAYS)] = 90


_LABELS = {
    "login": "邮箱",
    "name": "姓名",
    "password": "密码",
    "current": "现在的密码",
    "role": "身份",
    "organisation": "单位名称",
    "organisation_id": "单位",
    "uscc": "统一社会信用代码",
    "org_type": "单位类型",
    "region_code": "所在市州",
    "scopes": "权限范围",
    "days": "有效天数",
    "token": "链接",
}


def read(model: type[Sent], data: dict[str, object]) -> Sent:
    """`data` of a form as `model`; raises InvalidRecordError in Chinese, field by field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = [
            FieldProblem(
                field=(field := str(e["loc"][0]) if e["loc"] else "role"),
                problem=_told(_LABELS.get(field, field), e.get("ctx", {})),
            )
            for e in error.errors(include_url=False, include_input=False)
        ]
        msg = f"{len(problems)} 处需要修改"
        raise InvalidRecordError(msg, errors=problems) from error


def _told(label: str, context: dict[str, object]) -> str:
    """The Chinese reason of our own checks; for those of the framework, that the value is none."""
    reason = context.get("error")
    if not isinstance(reason, ValueError):
        return f"{label}没有填，或填写有误"
    told = str(reason)
    return told if label in told else f"{label}：{told}"
