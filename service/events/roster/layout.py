"""The sheets of a roster: what stands in which column, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from corpora.form_book import Column
from corpora.taxonomy import taxonomy
from matcher.listing import KINDS, Kind
from service.events.roster import cells

SIDES = {"企业": Kind.NEED.value, "院所": Kind.ACHIEVEMENT.value}
"""Who sits on the side of a need, and of an achievement."""
WISHES = {"必见": "must", "愿意": "like", "不见": "no"}
FLAGS = {"是": True, "否": False}
OF_KIND = {"需求": Kind.NEED.value, "成果": Kind.ACHIEVEMENT.value} | {
    KINDS[kind].label_zh: kind.value for kind in Kind
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column and the value that is read from it; a `private` one is not shown in faults."""

    name: str
    column: Column
    read: Callable[[object], object]
    private: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; two rows that agree in `key` speak of the same."""

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def label(self, name: str) -> str:
        """The header of a field; empty for what has no column."""
        return next((f.column.label for f in self.fields if f.name == name), "")


def _labels(name: str) -> tuple[str, ...]:
    return tuple(taxonomy(name).labels.values())


_PARTY = Column("单位名称", True, hint="全称，几张表里写法一致", width=32)
_CAP = Column("场次上限", hint="最多参加几场，0 到 100000 的整数；没有上限填“不限”")
_FREE = "例如 2027-05-18 09:00-11:00；2027-05-18 14:00-16:00，或 2027-05-18（全天）；都能来填“全程”"
_AN_ID = "平台上的编号，须已发布"

PARTIES = Sheet(
    "参会单位",
    ("name",),
    (
        Field("name", _PARTY, cells.line("单位名称")),
        Field("uscc", Column("统一社会信用代码", hint="18 位；填了才能带入本单位发布的条目", width=24), cells.uscc),
        Field("org_type", Column("单位类型", choices=_labels("org_type")), cells.code("org_type")),
        Field("region_code", Column("所在市州", choices=_labels("region")), cells.code("region")),
        Field("small", Column("小企业", choices=tuple(FLAGS), hint="是或否；排期时照顾小企业"), cells.choice(FLAGS)),
        Field("max_meetings", _CAP, cells.cap),
    ),
)  # fmt: skip
PEOPLE = Sheet(
    "参会人员",
    ("party", "name"),
    (
        Field("party", _PARTY, cells.line("单位名称")),
        Field("name", Column("姓名", True, hint="同一单位内不重名"), cells.line("姓名", 40)),
        Field("mail", Column("邮箱", hint="邀请发到这里，一人一个", width=28), cells.mail, private=True),
        Field("free", Column("可参加时间", hint=_FREE, width=40), cells.free),
    ),
)  # fmt: skip
ENTRIES = Sheet(
    "对接条目",
    ("kind", "listing_id"),
    (
        Field("party", _PARTY, cells.line("单位名称")),
        Field("kind", Column("类别", True, ("需求", "成果")), cells.choice(OF_KIND)),
        Field("listing_id", Column("编号", True, hint=_AN_ID, width=24), cells.identifier),
        Field("priority", Column("优先级", hint="0 到 10，一般的条目为 1"), cells.priority),
        Field("max_meetings", _CAP, cells.cap),
        Field("people", Column("对接人", hint="本单位的参会人员，用、隔开；都参加填“全体”", width=28), cells.names),
    ),
)  # fmt: skip
WANTED = Sheet(
    "意愿",
    ("need_id", "achievement_id", "side"),
    (
        Field("need_id", Column("需求编号", True, hint=_AN_ID, width=24), cells.identifier),
        Field("achievement_id", Column("成果编号", True, hint=_AN_ID, width=24), cells.identifier),
        Field("side", Column("哪一方", True, tuple(SIDES), "企业是需求一方，院所是成果一方"), cells.choice(SIDES)),
        Field("wish", Column("意愿", True, tuple(WISHES)), cells.choice(WISHES)),
    ),
)  # fmt: skip
SHEETS = (PARTIES, PEOPLE, ENTRIES, WANTED)
GUIDE = (
    "活动名单填写说明",
    "四张工作表：参会单位、参会人员、对接条目、意愿；带 * 的列必填。没有内容的表留着表头即可，不要删去。",
    f"第一格以“{cells.EXAMPLE}”开头的行只作示范，不会导入，可保留也可删去。",
    "正确的行会导入，有错的行逐条列出；改好后整个文件再导入一次，不会产生重复。空着的格不改动已有内容。",
    "条目按编号带入：记录须已发布；单位发布的记录只能由本单位带来；脱敏和保密的条目由技术经理人或管理员加入。",
    "请勿使用公式；需要时用“选择性粘贴—数值”。不收涉密内容。",
)
EXAMPLES: dict[str, tuple[tuple[object, ...], ...]] = {
    PARTIES.name: ((f"{cells.EXAMPLE}某某矿业有限公司", "", "一般企业", "攀枝花市", "是", 6),),
    PEOPLE.name: (
        (f"{cells.EXAMPLE}某某矿业有限公司", "张工", "zhang@example.com", "2027-05-18 09:00-11:00"),
        (f"{cells.EXAMPLE}某某矿业有限公司", "李工", "li@example.com", "2027-05-18"),
    ),
    ENTRIES.name: ((f"{cells.EXAMPLE}某某矿业有限公司", "需求", "N0001", 2, 4, "张工、李工"),),
    WANTED.name: ((f"{cells.EXAMPLE}N0001", "A0001", "企业", "必见"),),
}  # fmt: skip
