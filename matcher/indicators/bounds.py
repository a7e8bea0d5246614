"""Which bound a demanded figure sets: by the words before it, by what is named, by what is better."""

from __future__ import annotations

import re
from dataclasses import replace

from matcher.indicators import concepts
from matcher.indicators.comparators import Comparator
from matcher.indicators.figures import Figure, is_tolerance
from matcher.indicators.parsing import Indicator

_REACHED = re.compile(r"(?:达到|做到|达|干到|弄到|搞到)\Z")
"""Words that say how far, and leave it to the quantity which way that is."""
_RAISED = re.compile(
    r"(?:提高到|提升到|提到|拉到|拉长到|拉回到?|延长到|增加到|增到|翻到|涨到|扩到|保住)\Z"
)
_UPWARD = re.compile(
    r"(?:达到|达|提高到|提升到|提到|做到|拉到|拉长到|拉回到?|延长到|增加到|增到|翻到|涨到|扩到|上|够|顶到?|扛住?|撑住?|挺|放够?|待够?|用够?|挂|吊|装|装得?下|带|容纳|接入|管|保住|保"
    r"|存|走|跑|处理|洗)\Z"
)
_DOWNWARD = re.compile(
    r"(?:降到|降至|降为|压到|压回|压回到|压至|缩到|缩短到|缩至|砍到|减到|减少到|控制在|控制到|控在|降低到|下降到|降低至|限制在|少到|省到)\Z"
)
FLOOR = re.compile(
    r"(?:至少|起码|最少|最低|不少于|不低于|别低过|别少于|不[能得要]?掉到|别掉到|别低到)[^,。;\d]{0,6}\Z"
)
CEILING = re.compile(
    r"(?:最多|顶多|至多|别[^,。;\d]{0,3}[过超]|不[能得要许]?[^,。;\d]{0,2}超过?|也?别[^,。;\d]{0,3}超过?|[加贵多]不过|超不过)[^,。;\d]{0,4}\Z"
)
PENALTY = re.compile(r"[^,。;]{0,3}就[要得会被]?(?:停|退|罚|扣|拒|报废|不收|算)")
STANDS = re.compile(
    r"[^,。;]{0,6}(?:不(?!超|到|足|低|高|得|能[超低高]|大|小|少|多|过|许|准|要|如|等|同|行|止)|还能|还得|能用|以外|没问题)"
)
_EVEN = re.compile(
    r"[^,。;]{0,3}(?:也[得要能不]|都[得要能]|照样|还[得能要]|下?[也都]?能|启动|起动|工作|不冻)"
)
_WITHIN = re.compile(
    r"(?:就|之内|内)?(?:得|要|必须|就?能)[^,。;]{0,4}(?:充|完|出|到|好|掉|干|成|溶|达)"
)
_DETECTED = re.compile(
    r"(?:看到|看清|看见|测到|测得到|检到|识别到|分辨|辨出|认出|检出|测出|发现)[^,。;\d]{0,4}\Z"
)
_LASTS = re.compile(r"(?:能|够|可)[^,。;\d]{1,4}\Z")
ABLE_BEFORE = re.compile(
    r"(?:(?:得|要|能|够|须)[^,。;\d]{1,6}|够|(?:保住|稳住|保证|保|扛|撑|挺|顶|起码|至少|续航|寿命|质保|保质期?)[^,。;\d]{0,6})\Z"
)
_ABLE_TO = re.compile(r"(?:能|可以?|够)(?:在|到|上|于)?[^,。;\d]{0,4}\Z")
_A_PIECE = re.compile(r"[一每][个件根片台炉次样批套支颗条份瓶张趟管锅盘][^,。;\d]{0,5}\Z")
_SMALL = 1e-2
"""Metres below which a length that must be seen is a thing's size and no distance."""
_FREEZING = 273.15
DURATION = "s"


def bound_by_words(clause: str) -> Comparator | None:
    """The bound that the words right before a bare value set."""
    if FLOOR.search(clause):
        return Comparator.GE
    if CEILING.search(clause) or _DOWNWARD.search(clause):
        return Comparator.LE
    named = concepts.found(clause)
    if _REACHED.search(clause) and named and named[-1][1].polarity < 0:
        return Comparator.LE
    return Comparator.GE if _UPWARD.search(clause) else None


def says_bound(clause: str) -> bool:
    """Whether the words before a bare value name a bound, and do not only tell what a thing does."""
    return any(words.search(clause) for words in (FLOOR, CEILING, _DOWNWARD, _RAISED, _REACHED))


def penalised(text: str, indicator: Indicator) -> Indicator:
    """超0.4毫米就停供 bounds from above, though it says 超."""
    over = indicator.comparator is Comparator.GT and PENALTY.match(text, indicator.end)
    if not over:
        return indicator
    return replace(indicator, comparator=Comparator.LE, low=None, high=indicator.low)


def inferred(text: str, figure: Figure, clause: str, rest: str) -> Comparator | None:
    """The bound that the sense of a bare value makes of it; None where it makes none."""
    indicator = figure.indicator
    if figure.change:
        return Comparator.GE  # by so much at least
    if STANDS.match(rest) or (indicator.unit == "K" and _EVEN.match(rest)):
        cold = indicator.unit == "K" and (indicator.high or 0.0) < _FREEZING
        return Comparator.LE if cold else Comparator.GE
    if PENALTY.match(text, indicator.end):
        return None
    if indicator.unit == DURATION and _WITHIN.match(rest):
        return Comparator.LE
    if _DETECTED.search(clause):
        small = indicator.unit != "m" or (indicator.high or 0.0) < _SMALL
        return Comparator.LE if small else Comparator.GE
    return _by_polarity(figure, clause, rest)


def _by_polarity(figure: Figure, clause: str, rest: str) -> Comparator | None:
    """The better way of what is named; more where so much an hour or an ability is asked for."""
    named = concepts.found(clause) or concepts.found(figure.indicator.name) or concepts.found(rest)
    told = concepts.polarity(figure.quantities) if not named else named[-1][1].polarity
    if named and not told and figure.indicator.unit != DURATION and _ABLE_TO.search(clause):
        return Comparator.GE  # 能在5500米海拔起飞
    if not named and not told and figure.indicator.unit == DURATION and _A_PIECE.search(clause):
        return Comparator.LE  # 一根桩四分钟
    if named or told:
        return {1: Comparator.GE, -1: Comparator.LE}.get(told)
    rate = any(form.unit.endswith("/s") for form in figure.forms)
    if figure.indicator.unit == DURATION:
        able = _LASTS.search(clause)
    else:
        able = ABLE_BEFORE.search(clause) or _ABLE_TO.search(clause)
    return Comparator.GE if rate or able else None


def bounded(indicator: Indicator, comparator: Comparator) -> Indicator:
    if is_tolerance(indicator):
        return indicator
    if comparator is Comparator.GE:
        return replace(indicator, comparator=comparator, high=None)
    return replace(indicator, comparator=comparator, low=None)
