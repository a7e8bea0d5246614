"""Drafts that keep a searched text for the sake of its verdicts: stored, never matched or listed."""

from __future__ import annotations

import re
import unicodedata

from pydantic import ValidationError
from sqlmodel import Session, col, select

from corpora.fields import MAIN_TEXT
from corpora.records import CLASSIFIED_MESSAGE, RECORDS, Record
from matcher.listing import Kind
from service import changes, store
from service.api.listings import invalid
from service.errors import InvalidRecordError
from service.tables import ListingRow

STATUS = "draft"

_CONTACTS = {
    "手机号": re.compile(
        r"(?<![a-zA-Z0-9_.-])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d|\.\d)"
    ),
    "电话号码": re.compile(r"(?<![a-zA-Z0-9_.-])\(?0\d{2,3}[)\- ]\s?[2-9]\d{6,7}(?!\d|\.\d)"),
    "邮箱": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII),
    "身份证号": re.compile(r"(?<![a-zA-Z0-9_.])\d{6}(?:19|20)\d{9}[\dXx](?![a-zA-Z0-9_])"),
    "微信或QQ号": re.compile(r"(?:微信|wechat|qq)\s*号?\s*:\s*[a-z0-9_-]{5,}", re.IGNORECASE),
    "联系人": re.compile(r"(?:联系人|联系方式|联系电话)\s*:\s*\S"),
}
# how a document itself is marked; 商业秘密 and the like in running text are no marks
_CLASSIFIED = re.compile(
    r"(?:绝密|机密|秘密)\s*[★☆]"
    r"|密级\s*:\s*(?:绝密|机密|秘密)"
    r"|[【\[(](?:绝密|机密|秘密|涉密)[】\])]"
    r"|(?<![不未非])(?:涉及|属于)(?:国家|工作)秘密"
)


def read(kind: Kind, title: str, text: str) -> Record:
    """The draft that a text makes.

    Raises InvalidRecordError for contact data, a mark of secrecy or a text that is damaged. Refused
    values are not repeated.
    """
    plain = unicodedata.normalize("NFKC", f"{title}\n{text}")
    if _CLASSIFIED.search(plain):
        raise InvalidRecordError(CLASSIFIED_MESSAGE, cure="评价没有记录，文字没有保存")
    found = [name for name, pattern in _CONTACTS.items() if pattern.search(plain)]
    if found:
        msg = f"文字里有{'、'.join(found)}，没有保存"
        raise InvalidRecordError(msg, cure="请在上面的正文里删去，重新匹配后再评价")
    try:
        return RECORDS[kind].model_validate(
            {"title": title, MAIN_TEXT[kind]: text, "status": STATUS}
        )
    except ValidationError as error:
        raise invalid(error, kind) from error


def find(session: Session, record: Record) -> ListingRow | None:
    """The draft that was stored of the same text, or None."""
    statement = (
        select(ListingRow)
        .where(
            ListingRow.kind == record.kind,
            ListingRow.content_hash == record.content_hash(),
            ListingRow.status == STATUS,
            col(ListingRow.owner_id).is_(None),
        )
        .order_by(col(ListingRow.id))
    )
    return session.exec(statement).first()


def ensure(session: Session, record: Record) -> ListingRow:
    """The draft of the same text, stored now if there is none, in the caller's transaction."""
    # locks the counter row on PostgreSQL: of two first verdicts at once one waits for the other
    changes.take(session, 0)
    return find(session, record) or store.create(session, record.kind, record)


def ids_among(session: Session, kind: Kind, ids: set[str]) -> set[str]:
    """Those of `ids` that are drafts."""
    statement = select(ListingRow.id).where(
        ListingRow.kind == kind, ListingRow.status == STATUS, col(ListingRow.id).in_(ids)
    )
    return set(session.exec(statement))
