"""Running text as others may read it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from service.masking.words import MODEL, NAME, ORGANISATION, PLACE, SIGNS, words

_ORGANISATION = re.compile(
    r"[\u3400-\u9fffA-Za-z0-9()（）·]{2,24}?"
    r"(?:有限责任公司|股份有限公司|有限公司|集团公司|集团|公司|研究院|研究所|研究中心|设计院"
    r"|大学|学院|医院|实验室|重工|重机|工厂|厂)(?![\u3400-\u9fff]{0,1}房)"
)
_PLACE = re.compile(
    r"[\u3400-\u9fff]{2,8}?(?:高新区|经开区|开发区|工业园|产业园|园区|街道|县|镇|乡|村|大道|路)"
    r"(?:\d+号)?"
)
_CONTACT = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
    r"|0\d{2,3}[- ]?\d{7,8}|[A-Za-z]{1,4}\d{6,}(?:[.\d]*[\dXx])?"
)
_STEM = re.compile(
    r"(?:有限责任公司|股份有限公司|有限公司|集团公司|集团|公司|研究院|研究所|大学|学院|医院|厂)+$"
)
_TRADE = re.compile(
    r"(?:机械|科技|技术|新材料|材料|电子|信息|化工|能源|装备|设备|重工|实业|制造|生物|食品|医药|电气|工程|智能"
    r"|股份|控股|发展|产业|矿业|冶金|环保|航空|光电|半导体|软件|网络|工业|贸易)+$"
)
_MODELS = re.compile(f"{MODEL}(?:[-./ ]*{MODEL})+")
"""`KSB-LCC100` is one model, not two."""
_SHORTEST = 2


def names_in(values: Iterable[str]) -> list[str]:
    """The names that must not be shown, long ones first: as stated, and without a legal form."""
    found: set[str] = set()
    for value in values:
        plain = unicodedata.normalize("NFKC", value).strip()
        stem = _STEM.sub("", plain)
        bare = re.sub(r"^.{2,3}?[省市州区县]", "", stem)
        firm = _TRADE.sub("", bare)
        found |= {name for name in (plain, stem, bare, firm) if len(name) >= _SHORTEST}
    return sorted(found, key=lambda name: (-len(name), name))


def masked_text(text: str, names: Iterable[str] = ()) -> str:
    """`text` without names, models, numbers of rights and exact figures.

    `names` are those that the record itself states as its parties.
    """
    plain = unicodedata.normalize("NFKC", text)
    for name in names:
        plain = re.sub(re.escape(name), NAME, plain, flags=re.IGNORECASE)
    plain = _CONTACT.sub(NAME, plain)
    plain = _ORGANISATION.sub(ORGANISATION, plain)
    plain = _PLACE.sub(PLACE, plain)
    return "".join(_shown(part) for part in _parts(plain))


def _parts(plain: str) -> list[str]:
    """The text cut at the signs that stand in it already, which are no words to be judged."""
    return [part for part in re.split(f"({'|'.join(SIGNS)})", plain) if part]


def _shown(part: str) -> str:
    if part in SIGNS:
        return part
    pieces: list[str] = []
    for word in words(part):
        # of several hidden words in a row one sign is enough
        if not (word.hidden and pieces and pieces[-1] == word.shown):
            pieces.append(word.shown)
    return _MODELS.sub(MODEL, "".join(pieces))
