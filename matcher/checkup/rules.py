"""The rules of the check-up: what each looks for, how much it weighs and what it asks.

`RULES` is the one table. The score is 100 less the weights of what was found. Without `vague_words`
and `several_needs`, which cannot be said of an empty page, the weights add up to 100, so that an
empty draft scores 0; a draft for which more is found than that scores 0 as well. The weights are a
judgement of ours about what a solver misses most, not measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from matcher.checkup import signs
from matcher.checkup.draft import Draft
from matcher.checkup.measure import has_measurable_target
from matcher.checkup.subject import quantity, topic

SHORT = 60
"""Characters of prose below which a draft is too short to be judged by a solver."""
_WANTS_SHOWN = 3


class Severity(StrEnum):
    """How much a gap stands in the way of a match."""

    MAJOR = "major"
    MINOR = "minor"
    HINT = "hint"


SEVERITY_ZH = {Severity.MAJOR: "重要", Severity.MINOR: "建议", Severity.HINT: "提示"}


@dataclass(frozen=True, slots=True)
class Context:
    """A draft and what is read from it once for all rules; the names are for the questions."""

    draft: Draft
    figure: bool
    target: bool
    quantity: str
    topic: str

    @classmethod
    def of(cls, draft: Draft) -> Context:
        """Read the draft."""
        return cls(
            draft,
            signs.has_figure(draft.everything),
            has_measurable_target(draft),
            quantity(draft.everything),
            topic(draft.title, draft.text),
        )

    @property
    def about(self) -> str:
        """What the draft is about in quotation marks, or a pronoun."""
        return f"“{self.topic}”" if self.topic else "这件事"


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule says: the gap and the question that closes it."""

    message: str
    question: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: code, weight in points, severity, the field that would hold the answer, the test."""

    code: str
    weight: int
    severity: Severity
    field: str
    test: Callable[[Context], Told | None]


def _too_short(c: Context) -> Told | None:
    length = len("".join(c.draft.prose.split()))
    if length >= SHORT:
        return None
    said = f"只写了 {length} 个字，看不出难在哪里" if length else "还没有写内容"
    return Told(said, f"{c.about}是什么现象？什么时候、在什么条件下出现？造成多大损失？")


def _no_indicator(c: Context) -> Told | None:
    if c.target:
        return None
    if c.quantity:
        question = f"目前的{c.quantity}是多少？希望做到多少？"
    else:
        question = f"用哪个数来判断{c.about}算解决了？现在是多少，要做到多少？"
    return Told("没有可以衡量的目标", question)


def _no_figure(c: Context) -> Told | None:
    if c.figure:
        return None
    named = f"{c.quantity}、" if c.quantity else ""
    return Told(
        "通篇没有一个数", f"能给出哪些实际的数：{named}规模、产量、尺寸、温度，还是每年的损失？"
    )


def _vague_words(c: Context) -> Told | None:
    words = [] if c.target else signs.praise(c.draft.everything)
    if not words:
        return None
    shown = "、".join(f"“{word}”" for word in words[:_WANTS_SHOWN])
    named = f"{c.quantity}做到多少" if c.quantity else "哪一项指标做到多少"
    return Told(f"只有{shown}这样的形容，没有可比的数", f"“{words[0]}”是和谁比？{named}才算？")


def _no_scene(c: Context) -> Told | None:
    if c.draft.scene.strip() or signs.states_scene(c.draft.prose):
        return None
    return Told(
        "没有说用在哪里", f"{c.about}出在什么设备、产线或现场？那里的温度、介质、节拍怎样？"
    )


def _no_present_state(c: Context) -> Told | None:
    if c.draft.present.strip() or signs.states_present(c.draft.prose):
        return None
    known = f"，{c.quantity}是多少" if c.quantity else ""
    return Told("没有说现状", f"现在用的是什么设备和办法{known}？哪些东西不能动？")


def _nothing_tried(c: Context) -> Told | None:
    if c.draft.tried.strip() or signs.states_tried(c.draft.prose):
        return None
    return Told("没有说试过什么", f"为{c.about}试过哪些办法？为什么没有成？")


def _no_maturity(c: Context) -> Told | None:
    if c.draft.maturity_known or signs.states_maturity(c.draft.prose):
        return None
    return Told(
        "没有说要多成熟的技术", "要拿来就能用的（7 级以上），还是可以从小试、中试一起做起？"
    )


def _no_budget(c: Context) -> Told | None:
    if c.draft.budget_known or signs.states_budget(c.draft.prose):
        return None
    return Told("没有说预算", f"为{c.about}打算投入多少万元？还没有定的话，可以写面议。")


def _no_term(c: Context) -> Told | None:
    if c.draft.term_known or signs.states_term(c.draft.prose):
        return None
    return Told("没有说期限", "希望几个月内解决？有没有必须赶上的日子？")


def _no_ownership(c: Context) -> Told | None:
    if c.draft.ownership_known or signs.states_ownership(c.draft.prose):
        return None
    return Told("没有说知识产权归谁", "做出来的专利和技术归本单位、双方共有，还是归揭榜方？")


def _several_needs(c: Context) -> Told | None:
    wants = signs.further_wants(c.draft.text)
    if not wants:
        return None
    shown = "、".join(f"“{topic('', want)}”" for want in wants[:_WANTS_SHOWN])
    return Told("一条需求里像有几件事", f"{shown}能不能各发一条？分开写，各自的解决者更容易找到。")


RULES: tuple[Rule, ...] = (
    Rule("too_short", 20, Severity.MAJOR, "problem_statement", _too_short),
    Rule("no_indicator", 20, Severity.MAJOR, "targets", _no_indicator),
    Rule("no_figure", 12, Severity.MAJOR, "problem_statement", _no_figure),
    Rule("no_scene", 10, Severity.MINOR, "application_scene", _no_scene),
    Rule("vague_words", 3, Severity.MINOR, "targets", _vague_words),
    Rule("several_needs", 8, Severity.MINOR, "problem_statement", _several_needs),
    Rule("no_present_state", 8, Severity.MINOR, "current_state", _no_present_state),
    Rule("no_budget", 8, Severity.MINOR, "budget_max_cny_wan", _no_budget),
    Rule("no_term", 7, Severity.MINOR, "duration_months", _no_term),
    Rule("nothing_tried", 5, Severity.HINT, "tried_solutions", _nothing_tried),
    Rule("no_maturity", 5, Severity.HINT, "trl_min", _no_maturity),
    Rule("no_ownership", 5, Severity.HINT, "ip_ownership", _no_ownership),
)
