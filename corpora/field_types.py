"""Types of record fields: listed values, dates, money, lists, and contact data out of sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from corpora.normal import clean
from corpora.taxonomy import taxonomy
from corpora.values import LIST_LIMIT, TEXT_LIMIT, Line, Text

CLASSIFIED_MESSAGE = "本系统不接收涉密内容,请勿录入或上传"
YES = frozenset(("是", "有", "对", "真", "true", "yes", "y", "t", "1", "√", "✓"))
NO = frozenset(
    ("否", "无", "不", "非", "没有", "假", "false", "no", "n", "f", "0", "×")
    + ("非涉密", "不涉密", "未涉密", "不涉及", "非密", "公开", "无密级", "内部", "普通")
)
STATE_SECRETS = ("秘密", "机密", "绝密", "涉密")
_TERM_LIMIT = 100


def _term(name: str) -> Callable[[str], str]:
    def resolve(value: str) -> str:
        plain = " ".join(clean(value).split())
        return taxonomy(name).resolve(plain) or plain

    return resolve


def _day(value: object) -> object:
    """A date, a moment, or either in ISO form; numbers (taken as Unix time) are refused."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value.strip()).date()
        except ValueError:
            raise PydanticCustomError("day", "日期写法不对,请写成 2027-06-30") from None
    if not isinstance(value, date):
        raise PydanticCustomError("day", "日期写法不对,请写成 2027-06-30")
    return value


def distinct(values: list[str]) -> list[str]:
    return [v for v in dict.fromkeys(values) if v]


def sealed(contact: object) -> dict[str, SecretStr]:
    """Contact data out of sight before anything can fail and show its input."""
    if not isinstance(contact, Mapping):
        contact = {"name": contact}
    return {
        str(key): value if isinstance(value, SecretStr) else SecretStr(str(value))
        for key, value in contact.items()
        if value is not None and value != ""
    }


_Limit = Field(max_length=_TERM_LIMIT)
Chain = Annotated[str, _Limit, AfterValidator(_term("chain"))]
Region = Annotated[str, _Limit, AfterValidator(_term("region"))]
CoopMode = Annotated[str, _Limit, AfterValidator(_term("coop_mode"))]
NeedKind = Annotated[str, _Limit, AfterValidator(_term("need_kind"))]
OrgType = Annotated[str, _Limit, AfterValidator(_term("org_type"))]
OrganiseMode = Annotated[str, _Limit, AfterValidator(_term("organise_mode"))]
Disclosure = Annotated[str, _Limit, AfterValidator(_term("disclosure"))]
AchievementClass = Annotated[str, _Limit, AfterValidator(_term("ach_class"))]
OriginType = Annotated[str, _Limit, AfterValidator(_term("origin_type"))]
Form = Annotated[str, _Limit, AfterValidator(_term("form"))]
Level = Annotated[str, _Limit, AfterValidator(_term("level"))]
Stage = Annotated[str, _Limit, AfterValidator(_term("stage"))]
UseState = Annotated[str, _Limit, AfterValidator(_term("use_state"))]
PriceMode = Annotated[str, _Limit, AfterValidator(_term("price_mode"))]
Ownership = Annotated[str, _Limit, AfterValidator(_term("ip_ownership"))]
Pilot = Annotated[str, _Limit, AfterValidator(_term("pilot"))]
Secrecy = Annotated[str, _Limit, AfterValidator(_term("secrecy"))]
Status = Annotated[str, _Limit, AfterValidator(_term("status"))]
Day = Annotated[date, BeforeValidator(_day)]
Money = Annotated[float, Field(strict=True, ge=0, le=1e9, allow_inf_nan=False)]
Maturity = Annotated[int, Field(strict=True, ge=1, le=9)]
Lines = Annotated[list[Line], Field(max_length=LIST_LIMIT), AfterValidator(distinct)]
Texts = Annotated[list[Text], Field(max_length=LIST_LIMIT)]
CoopModes = Annotated[list[CoopMode], Field(max_length=LIST_LIMIT), AfterValidator(distinct)]
Forms = Annotated[list[Form], Field(max_length=LIST_LIMIT), AfterValidator(distinct)]
Pilots = Annotated[list[Pilot], Field(max_length=LIST_LIMIT), AfterValidator(distinct)]
RecordId = Annotated[Line, Field(min_length=1, max_length=200)]


def _stripped(text: str) -> str:
    return text.strip()


StatedText = Annotated[Text, AfterValidator(_stripped), Field(min_length=10, max_length=TEXT_LIMIT)]
"""A main text that says something: at least ten characters, blank edges removed."""
