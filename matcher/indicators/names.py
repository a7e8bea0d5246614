"""The noun phrase that a number is about.

Where a phrase stands before the number in its clause it is taken; for counted things and where the
clause begins with the number it is what follows. Function words part a clause into phrases.
"""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"[,。;!?\n、()\[\]“”\"<>=≥≤~±|]|:|\.(?=[\u4e00-\u9fff\s]|$)")
_LINK = re.compile(
    r"(?:实现|具有|拥有|获得|取得|具备|分别|平均|一般|最高|最大|最低|最小|最多|最长|可达|高达|达到|大于|小于|超过|低于|高于|以上|以下|左右|相当|接近"
    r"|稳定|控制|保持|维持|恢复|提高|提升|增加|增大|增至|升高|上升|降低|下降|减少|减小|缩短|延长|改善|拓宽|压缩|削减|缩减"
    r"|猛涨|逐步|大幅|只有|长达|重复|总共|一共|累计|现已|已经|需要|须加高|不能|不得|还有|另有|做到|希望|要求"
    r"|(?<!平)均|都|仅|只|(?<!性)可|(?<![性功节产动势热电])能|已|[约近为是至在由从按于了升降增缩做占改短再后要会得还就地等:\s的不各再将使让把]"
    r"|(?<![电负耐气液油水血高低常静动内外])压|(?<!衰)减|到|达|自|有|以|每|(?<![作费使应利回])用(?!时)|(?<![占量煤型配重数分积率声噪用])比|(?<![耗用延])时|[多少]|小|略|跌|涨)\Z"
)
_SPLIT = re.compile(
    r"的|将|把|使(?!用)|让|由|从|(?<![各])自(?![动然身])|(?<![饱共中])和|与|(?<!以)及|且|并(?!网)|在|(?<![绝相成])对(?![比照应位流])"
    r"|(?<!尤)其(?!他)|以(?!太)|(?<![作费使应利专回])用(?![量途水电时工率])|为(?!主)|是|(?<![具含没])有(?![效机害])|了|到|达|至(?!少)"
    r"|(?<![性功节产动势热电])能(?![耗量力效])|可(?![靠逆见用])|(?<![占量煤型配重数分积噪声率])比(?![例值表强容功])|经(?!济)"
    r"|被|按(?!键)|于|给|要求|希望|(?<![必重需主])要|想|(?<!每)个(?![体])|即|(?<![耗用延小])时(?![间延长效段])|后(?!续)|前(?!沿|缘|驱)"
    r"|采用|利用(?!率|效率)|选取|收集|报告|论证|作为|总结|替代|构成|(?<!固)含(?![量水油碳硫率氢氧盐氮磷钾氯糖铁铜锌砷硅])|但|而|则|因此|同时|相应|或者|这|那|我们|现在"
    r"|[\d×]|\s|[%℃/]"
)
_BEHIND = re.compile(r"\s?(?:的|处|下|内|左右|以上|以下)?([\u4e00-\u9fffA-Za-z₀-₉]{1,12})")
_LETTER = re.compile(r"[A-Za-zΦα-ωχ]²?")
_PER_UNIT = re.compile(
    r"(?:(?:要|得|须)?(?:在|到)?)(?:每|一)(?:吨|公斤|千克|斤|克|亩|方|立方米|平方米|平米|升|米|厘米|毫米|公里|片|台|件|只|个|颗|套|小时|分钟|秒|天|班)\Z"
)
"""捻度要在每米650: what it is told per is no name, where something stands before it."""
_NO_NAME = frozenset(("之间", "上下", "左右", "以上", "以下", "以内"))
_LONGEST = 10
_WINDOW = 30


def name_of(text: str, start: int, end: int, floor: int, *, counted: bool) -> str:
    """The phrase about `start`..`end`, looking back to `floor` at most; "" where none is found."""
    head = text[max(floor, start - _WINDOW) : start]
    *earlier, clause = _CLAUSE.split(head)
    own = _trim(clause)
    if own and not counted:
        return own
    behind = _BEHIND.match(text, end)
    following = next(filter(None, _SPLIT.split(behind[1])), "") if behind else ""
    if len(following) > 1 and following not in _NO_NAME:
        return following[:_LONGEST]
    return own or next(filter(None, map(_trim, reversed(earlier))), following)


def _trim(piece: str) -> str:
    """The last phrase of a piece of a clause, without the words that link it to a number."""
    piece = _PER_UNIT.sub("", piece)
    while link := _LINK.search(piece):
        piece = piece[: link.start()]
    parts = [part for part in _SPLIT.split(piece) if part]
    # 功率因数要补到: what is left of a verb is no name
    name = next((part for part in reversed(parts) if len(part) > 1), parts[-1] if parts else "")
    return name[-_LONGEST:] if len(name) > 1 or _LETTER.fullmatch(name) else ""
