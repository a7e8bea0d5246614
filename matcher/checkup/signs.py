"""Signs in running Chinese text that a need states something: figures, scene, money, term, rights.

The patterns are modest on purpose. One that misses asks a question too many; one that finds what is
not there hides a gap, so ambiguous wording counts as not stated.
"""

from __future__ import annotations

import re

from matcher.analyzer import normalise, sentences

_HAN_NUMBER = "[〇零一二两三四五六七八九十百千万亿]"
NUMBER = (
    rf"(?:\d{{1,15}}(?:[.,]\d{{1,15}}){{0,4}}|半|{_HAN_NUMBER}{{1,12}}(?:点{_HAN_NUMBER}{{1,12}})?)"
)
"""A number in Arabic or Han digits. Every repetition is bounded, so that no text takes long."""

_UNIT = (
    r"[来多几余]?\s?(?:个百分点|个点|个月|个小时|个钟头|%|‰|℃|度|成|倍|丝|道|台|套|件|只|颗|根|片|块|"
    r"条|批|炉|窑|罐|口|亩|头|人|户|家|次|回|遍|转|周|天|日|年|月|小时|钟头|分钟|秒|毫秒|吨|公斤|千克|"
    r"克|毫克|微克|斤|升|毫升|方|立方|平方|公里|千米|米|厘米|毫米|微米|纳米|伏|千伏|安|瓦|千瓦|兆瓦|"
    r"帕|兆帕|赫兹|分贝|元|块钱)"
)
# 一 alone is mostly an article: 一种, 一套, 一次
_HAN_FIGURE = (
    r"(?:(?!一(?![〇零一二两三四五六七八九十百千万亿点成倍]))"
    rf"{_HAN_NUMBER}{{1,12}}(?:点{_HAN_NUMBER}{{1,12}})?"
)
# a year, the name of a model or standard and 3D or 5G measure nothing
_FIGURE = re.compile(
    rf"(?<![a-z0-9.\-/])(?!(?:19|20)\d\d\s?年)\d{{1,15}}(?:[.,]\d{{1,15}}){{0,4}}(?!\s?[dg](?![a-z]))(?!\d)"
    rf"|{_HAN_FIGURE}{_UNIT}|百分之{_HAN_NUMBER})"
)

_DEMAND = re.compile(
    r"希望|要求|需要|想要|想把|想从|要把|目标|达到|不低于|不高于|不超过|不大于|不小于|不少于|"
    r"[降压提升减缩控撑做][到至]|控制在|以上|以内|以下|[≥≤<>＜＞]|至少|最多|别超|别过"
)

_SCENE = re.compile(
    r"(?:应用|适用|使用|服务)于|用[于在到]|[安]?装[在到]|工况|服役|(?:应用|使用)?场景|现场|"
    r"车间|产线|生产线|流水线|线上|[\u4e00-\u9fff]厂(?!家|商|价)|工地|机房|医院|病房|手术室|我院|"
    r"矿山|矿井|井下|井口|隧道|大棚|田间|地头|果园|茶园|养殖场|猪场|牧区|工位|设备上|机台|台架|"
    r"电站|变电|线路|站房|加氢站|仓库|冷库|库房|实验室|管线|管网|管廊|锅炉|窑|罐|釜|炉|轧机|渣浆泵|"
    r"高原|沿海|海上|山上|野外|户外|露天|室内|室外|山区|园区|基地|门店|学校|小区|"
    r"我们[^。；;，,\n]{0,3}(?:做|产|生产|加工|养|种|收|运营|维护)|"
    r"(?:^|[。\n])\s?(?:做|给|种|养|跑)[^。；;，,\n]{1,14}(?:的|做|配|供|用)"
)

_MONEY = rf"{NUMBER}[来多几余]?\s?[万亿千百]?\s?(?:万元|亿元|块钱|万|亿|元)"
_OPEN = r"(?:面议|可谈|协商|商量|不限|另议)"
_BUDGET = re.compile(
    rf"(?:预算|资金|经费|出资|投入|投资|出价|悬赏|榜额|费用|报酬|总价|愿意出|愿意拿|能拿出|可拿出|拿得出)"
    rf"[^。；;\n]{{0,12}}?(?:{_MONEY}|{_OPEN})"
    rf"|{_MONEY}[^。；;，,\n]{{0,6}}(?:预算|资金|经费|投入|的钱可以)"
    rf"|价格{_OPEN}"
)

_SPAN = rf"(?:{NUMBER}\s?个?半?(?:月|季度|年|周|星期)|半年)"
_DONE = r"(?:解决|完成|交付|验收|上线|投用|投产|见效|出结果|做完|开工|落地|拿出)"
_TERM = re.compile(
    rf"{_SPAN}(?:之内|以内|内)"
    rf"|{NUMBER}\s?[天日](?:之内|以内|内)[^。；;\n]{{0,6}}{_DONE}"
    rf"|(?:工期|期限|周期|时限|限期|交付期|交期|时间要求|研发时间)(?:要求|控制|希望)?[为是在:：不超过约]{{0,4}}\s?{_SPAN}"
    rf"|[今明后]年[^。；;，,\n]{{0,5}}(?:前|底|内|必须|{_DONE})|(?:20\d\d)\s?年(?:\s?{NUMBER}\s?月)?底?[之以]?前"
    rf"|年[底末](?:之?前|要|必须|{_DONE})|(?<!\d)年内"
    rf"|{NUMBER}\s?月(?:份|底|初)?(?:之前|以前|前|{_DONE})"
)

_RIGHTS = r"(?:专利|知识产权|产权|所有权|著作权|版权|软著|成果|权属|源代码|源码|代码)"
_OWNERSHIP = re.compile(
    rf"{_RIGHTS}[^。；;\n]{{0,10}}?(?:归|属于?|共有|共享|双方|独占|独享|买断|转让给|{_OPEN})"
    r"|买断|独占许可|归(?:我们|我方|本公司|企业|甲方|乙方|需求方|揭榜方|双方)(?:所有|共有)"
)

_PRESENT = re.compile(
    r"目前|现在|现有|现用|现状|当前|眼下|如今|现行|正在用|一直用|老办法|老设备|平均|历来|已有|"
    r"我们(?:有|用的|用|的)|靠(?:人|工人|手工|经验)|全靠|人工"
)
_TRIED = re.compile(
    r"试过|[换用做改加买请找贴调降涂装洗]过|尝试|试了|[换改加调试请买装][了][^。；;\n]{0,14}(?:没|还是|还|不|又)|"
    r"曾|不管用|没用|没动静|效果不[好佳大]|治标|未能|没能|失败|压不住|也没"
)
_MATURITY = re.compile(
    r"成熟(?:度|的|可靠|技术|产品|方案)|trl|小试|中试|量产|产业化|工程化|工业化|(?<![取采])样机|现成的?(?:技术|产品|方案|设备)|即插即用|"
    r"拿来就[能用]|直接[能可]?用|可直接应用|[有要](?:成功|应用|工程)?案例|实验室阶段|原理验证"
)

_PRAISE = re.compile(
    r"(?:国内|国际|世界|行业|同行业)(?:领先|先进|一流)(?:水平|地位)?|一流|领先水平|"
    r"先进(?!制造|装备|材料|封装|陶瓷)|优质|高端|高性能|高质量|高品质|高水平|优良|优异|卓越|"
    r"高效(?!液相|减水|过滤|毛细)|更[好优佳]|"
    r"(?:大幅度?|显著|明显|有效|全面|进一步|极大|切实|尽量|尽可能)地?"
    r"(?:的)?(?:提高|提升|改善|降低|减少|下降|增强|优化|改进|缩短|延长|解决)"
)

_ITEM = re.compile(
    r"(?:^|[\n。；;:：，,])[ \t]{0,4}(?:[（(]?\d{1,2}[)）.、](?!\d)|第?[一二三四五六七八九][、是，])[ \t]{0,4}"
    r"(?P<text>[^\n。；;]{2,60})"
)
_FURTHER = re.compile(
    r"(?:此外|另外|同时|顺便|顺带|除此之外|再就是|还有就是)[，,]?(?:我们|本公司|公司|我厂|企业)?[还也]?"
    r"(?P<text>(?:需要|想要|想|希望|要求|急需|寻求|求)[^\n。；;]{2,60})"
)
_WANTED = re.compile(
    r"^(?:需要|需|想要|想|希望|急需|寻求|寻找|求|要|我们要)?(?:开发|研发|研制|研究|解决|攻克|设计|建设|搭建|"
    r"建立|引进|采购|改造|替代|制备|寻找|寻求|[一]种|[一]套|个)"
)


def has_figure(text: str) -> bool:
    """Whether `text` holds a number that measures something."""
    return _FIGURE.search(normalise(text)) is not None


def states_scene(text: str) -> bool:
    """Whether `text` says where the thing is used."""
    return _SCENE.search(normalise(text)) is not None


def states_budget(text: str) -> bool:
    """Whether `text` names what may be spent, or that it is open to talks."""
    return _BUDGET.search(normalise(text)) is not None


def states_term(text: str) -> bool:
    """Whether `text` says until when a solution is wanted."""
    return _TERM.search(normalise(text)) is not None


def states_ownership(text: str) -> bool:
    """Whether `text` says whose the results will be."""
    return _OWNERSHIP.search(normalise(text)) is not None


def states_present(text: str) -> bool:
    """Whether `text` tells how things stand: in words, or by a figure that no demand asks for."""
    plain = normalise(text)
    if _PRESENT.search(plain):
        return True
    clauses = (plain[start:end] for start, end in sentences(plain))
    return any(_FIGURE.search(clause) and not _DEMAND.search(clause) for clause in clauses)


def states_tried(text: str) -> bool:
    """Whether `text` tells what was tried before."""
    return _TRIED.search(normalise(text)) is not None


def states_maturity(text: str) -> bool:
    """Whether `text` says how finished the wanted technology must be."""
    return _MATURITY.search(normalise(text)) is not None


def praise(text: str) -> list[str]:
    """Words of `text` that praise without measuring, as they stand, each once, in its order."""
    found = (text[m.start() : m.end()] for m in _PRAISE.finditer(normalise(text)))
    return list(dict.fromkeys(found))


def further_wants(text: str) -> list[str]:
    """The wants that a text lists, as they stand; empty where it has fewer than two.

    Items of a list count when they begin with what is to be done or made, so that a list of
    indicators is one want; a sentence that adds "besides, we need …" is one more.
    """
    plain = normalise(text)
    listed = [m for m in _ITEM.finditer(plain) if _WANTED.match(m["text"])]
    added = [m for m in _FURTHER.finditer(plain) if _WANTED.match(m["text"])]
    wants = [text[m.start("text") : m.end("text")].strip() for m in (*listed, *added)]
    return wants if len(listed) > 1 or added else []
