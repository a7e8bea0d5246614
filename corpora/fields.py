"""The fields of each kind of record: identifier, Chinese name, other headers, shape of the value.

Readers, templates, error messages and the text that is matched all read this table; the types and
limits stand in `corpora.records`, and a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from corpora.normal import fold
from matcher.listing import Kind


class Shape(StrEnum):
    """What a cell of the field holds."""

    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    TEXTS = "texts"
    TERM = "term"
    TERMS = "terms"
    MONEY = "money"
    INTEGER = "integer"
    FLAG = "flag"
    DATE = "date"
    TARGETS = "targets"
    RIGHTS = "rights"
    CONTACT = "contact"
    MONEY_RANGE = "money_range"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field. `hint` is what the template tells whoever fills it in."""

    name: str
    label: str
    shape: Shape
    aliases: tuple[str, ...] = ()
    taxonomy: str | None = None
    required: bool = False
    in_template: bool = True
    hint: str = ""


def _f(
    name: str,
    label: str,
    shape: Shape,
    aliases: str = "",
    *,
    list_of: str | None = None,
    required: bool = False,
    shown: bool = True,
    hint: str = "",
) -> FieldSpec:
    return FieldSpec(name, label, shape, tuple(aliases.split()), list_of, required, shown, hint)


# fmt: off
_COMMON = (
    _f("industry_gbt4754", "国民经济行业", Shape.LINE, "行业 行业代码 industry", shown=False),
    _f("discipline_gbt13745", "学科", Shape.LINE, "学科代码 discipline", shown=False),
    _f("disclosure", "公开程度", Shape.TERM, "", list_of="disclosure"),
    _f("named_orgs", "定向公开的单位", Shape.LINES, "定向单位 定向公开单位", shown=False,
       hint="公开程度选“定向”时,填对方的统一社会信用代码,用顿号隔开"),
    _f("classified", "是否涉密", Shape.FLAG,
       "涉密 密级 保密级别 涉密情况 是否涉及国家秘密",
       hint="只收非涉密内容,请填“否”"),
    _f("contact", "联系人", Shape.CONTACT, "联系人姓名 contact_name 姓名",
       hint="不公开,不参与匹配"),
    _f("contact.phone", "联系电话", Shape.CONTACT,
       "电话 手机 手机号 联系方式 contact_phone phone tel"),
    _f("contact.email", "电子邮箱", Shape.CONTACT, "邮箱 contact_email email e-mail"),
    _f("contact.wechat", "微信", Shape.CONTACT, "微信号 contact_wechat wechat", shown=False),
    _f("published_at", "发布日期", Shape.DATE, "发布时间", shown=False),
    _f("expires_at", "有效期至", Shape.DATE, "有效期 截止有效期", hint="如 2027-06-30"),
    _f("confirmed_at", "最近确认", Shape.DATE, "最近确认日期", shown=False),
    _f("status", "状态", Shape.TERM, "", list_of="status", shown=False),
    _f("body_complete", "正文已完整", Shape.FLAG, "", shown=False),
)

_NEED = (
    _f("need_id", "需求编号", Shape.LINE, "id _id 编号 需求id", hint="本单位自编,可不填"),
    _f("title", "需求名称", Shape.LINE,
       "名称 标题 题目 需求标题 技术需求名称 难题名称 项目名称 name",
       required=True, hint="4 至 60 字"),
    _f("problem_statement", "技术难题描述", Shape.TEXT,
       "text 内容 正文 描述 技术难题 难题描述 需求描述 需求内容 技术需求 技术需求描述 需求简介 "
       "主要内容 description content body problem",
       required=True, hint="现象、工况、要解决到什么程度"),
    _f("background", "需求背景", Shape.TEXT, "背景"),
    _f("application_scene", "应用场景", Shape.TEXT, "场景 使用场景 scene"),
    _f("targets", "主要技术指标", Shape.TARGETS, "技术指标 指标 指标要求 target",
       hint="每行一条,如:循环寿命 ≥ 3000 次"),
    _f("current_state", "现有基础", Shape.TEXT, "现状 现有条件 工作基础"),
    _f("tried_solutions", "已尝试方案", Shape.TEXT, "已尝试的方案 尝试过的方案"),
    _f("benchmark_level", "对标水平", Shape.TERM, "", list_of="level"),
    _f("solver_requirements", "对揭榜方要求", Shape.TEXT, "揭榜方要求 对合作方要求 合作方要求"),
    _f("keywords", "关键词", Shape.LINES, "关键字 keyword tags 标签", hint="3 至 8 个,用顿号隔开"),
    _f("org", "需求单位", Shape.LINE,
       "org_id 单位 单位名称 企业名称 企业 公司 公司名称 需求方 发布单位 organization company"),
    _f("org_type", "单位类型", Shape.TERM, "企业类型", list_of="org_type"),
    _f("uscc", "统一社会信用代码", Shape.LINE, "信用代码 社会信用代码"),
    _f("region_code", "所在市州", Shape.TERM,
       "region 所在地区 地区 市州 城市 所在地 所在城市 所属地区 city location", list_of="region"),
    _f("park", "所在园区", Shape.LINE, "园区"),
    _f("need_kind", "需求类别", Shape.TERM, "类别 需求类型 kind", list_of="need_kind"),
    _f("industry_chain", "所属产业链", Shape.TERM, "产业链 chain 产业 所属产业 所属领域 产业领域",
       list_of="chain"),
    _f("hightech_field", "技术领域", Shape.LINE, "高新技术领域", shown=False),
    _f("trl_min", "期望成熟度", Shape.INTEGER, "trl 成熟度 技术成熟度 期望技术成熟度",
       list_of="trl", hint="1 至 9"),
    _f("coop_modes", "合作方式", Shape.TERMS, "合作模式 coop_mode 意向合作方式",
       list_of="coop_mode", hint="可填多个,用顿号隔开"),
    _f("budget_min_cny_wan", "拟投入资金下限(万元)", Shape.MONEY,
       "预算下限 资金下限 最低预算 budget_min", hint="万元,只填数字"),
    _f("budget_max_cny_wan", "拟投入资金上限(万元)", Shape.MONEY,
       "预算上限 资金上限 最高预算 budget_max", hint="万元,只填数字"),
    _f("budget", "拟投入资金(万元)", Shape.MONEY_RANGE,
       "预算 资金预算 投入资金 投资预算 资金 budget_cny_wan 拟投入", shown=False),
    _f("negotiable", "资金可面议", Shape.FLAG, "面议 可面议"),
    _f("deadline", "期望解决期限", Shape.DATE, "截止日期 期限 解决期限", hint="如 2027-06-30"),
    _f("duration_months", "期望周期(月)", Shape.INTEGER, "周期 研发周期 期望月数",
       hint="不超过 36"),
    _f("ip_ownership", "知识产权归属要求", Shape.TERM, "知识产权归属 知识产权",
       list_of="ip_ownership"),
    _f("organise_mode", "组织方式", Shape.TERM, "", list_of="organise_mode"),
    *_COMMON,
)

_ACHIEVEMENT = (
    _f("achievement_id", "成果编号", Shape.LINE, "id _id 编号 成果id", hint="本单位自编,可不填"),
    _f("reg_no", "登记号", Shape.LINE, "成果登记号 批准登记号", shown=False),
    _f("title", "成果名称", Shape.LINE,
       "名称 标题 题目 成果标题 技术名称 科技成果名称 项目名称 name",
       required=True, hint="4 至 100 字"),
    _f("abstract", "成果简介", Shape.TEXT,
       "text 内容 正文 描述 简介 摘要 成果摘要 成果描述 成果内容 成果介绍 技术简介 主要内容 "
       "description content body summary", required=True, hint="原理、做法、效果"),
    _f("innovations", "主要创新点", Shape.TEXTS, "创新点 innovation", hint="每行一条"),
    _f("metrics", "技术经济指标", Shape.TARGETS, "技术指标 指标 主要技术指标 metric",
       hint="每行一条,如:循环寿命 ≥ 3000 次"),
    _f("advantage_vs_existing", "对比现有方案的优势", Shape.TEXT, "技术优势 优势 对比优势"),
    _f("economics", "经济性", Shape.TEXT, "经济效益 效益"),
    _f("applications", "应用领域", Shape.TEXT, "应用 适用领域 应用范围 application"),
    _f("pilot_gap", "中试缺口", Shape.TEXT, "中试需求"),
    _f("keywords", "关键词", Shape.LINES, "关键字 keyword tags 标签", hint="3 至 8 个,用顿号隔开"),
    _f("org", "完成单位", Shape.LINE,
       "org_id 单位 单位名称 成果单位 所属单位 第一完成单位 高校 organization institution"),
    _f("org_type", "单位类型", Shape.TERM, "", list_of="org_type", shown=False),
    _f("uscc", "统一社会信用代码", Shape.LINE, "信用代码 社会信用代码", shown=False),
    _f("inventors", "完成人", Shape.LINES, "发明人 主要完成人 inventor"),
    _f("lead", "负责人", Shape.LINE, "项目负责人 成果负责人"),
    _f("region_code", "所在地区", Shape.TERM,
       "region 所在市州 地区 市州 城市 所在地 所在城市 所属地区 city location", list_of="region"),
    _f("park", "所在园区", Shape.LINE, "园区", shown=False),
    _f("industry_chain", "所属产业链", Shape.TERM, "产业链 chain 产业 所属产业 所属领域 产业领域",
       list_of="chain"),
    _f("hightech_field", "技术领域", Shape.LINE, "高新技术领域", shown=False),
    _f("ach_class", "成果类别", Shape.TERM, "类别 成果类型", list_of="ach_class"),
    _f("origin_type", "成果属性", Shape.TERM, "", list_of="origin_type", shown=False),
    _f("forms", "成果体现形式", Shape.TERMS, "体现形式 form", list_of="form"),
    _f("level", "成果水平", Shape.TERM, "水平", list_of="level"),
    _f("stage", "所处阶段", Shape.TERM, "阶段 成果阶段", list_of="stage"),
    _f("trl", "技术成熟度", Shape.INTEGER, "成熟度", list_of="trl", hint="1 至 9"),
    _f("innovation_grade", "创新度", Shape.LINE, "", shown=False),
    _f("advancement_grade", "先进度", Shape.LINE, "", shown=False),
    _f("use_state", "应用状态", Shape.TERM, "应用情况", list_of="use_state"),
    _f("ip", "知识产权", Shape.RIGHTS, "知识产权情况 专利 专利号", hint="每行一条"),
    _f("service_invention", "职务科技成果", Shape.FLAG, "是否职务科技成果 职务成果"),
    _f("right_granted", "赋权情况", Shape.LINE, "赋权", shown=False),
    _f("coop_modes", "合作方式", Shape.TERMS, "合作模式 转化方式 coop_mode 拟转化方式",
       list_of="coop_mode", hint="可填多个,用顿号隔开"),
    _f("price_mode", "报价方式", Shape.TERM, "定价方式", list_of="price_mode"),
    _f("price_wan", "报价(万元)", Shape.MONEY, "价格 转让价格 price", hint="万元,只填数字"),
    _f("needs_pilot", "中试需要", Shape.TERMS, "是否需要中试", list_of="pilot"),
    _f("funding_source", "项目来源", Shape.LINE, "资助来源 基金"),
    _f("awards", "获奖情况", Shape.LINES, "获奖 奖励"),
    _f("secrecy", "成果密级", Shape.TERM, "密级", list_of="secrecy", shown=False),
    *_COMMON,
)
# fmt: on

FIELDS: dict[Kind, tuple[FieldSpec, ...]] = {Kind.NEED: _NEED, Kind.ACHIEVEMENT: _ACHIEVEMENT}

FIELD_LABELS: dict[Kind, dict[str, str]] = {
    kind: {spec.name: spec.label for spec in specs} for kind, specs in FIELDS.items()
}

MAIN_TEXT: dict[Kind, str] = {Kind.NEED: "problem_statement", Kind.ACHIEVEMENT: "abstract"}

_BRACKETS = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]")
_UNIT = re.compile(r"[(\[【](?:单位:?)?([^()]*元|万|亿)[)\]】]")


@cache
def headers(kind: Kind) -> dict[str, FieldSpec]:
    """Every accepted header of `kind`, folded, with its field."""
    found: dict[str, FieldSpec] = {}
    for spec in FIELDS[kind]:
        for name in (spec.name, spec.label, *spec.aliases):
            found.setdefault(header_key(name), spec)
    return found


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """A header without brackets (`(万元)`, `(必填)`), in the form in which headers are compared."""
    plain = unicodedata.normalize("NFKC", header)
    return fold(_BRACKETS.sub("", plain)) or fold(plain)


@lru_cache(maxsize=4096)
def header_unit(header: str) -> str | None:
    """The unit of money that a header names in brackets (`元`, `万元`), or None."""
    found = _UNIT.search("".join(unicodedata.normalize("NFKC", header).split()))
    return found.group(1) if found else None


@cache
def _by_name(kind: Kind) -> dict[str, FieldSpec]:
    return {spec.name: spec for spec in FIELDS[kind]}


def spec_of(kind: Kind, name: str) -> FieldSpec:
    """The field called `name`. Raises KeyError when `kind` has none of that name."""
    return _by_name(kind)[name]
