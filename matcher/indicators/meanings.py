"""Units that only the context tells: money, pH, hardness, roughness, 度 and 块 by what they mean."""

from __future__ import annotations

import re
from dataclasses import replace

from matcher.indicators.joining import PH
from matcher.indicators.quantities import Quantity

_MONEY_BEFORE = re.compile(
    r"[花费价钱卖贴罚赔款贵]|便宜|预算|[工投]资|成本|一[吨台片件套块颗根口米方斤]\Z"
)
_NO_MONEY_BEFORE = re.compile(r"[产用销][量出]|数量")
_ROUGHEST = 30
_ROUGHNESS = re.compile(r"R[az]\s?(?:[<>=≤≥]|为)?\s?\Z")
_PRESSURE_BEFORE = re.compile(r"(?:压力|气压|水压|油压|打压|承压|试压)[^,。;\d]{0,5}\Z")
_SWEET_BEFORE = re.compile(r"(?:糖度?|白利|酒精|酒度)[^,。;\d]{0,6}\Z")
_ENDS_PHRASE = re.compile(r"$|[,。;、)!?\n]|以|之内|左右|上下|的|内|一|多|块|钱")
_THING_AFTER = re.compile(
    r"(?:[\u4e00-\u9fff]{0,4}(?:表|板|砖|屏|电池|电芯|玻璃|石料?|芯片|基板|组件|模块|极板|木料|布料)|[A-Z]{2,4}板)(?![钱费价])"
)
"""五百块表 are so many meters, 五百块 is money."""
_MONEY_WINDOW = 14
_HARDNESS = re.compile(r"(HRC|HRA|HRB|HV|HB|HBW)\s?(?:[<>=≤≥]|为)?\s?\Z")
_ANGLE_BEFORE = re.compile(r"角|斜|倾|偏|转|弯|视场|坡|仰|俯|方位")
_ANGLE_AFTER = re.compile(r"的?(?:[陡斜坡倾仰俯]|角(?!钢))")
_ELECTRIC_BEFORE = re.compile(r"电|发|弃")
_ELECTRIC_AFTER = re.compile(r"[多来]?电")
_ENERGY_BEFORE = re.compile(r"(?:电耗|耗电|用电|吃电|省电|能耗|耗能|用能)[^。;]*\Z")
_PER_MASS_BEFORE = re.compile(r"[每一](?:吨|公斤|千克|斤|方|立方米|升|件|套|台|天)[^,。;]{0,8}\Z")
_ENERGY_WINDOW = 30
_HEAT = "度"
_ROUND_SUM = 100
_MANY_DEGREES = 1e4


def with_unit(text: str, quantity: Quantity) -> Quantity:
    """The quantity with a unit that the context gives: pH, hardness, money, 度 by its meaning."""
    unit = _unit(text, quantity, text[max(0, quantity.start - _MONEY_WINDOW) : quantity.start])
    return quantity if unit == quantity.unit else replace(quantity, unit=unit)


def _unit(text: str, quantity: Quantity, before: str) -> str | None:
    if quantity.unit is None:
        return _unwritten(text, quantity, before)
    if quantity.unit == _HEAT:
        return _degrees(text, quantity, before)
    if quantity.unit in ("公斤", "kg") and _PRESSURE_BEFORE.search(before):
        return "kgf/cm²"  # 打压16公斤
    if quantity.unit == "块" and not _is_price(text, quantity, before):
        return "片"
    return quantity.unit


def _unwritten(text: str, quantity: Quantity, before: str) -> str | None:
    """The unit of a number that none stands behind."""
    if PH.search(before):
        return "pH"
    if quantity.high < _ROUGHEST and _ROUGHNESS.search(before):  # Ra 95 is of colours
        return "μm"
    hardness = _HARDNESS.search(before)
    if hardness:
        return str(hardness[1])
    return "元" if _is_money(text, quantity, before) else None


def _is_money(text: str, quantity: Quantity, before: str) -> bool:
    shown = text[quantity.start : quantity.end]
    if not re.search(r"[万亿千百]", shown) or not (_ENDS_PHRASE.match(text, quantity.end)):
        return False
    near = re.split(r"[。;\n]", before)[-1]
    return bool(_MONEY_BEFORE.search(near))


def _is_price(text: str, quantity: Quantity, before: str) -> bool:
    """Whether 块 is money and no piece."""
    if text[quantity.end : quantity.end + 1] == "钱":
        return True
    if _THING_AFTER.match(text, quantity.end):
        return False
    if _MONEY_BEFORE.search(before):
        return True
    round_sum = quantity.spoken and quantity.high >= _ROUND_SUM
    return round_sum and not _NO_MONEY_BEFORE.search(before)


def _degrees(text: str, quantity: Quantity, before: str) -> str:
    if _SWEET_BEFORE.search(before):
        return "%"
    if _ANGLE_BEFORE.search(before[-6:]) or _ANGLE_AFTER.match(text, quantity.end):
        return "°"
    near = text[max(0, quantity.start - _ENERGY_WINDOW) : quantity.start]
    if _ELECTRIC_AFTER.match(text, quantity.end) or _ENERGY_BEFORE.search(before):
        return "度电"
    if "度电" in near or "电" in near and _PER_MASS_BEFORE.search(before):
        return "度电"
    if quantity.high >= _MANY_DEGREES and _ELECTRIC_BEFORE.search(before):
        return "度电"
    return "℃"
