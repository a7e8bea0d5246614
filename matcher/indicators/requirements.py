"""Which indicators of a need are demanded, and which only describe how things are now."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matcher.analyzer import sentences
from matcher.indicators import concepts
from matcher.indicators.bounds import (
    ABLE_BEFORE,
    CEILING,
    DURATION,
    FLOOR,
    PENALTY,
    STANDS,
    bound_by_words,
    bounded,
    inferred,
    penalised,
    says_bound,
)  # fmt: skip
from matcher.indicators.comparators import Comparator
from matcher.indicators.figures import PRECISION, Figure, figures, is_tolerance
from matcher.indicators.numerals import fold
from matcher.indicators.parsing import Indicator

_BOUNDED = frozenset((Comparator.GE, Comparator.GT, Comparator.LE, Comparator.LT))
_DEMAND = re.compile(
    r"要求|希望|目标|指标|想[把要让做在找请从弄上搞提将用有]|达到|达不到|降到|降至|降为|压到|缩到|缩短到|砍到|砍掉|提到|提高到|提升到|做到|拉到|拉长到"
    r"|翻到|不能|不得|不许|别超|别过|最好|以内|[需须]|争取|力争|期望|指望|(?<!需)求|控制在|保证|验收|至少|不低于|不超过|得[能有在]|务必|必须|(?<!不)要(?=[把让做在能的])"
)
_STRONG = re.compile(
    r"要求|希望|目标|想[把要让做在找请从弄上搞提将用有]|降到|降至|压到|缩到|砍到|提到|提高到|提升到|不能|不得|不许|别超|别过|最好|争取|力争|期望|指望|控制在"
    r"|保证|验收|至少|务必|必须|得[能有在]|(?<!不)要(?=[把让做在能的])"
)
"""What makes a demand of a clause that speaks of the present as well."""
_REFUSED = re.compile(r"(?:才|只|仅|就|刚)[^,。;\d]{0,5}\Z|(?:不|没)[^,。;\d]{0,2}\Z")
_PRESENT = re.compile(
    r"(?<![比较跟])(?:现在|目前|原来|以前|现有)|现行|现用|去年|前年|上个?月|上季度|今年|眼下|原先|平时|如今|一直|已经|已[有达经]|曾|试过|当前|近年|老是|往年|实测"
)
_ABLE_AFTER = re.compile(
    r"\s?(?:[^,。;]{0,4}(?:不(?:坏|换|漏|裂|断|掉|脱|糊|能少|变|起|锈|反复|卡|堵|用|降|鼓|软|生锈|间断|停机|开裂|褪|渗|聚|结|沉|分层|失效)|也得|也要|还得|都得|也行|就行"
    r"|就够|够用|够了|照样|不许|以外)|也?[能要得]|[^,。;]{0,5}(?:看得|测得|扛得|用得|收得|换得))"
)
"""What a thing must be able to stand is demanded without a word of demand: 洗五十回还得阻燃."""
_EXACT = re.compile(r"(?:正好|刚好|恰好|必须[是为吃用]|只[出认]|同样|统一)[^,。;\d]{0,4}\Z")
_QUALIFIER = re.compile(r"(?:以上|以下|以内|左右)?的(?!$|[,。;])")
_LATER = re.compile(
    r"交付|送样|投产|验收|工期|上线|拿出|见效|装完|改完|停机|停产|停炉|交货|试用|中试|先[给要拿做出]|一个班"
)
_FAILS = re.compile(r"[^,。;]{0,6}就(?!行|够|好|可以|收货|成|能|算)")
"""车速提到30米树脂就浸不透 tells a trouble."""
_EXCEEDED = re.compile(r"[超多]了")
_AT_LEAST_SO = re.compile(r"[以之]上\Z")
_WANTS = re.compile(r"(?:要|想|得|须|最好|求|能|必)")
"""培养要36小时以上 is how things are, 要70兆帕以上的 a demand."""
_ASKED = re.compile(r"(?:要|得)有?\Z")
_ASKED_FOR = re.compile(
    r"(?<![只不需必重主首还])(?:要|得|须)(?!花|等|用|停|费|耗|赔|扔|换|修|洗|返|磨|掏|搭|排|熬|拖|占|亏|丢|烧|折|调)[^,。;\d]{1,12}\Z"
)
"""功率因数要补到0.95 asks for it; 一次要等三小时 tells what it takes."""
_CHANGED = re.compile(r"从[^,。;]+[到至成为]\s?\Z")
"""从现在的8000小时干到16000小时: what is to become of the present."""
_ONLY_THEN = re.compile(r"才(?:算|行|够|能|划|合|好|有|值|敢|可)")
_ONLY_VERBS = re.compile(
    r"(?:[要想得须能到在再就也都稳]|稳定|必须|最好|至少|希望|争取|目标|做到|达到|提到|提高到|提升到|降到|降低到|压到|控制在|控制到|干到|缩到"
    r"|拉到|低于|高于|超过|大于|小于)*\s?"
)
_STATED = re.compile(
    r"\s?(?:分别|约|为|是|上|达到?|做到|(?:稳定|保持|维持|控制)?在|[:=])?(?:每个?[\u4e00-\u9fff]{1,3})*\s?\Z"
)
_SHORT_OF = re.compile(r"不[到足]|未[满到]")
"""打不到六十米 is how things are, unless a word of demand stands before it."""
_STATE = re.compile(r"缩成|只剩|只有|掉到|实测|测得|变成|跌到|涨到|才[有能]|不到|钻到|开到")
_ROUGH = re.compile(r"(?<!不)[多余](?!于|过)")
"""四百多 tells roughly how many, it is no bound that anybody sets."""
_CLAUSE = re.compile(r"[,。;!?\n、]")
_OF_A_SPAN = frozenset(("", "之间"))
_BAD = re.compile(r"[率损耗费本价]\Z|噪声|噪音|次品|废品|时间")
"""What complaints are told in; a precision or a size stands among what is wished for."""
_DONE_IN = re.compile(
    r"(?:之?内)?(?:就|能|得|要)?(?:充[满完好]|出结果|出报告|搞定|完事|[做换焊测洗干装]完|烘干)(?![^,。;]{0,4}[太慢])"
)
_SPAN = re.compile(r"[~\-—至到±]|正负|\.{3}|…")
"""What parts both ends of a span; 两三百公斤 has none and is a rough value."""
_TROUBLE_WINDOW = 40
_NEAR, _LONGEST_CLAUSE, _SPECIFIED = 16, 60, 12
_INFERRED, _QUALIFYING, _DATED = 0.7, 0.4, 0.4
"""Weights of demands that are less than a plain bound: direction inferred, a qualification of
something else (0.1微米以上的颗粒), a date of delivery."""
_HALF_A_DAY = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class Demand:
    """A figure that a need demands, with the bound that its words make of it.

    `weight` is how much it says of a fitting achievement, at most 1. `settled`: the direction of the
    bound is known; where it is not, another value is no miss.
    """

    indicator: Indicator
    figure: Figure
    weight: float
    settled: bool


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence and where its first word of demand ends, -1 without one."""

    start: int
    end: int
    demanded_from: int

    @property
    def demanding(self) -> bool:
        return self.demanded_from >= 0


def requirements(text: str) -> list[Indicator]:
    """The indicators of a need that it demands, in reading order.

    A bound (≥, 不超过, 以内) is demanded unless its clause speaks of the present; any other figure
    only in a sentence that demands something, or that a thing must stand. Words such as 提高到, 降到
    and 至少 make a bound of a bare value, and so does the quantity: of a cost less is better.
    """
    return [demand.indicator for demand in demands(text)]


def demands(text: str) -> list[Demand]:
    """`requirements` with their figures and weights."""
    plain = fold(text)
    spans = [
        _Sentence(start, end, first.end() if (first := _DEMAND.search(plain, start, end)) else -1)
        for start, end in sentences(text)
    ]
    found: list[Demand] = []
    before: Figure | None = None
    for own in figures(text):
        figure, before = _named(plain, own, before), own
        figure = replace(figure, hints=_hints(plain, figure))
        start = figure.indicator.start
        home = next((s for s in spans if s.start <= start < s.end), None)
        if home is not None and _demanded(plain, figure, home):
            found.append(_demand(plain, figure, home))
    return found


def _hints(text: str, figure: Figure) -> frozenset[int]:
    """What the title and the words before the figure complain of."""
    start = figure.indicator.start
    told = text[: text.find("\n") + 1] + text[max(0, start - _TROUBLE_WINDOW) : start]
    return frozenset(number for words, number in concepts.troubles() if words.search(told))


def _named(text: str, figure: Figure, before: Figure | None) -> Figure:
    """The figure, with what the one before it is about where it names nothing itself.

    氨基酸态氮总在0.7左右,要做到0.8以上: both are of one kind and near each other.
    """
    if before is None or figure.quantities or before.reading.bare != figure.reading.bare:
        return figure
    near = figure.indicator.start - before.indicator.end < _NEAR
    if not near or before.indicator.unit != figure.indicator.unit or not before.quantities:
        return figure
    clause = _CLAUSE.split(text[before.indicator.end : figure.indicator.start])[-1]
    if not _ONLY_VERBS.fullmatch(clause):
        return figure
    return replace(
        figure,
        near=figure.near | before.near,
        quantities=before.quantities,
        reading=replace(
            figure.reading,
            indicator=replace(figure.indicator, name=before.indicator.name),
        ),
    )


def _clause_before(text: str, indicator: Indicator, sentence: _Sentence) -> str:
    """What stands before the figure in its clause, as far as it can matter."""
    start = max(sentence.start, indicator.start - _LONGEST_CLAUSE)
    return _CLAUSE.split(text[start : indicator.start])[-1]


def _demanded(text: str, figure: Figure, sentence: _Sentence) -> bool:
    indicator = figure.indicator
    shown = text[indicator.start : indicator.end]
    clause = _clause_before(text, indicator, sentence)
    rough = _ROUGH.search(shown) or text.startswith(("多", "还多"), indicator.end)
    changed = _CHANGED.search(clause)
    if not changed and _PRESENT.search(clause + shown) and not _STRONG.search(clause + shown):
        return False
    if indicator.comparator in _BOUNDED and not rough and not _EXCEEDED.match(shown):
        rest = text[indicator.end : indicator.end + _NEAR]
        return _is_demanded_bound(shown, clause, rest, sentence, indicator.start)
    worded = not rough and (FLOOR.search(clause) or CEILING.search(clause))
    if worded or is_tolerance(indicator):
        return True
    if _FAILS.match(text, indicator.end) and not PENALTY.match(text, indicator.end):
        return False
    # what stands before the first demanding word of its sentence is how things are
    worded = changed or _ASKED_FOR.search(clause)
    demanding = 0 <= sentence.demanded_from <= indicator.end or bool(worded)
    if figure.reading.bare:
        # a number without a unit says too little without a word that makes a demand of it
        bound = indicator.comparator is Comparator.RANGE or bound_by_words(clause) is not None
        return demanding and bound
    stands = _must_stand(text, indicator, clause) or _is_specified(text, figure, clause, sentence)
    return demanding or (not rough and stands)


def _is_specified(text: str, figure: Figure, clause: str, sentence: _Sentence) -> bool:
    """Whether a clause is nothing but a known quantity with its figure, as lists of demands have it.

    额定电压80V,容量400Ah. A sentence on the present has no demand, and of what is bad (不良率3%) there is
    none before a word of demand.
    """
    rest = _CLAUSE.split(text[figure.indicator.end : figure.indicator.end + _NEAR])[0]
    named = concepts.found(clause)
    if _EXCEEDED.match(text, figure.indicator.start):
        return False
    if rest not in _OF_A_SPAN or not named or len(clause) > _SPECIFIED or _STATE.search(clause):
        return False
    if _PRESENT.search(text, sentence.start, sentence.end):
        return False
    bad = named[-1][1].polarity < 0 and bool(_BAD.search(named[-1][0]))
    bad = bad and figure.indicator.comparator is not Comparator.RANGE
    bad = bad and not _DEMAND.search(text, 0, figure.indicator.start)
    return not bad and _STATED.sub("", clause).endswith(named[-1][0])


def _is_demanded_bound(shown: str, clause: str, rest: str, sentence: _Sentence, start: int) -> bool:
    """Whether a bound is wished for; some words of bounds also tell how things are."""
    if _SHORT_OF.match(shown):
        before = 0 <= sentence.demanded_from <= start
        return before or bool(_WANTS.match(clause))
    asked = _WANTS.match(clause) or _ASKED_FOR.search(clause) or _ONLY_THEN.match(rest)
    named = concepts.found(clause)
    good = bool(named) and named[-1][1].polarity > 0 and not _STATE.search(clause)
    return not _AT_LEAST_SO.search(shown) or sentence.demanding or bool(asked) or good


def _must_stand(text: str, indicator: Indicator, clause: str) -> bool:
    """Whether a bare value is what a thing must be able to do or to bear."""
    if indicator.comparator is not Comparator.EQ:
        return False
    named = concepts.found(clause)
    asked = _ASKED.search(clause) and bool(named) and named[-1][1].polarity > 0  # 循环要一百万次
    if indicator.unit == DURATION and _DONE_IN.match(text, indicator.end):
        return True
    able = asked or ABLE_BEFORE.search(clause) or _ABLE_AFTER.match(text, indicator.end)
    return bool(able) and not _REFUSED.search(clause) and not _STATE.search(clause)


def _demand(text: str, figure: Figure, sentence: _Sentence) -> Demand:
    indicator = figure.indicator
    clause = _clause_before(text, indicator, sentence)
    rest = _CLAUSE.split(text[indicator.end : indicator.end + _NEAR])[0]
    weight = 1.0
    if _QUALIFIER.match(rest) and re.search(r"\d", rest):
        weight = _QUALIFYING
    elif _is_date(indicator, clause + rest):
        weight = _DATED
    shown = text[indicator.start : indicator.end]
    spoken_pair = indicator.comparator is Comparator.RANGE and not _SPAN.search(shown)
    if indicator.comparator is not Comparator.EQ and not spoken_pair:
        return Demand(_as_bounded(text, indicator, rest), figure, weight, settled=True)
    by_words = bound_by_words(clause)
    if by_words is not None:
        weight = min(weight, 1.0 if says_bound(clause) else _INFERRED)
        return Demand(bounded(indicator, by_words), figure, weight, settled=True)
    if _EXACT.search(clause):
        return Demand(indicator, figure, weight, settled=True)
    better = inferred(text, figure, clause, rest)
    weight = min(weight, 1.0 if _ASKED_FOR.search(clause) else _INFERRED)
    if better is None or spoken_pair:
        return Demand(indicator, figure, weight, settled=False)
    return Demand(bounded(indicator, better), figure, weight, settled=True)


def _as_bounded(text: str, indicator: Indicator, rest: str) -> Indicator:
    """The bound that the text gives, where it does not mean another: 误差约5微米, 两年内不用换."""
    if indicator.comparator is Comparator.APPROX and PRECISION.search(indicator.name):
        return bounded(indicator, Comparator.LE)
    within = indicator.unit == DURATION and indicator.low is None
    if within and STANDS.match(rest):
        return replace(indicator, comparator=Comparator.GE, low=indicator.high, high=None)
    return penalised(text, indicator)


def _is_date(indicator: Indicator, words: str) -> bool:
    """Whether a duration tells by when something is to be there; less than half a day is none."""
    if indicator.unit != DURATION or not _LATER.search(words):
        return False
    return (indicator.high or indicator.low or 0.0) >= _HALF_A_DAY
