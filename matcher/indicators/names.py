"""The noun phrase that a number is about."""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"[,。;!?\n、()\[\]“”\"'<>=≥≤~±]|[:](?=.{3})")
_LINK = re.compile(
    r"(?:分别|均|都|仅|只|可|能|已|约|近|最高|最大|最低|最小|平均|一般|大于|小于|超过|低于|高于|可达|高达"
    r"|达到|达|为|是|有|到|至|在|由|从|自|按|以|于|用|了|稳定|控制|保持|恢复|提高|提升|增加|增大|增至|升高|升|降低|"
    r"下降|降|减少|减小|减|缩短|缩|缩减|延长|改善|拓宽|压缩|压|做|占|约为|值为|值|:|\s|每|的|不|时|要|会|得|还|就|地|等|比|长达|只有|改|短|再|后"
    r"|[多少]|以上|以下|左右|相当|接近)$"
)
_SPLIT = re.compile(
    r"的|将|把|使|让|由|从|自|和|与|及|且|并|在|对|其|以|用|为|是|有|了|到|达|至|可|能|比|经|被|按|于|给|要求|希望"
    r"|要|想|个|即|时|后|前|\d|\s|[%℃/]"
)
_AFTER = re.compile(r"的([\u4e00-\u9fffA-Za-z]{2,10})")
_LONGEST = 10


def name_of(text: str, start: int, end: int, floor: int) -> str:
    """The phrase before `start`, back to `floor` at most, else the one that 的 ties on behind."""
    head = text[max(floor, start - 24) : start]
    pieces = _CLAUSE.split(head)
    for piece in reversed(pieces[-2:]):
        name = _trim(piece)
        if name:
            return name
    behind = _AFTER.match(text, end)
    return _SPLIT.split(behind[1])[0] if behind else ""


def _trim(piece: str) -> str:
    while True:
        link = _LINK.search(piece)
        if link is None:
            break
        piece = piece[: link.start()]
    parts = [part for part in _SPLIT.split(piece) if part]
    name = parts[-1] if parts else ""
    return name[-_LONGEST:] if len(name) > 1 or re.fullmatch(r"[A-Za-zΦα-ω]", name) else ""
