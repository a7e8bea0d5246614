"""What a need is about, in its own words, so that a question can name it."""

from __future__ import annotations

import re
from functools import lru_cache

from matcher.analyzer import Analyzer, TokenSet, technical_lexicon

_QUANTITY = re.compile(
    r".*(?:率|寿命|强度|硬度|精度|纯度|厚度|浓度|湿度|粘度|黏度|密度|平整度|粗糙度|灵敏度|效率|产量|"
    r"产能|能耗|电耗|酸耗|水耗|煤耗|药耗|功耗|成本|误差|偏差|公差|噪声|噪音|泄漏量|损耗|容量|续航|"
    r"重量|带宽|时延|延迟|良率|收率|残留量|排放量|用量|含量|间隙|缺陷|故障)$"
)
_NOT_ONE = frozenset(("效率", "频率", "功率", "税率", "利率", "汇率", "概率"))
"""Names that say little alone and count only behind another word."""
_NO_HEAD = re.compile(
    r"希望|要求|需要|提高|提升|降低|减少|改善|控制|保证|达到|现在|目前|一年|每年|我们|公司|企业|"
    r"这个|那个|可以|没有|不能|还是|以及|并且|因为|所以|大幅|显著|明显|进一步|有效|使用|采用|相关|产品|"
    r"先进|优质|领先|行业|国内|国际|水平|整体|综合|较高|较低|更高|更低|偏高|偏低|问题|影响|解决|技术"
)
_SHOWN = 18
_SAYS_SOMETHING = 2


@lru_cache(maxsize=1)
def _analyzer() -> Analyzer:
    return Analyzer(TokenSet.WORDS, technical_lexicon())


def quantity(text: str) -> str:
    """The first thing that `text` speaks of and that can be measured (`轴封寿命`); or empty.

    A word that names a quantity takes the noun right before it along.
    """
    words = _analyzer().words(text)
    for place, (word, start) in enumerate(words):
        if not _QUANTITY.match(word) or _NO_HEAD.match(word):
            continue
        head = ""
        if place:
            before, at = words[place - 1]
            if at + len(before) == start and not _NO_HEAD.search(before):
                head = text[at:start]
        if head or word not in _NOT_ONE:
            return head + text[start : start + len(word)]
    return ""


def topic(title: str, text: str) -> str:
    """The title, or else the beginning of the text, short enough for a question; or empty."""
    whole = title.strip() or re.split(r"[。！？；\n]", text.strip(), maxsplit=1)[0].strip()
    if len(whole) < _SAYS_SOMETHING:
        return ""
    return whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}…"
