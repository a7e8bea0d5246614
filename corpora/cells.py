"""From what stands in a cell to what the field holds: numbers, dates, yes and no, lists.

A parser raises `CellError`, and nothing else, on a value it cannot read. Money comes out in 万元.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta

from corpora.field_types import NO, YES
from corpora.fields import FieldSpec, Shape
from corpora.normal import fold
from corpora.problems import CellError
from corpora.values import number_text

_IN_WAN = {
    "元": 1e-4, "块": 1e-4, "人民币元": 1e-4, "千元": 0.1,
    "万元": 1.0, "万": 1.0, "w": 1.0, "人民币万元": 1.0, "百万元": 100.0, "百万": 100.0,
    "千万元": 1000.0, "千万": 1000.0, "亿元": 10000.0, "亿": 10000.0,
}  # fmt: skip
_UNIT = "|".join(sorted(_IN_WAN, key=len, reverse=True))
_AMOUNT = r"(\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)"
_RANGE = re.compile(rf"([+-]?){_AMOUNT}({_UNIT})?(?:(?:-|~|—+|–|至|到){_AMOUNT}({_UNIT})?)?", re.I)
_WORDS_BEFORE = re.compile(
    r"^(?:人民币|rmb|cny|¥|约为?|大约|大概|不超过|最高|最多|至多|不少于|不低于|最低|至少|≤|<=|≥|>=)+"
)
_WORDS_AFTER = re.compile(r"(?:左右|上下|人民币|rmb|以内|以下|之内|以上|起|\+|\(.*\))+$")
_FLOOR = re.compile(r"不少于|不低于|最低|至少|以上|起$|\+$|≥|>=")
_NEGOTIABLE = frozenset(
    ("面议", "协商", "另议", "双方协商", "协商确定", "价格面议", "可面议", "可协商")
)
_OPEN = _NEGOTIABLE | {"待定", "不限", "暂无", "无", "/", "-", "--", "—", "n/a", "na"}
_NUMBER_LIMIT = 60
_SPLIT = re.compile(r"[、,，;；|\n\t]+")
_LINES = re.compile(r"[\n;；]+")
_HAN_DIGITS = {c: str(n) for n, c in enumerate("零一二三四五六七八九")}
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = (36526, 73415)  # the years 2000 to 2100
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[t ]?\d{1,2}:\d{2}.*)?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?(?:底|末)?")
_YEAR = re.compile(r"(\d{4})年?(?:底|末|年底|年末)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")

Bounds = tuple[float | None, float | None]


def parse(value: object, spec: FieldSpec, unit: str | None = None) -> object:
    """The value of a cell in the form that the record's model takes; None when nothing is stated.

    `unit` is the unit of money that the header names. Money and integers in the form of a range
    come out as `(low, high)`; whoever builds the record spreads them over its fields.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return _PARSERS[spec.shape](value, unit)


def text_of(value: object) -> str:
    """Any scalar as it would be read in the cell; a list as its items apart by 、."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime):
        moment = value.time() != datetime.min.time()
        return value.isoformat(" ", "minutes") if moment else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "、".join(map(text_of, value))
    if isinstance(value, dict):
        raise CellError("应为文字,却是一组键值", "请改为文字")
    return str(value).strip()


def _text(value: object, unit: str | None) -> object:
    if isinstance(value, list):
        return "\n".join(map(text_of, value))
    return text_of(value)


def _line(value: object, unit: str | None) -> object:
    return text_of(value)


def _lines(value: object, unit: str | None) -> object:
    if isinstance(value, list):
        return [text_of(v) for v in value]
    text = text_of(value)
    parts = _SPLIT.split(text)
    if len(parts) == 1 and not text.isascii():
        parts = text.split()  # 关键词 apart by blanks; a term in Latin letters may hold a blank
    return [p.strip() for p in parts if p.strip()]


def _terms(value: object, unit: str | None) -> object:
    if isinstance(value, list):
        return [text_of(v) for v in value]
    return [p.strip() for p in re.split(r"[、,，;；|\n\t/]+", text_of(value)) if p.strip()]


def _texts(value: object, unit: str | None) -> object:
    if isinstance(value, list):
        return [text_of(v) for v in value]
    return [p.strip() for p in text_of(value).split("\n") if p.strip()]


def _structured(value: object, unit: str | None) -> object:
    return value if isinstance(value, list | str) else text_of(value)


def _flag(value: object, unit: str | None) -> object:
    if isinstance(value, bool):
        return value
    plain = fold(text_of(value))
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise CellError("只能填“是”或“否”", "请填“是”或“否”")


def _contact(value: object, unit: str | None) -> object:
    return value if isinstance(value, dict) else text_of(value)


def _plain(value: object) -> str:
    """Half-width, lower case, without blanks. What is long is no number: not searched for one."""
    if len(text_of(value)) > _NUMBER_LIMIT:
        raise CellError("内容过长,不是一个数", "请只填数字")
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text_of(value))).lower()


def money_range(value: object, unit: str | None) -> Bounds:
    """`300`, `３００万元`, `300-500`, `1,200 以上`, `0.5亿` in 万元; `(None, None)` for 面议.

    A single number is a ceiling, unless the words around it make it a floor.
    """
    low, high, single = _money(value, unit)
    if single and not (isinstance(value, str) and _FLOOR.search(_plain(value))):
        return None, high
    return (low, None) if single else (low, high)


def _money(value: object, unit: str | None) -> tuple[float | None, float | None, bool]:
    """Low, high, and whether both are the one number that was given."""
    default = _IN_WAN.get(unit or "万元", 1.0)
    if isinstance(value, bool):
        raise CellError("应为金额(万元)", "请只填数字,单位为万元")
    if isinstance(value, int | float):
        return value * default, value * default, True
    text = _plain(value)
    if text in _OPEN:
        return None, None, False
    found = _RANGE.fullmatch(_WORDS_AFTER.sub("", _WORDS_BEFORE.sub("", text)))
    if found is None:
        raise CellError("不是可识别的金额", "请只填数字,单位为万元,如 300 或 300-500")
    sign, first, first_unit, second, second_unit = found.groups()
    low = _amount(sign + first, first_unit or second_unit, default)
    if second is None:
        return low, low, True
    high = _amount(second, second_unit or first_unit, default)
    if low > high:
        raise CellError("金额下限大于上限", "请核对金额")
    return low, high, False


def _amount(digits: str, unit: str | None, default: float) -> float:
    scale = _IN_WAN[unit] if unit else default
    # 1 元 is 0.0001 万元: rounding takes away what the binary fraction adds
    return round(float(digits.replace(",", "")) * scale, 6)


def _money_value(value: object, unit: str | None) -> object:
    low, high, single = _money(value, unit)
    return low if single or low is None else (low, high)


def _money_bounds(value: object, unit: str | None) -> object:
    bounds = money_range(value, unit)
    unstated = bounds == (None, None) and _plain(value) not in _NEGOTIABLE
    return None if unstated else bounds


def _integer(value: object, unit: str | None) -> object:
    """`4`, `4.0`, `TRL 4`, `第四级`, `12个月`, `1年` (in months); `4-6` as a pair."""
    if isinstance(value, bool):
        raise CellError("应为整数", "请只填数字")
    text = _plain(value)
    if text in _OPEN:
        return None
    text = "".join(_HAN_DIGITS.get(c, c) for c in text)
    core = re.sub(r"^(?:trl|第|约|tr)+[:=]?|(?:个?月|级|左右|以上|以内|及以上|\(.*\))+$", "", text)
    years = re.fullmatch(r"(\d{1,2}|半)年(半)?", core)
    if years:
        whole = 6 if years[1] == "半" else int(years[1]) * 12
        return whole + (6 if years[2] else 0)
    pair = re.fullmatch(r"(\d{1,4})级?(?:-|~|至|到|–|—)(?:trl)?(\d{1,4})", core)
    if pair:
        return int(pair[1]), int(pair[2])
    if not re.fullmatch(r"-?\d{1,9}(?:\.0+)?", core):
        raise CellError("应为整数", "请只填数字")
    return int(float(core))


def _date(value: object, unit: str | None) -> object:
    """A day; a month or a year alone means its last day (a deadline `2027年6月` ends with June)."""
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    if isinstance(value, int | float) and _EXCEL_DAYS[0] <= value <= _EXCEL_DAYS[1]:
        return _EXCEL_EPOCH + timedelta(days=int(value))
    text = unicodedata.normalize("NFKC", text_of(value)[:_NUMBER_LIMIT]).strip().lower()
    text = re.sub(r"\s*([-/.年月日])\s*", r"\1", text)
    if text in _OPEN or text in ("长期", "长期有效"):
        return None
    try:
        return _written_date(text)
    except ValueError:  # calendar.IllegalMonthError is one
        raise CellError("不是可识别的日期", "请写成 2027-06-30") from None


def _written_date(text: str) -> date:
    """Raises ValueError when there is no such day or the text is no date."""
    if found := _DAY.fullmatch(text) or _COMPACT.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _MONTH.fullmatch(text):
        year, month = int(found[1]), int(found[2])
        return date(year, month, calendar.monthrange(year, month)[1])
    if found := _YEAR.fullmatch(text):
        return date(int(found[1]), 12, 31)
    raise ValueError(text)


_PARSERS: dict[Shape, Callable[[object, str | None], object]] = {
    Shape.LINE: _line,
    Shape.TEXT: _text,
    Shape.LINES: _lines,
    Shape.TEXTS: _texts,
    Shape.TERM: _line,
    Shape.TERMS: _terms,
    Shape.MONEY: _money_value,
    Shape.MONEY_RANGE: _money_bounds,
    Shape.INTEGER: _integer,
    Shape.FLAG: _flag,
    Shape.DATE: _date,
    Shape.TARGETS: _structured,
    Shape.RIGHTS: _structured,
    Shape.CONTACT: _contact,
}
