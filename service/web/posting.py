"""Posting a record by a form, with what is wrong told beside each field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from corpora.fields import MAIN_TEXT, FieldSpec, Shape, spec_of
from corpora.records import Record
from corpora.rows import RawRow, RowReader
from corpora.taxonomy import SICHUAN, taxonomy
from corpora.values import number_text
from matcher.listing import KINDS, Kind
from service.api.listings import save_new
from service.context import Ctx
from service.guard import Asker
from service.masking import masked
from service.tables import ListingRow
from service.twins import NamedTwin, listing_of
from service.web.cards import stated_fields
from service.web.panel import Panel
from service.web.rendering import Form, page, record_url, text_of, texts_of

Group = tuple[str, tuple[str, ...]]

_DISCLOSURE: Group = ("公开程度", ("disclosure", "named_orgs"))
# what the form asks for; the types, lists and limits come from the field table
_GROUPS: dict[Kind, tuple[Group, ...]] = {
    Kind.NEED: (
        ("需求内容", ("title", "problem_statement", "targets", "keywords")),
        ("单位与分类", ("org", "org_type", "region_code", "industry_chain", "need_kind")),
        _DISCLOSURE,
        (
            "合作条件",
            (
                "coop_modes",
                "budget_min_cny_wan",
                "budget_max_cny_wan",
                "trl_min",
                "duration_months",
                "ip_ownership",
            ),
        ),
        (
            "补充说明（选填）",
            ("application_scene", "current_state", "tried_solutions", "solver_requirements"),
        ),
    ),
    Kind.ACHIEVEMENT: (
        ("成果内容", ("title", "abstract", "innovations", "metrics", "keywords")),
        ("单位与分类", ("org", "region_code", "industry_chain", "ach_class", "stage")),
        _DISCLOSURE,
        ("合作条件", ("coop_modes", "price_mode", "price_wan", "trl", "ip")),
        ("补充说明（选填）", ("applications", "advantage_vs_existing", "economics")),
    ),
}
_CONTACT: Group = ("联系人（不公开，不参与匹配）", ("contact", "contact.phone"))
_CLASSIFIED = "classified"
_CONFIRMED = "not_a_twin"
"""The button that publishes a record although another one reads nearly the same."""


@dataclass
class PostingForm:
    """What was typed, by field name, and what is wrong with it.

    Errors of no field on the form are under the empty name.
    """

    kind: Kind
    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Record) -> PostingForm:
        """The form filled in with a stored record; contact data is not shown again."""
        made = cls(record.kind)
        for name in made.names:
            if name not in (*_CONTACT[1], _CLASSIFIED):
                made.values[name] = _typed(spec_of(record.kind, name), getattr(record, name))
        return made

    def changes(self, record: Record) -> dict[str, Any]:
        """What the form states, as a change of a stored record; contact only where it is given."""
        stated = record.model_dump(mode="json", exclude_defaults=True)
        names = [name for name in self.names if name not in (*_CONTACT[1], _CLASSIFIED)]
        found = {name: stated.get(name) for name in names}
        return found | ({"contact": record.contact_values()} if record.contact else {})

    @property
    def groups(self) -> list[tuple[str, list[FieldSpec]]]:
        """Headings and fields in the order of the form."""
        return [
            (heading, [spec_of(self.kind, name) for name in names])
            for heading, names in (*_GROUPS[self.kind], _CONTACT)
        ]

    @property
    def names(self) -> list[str]:
        """Names of all fields of the form."""
        return [spec.name for _, specs in self.groups for spec in specs] + [_CLASSIFIED]

    def value(self, name: str) -> str:
        """What stands in a field of one value."""
        return next(iter(self.values.get(name, ())), "")

    def label(self, name: str) -> str:
        """The Chinese name of a field."""
        return spec_of(self.kind, name).label

    def options(self, spec: FieldSpec) -> list[tuple[str, list[tuple[str, str]]]]:
        """Groups of codes and labels for a drop-down."""
        labels = list(taxonomy(spec.taxonomy or "").labels.items())
        if spec.taxonomy != "region":
            return [("", labels)]
        near = [(code, label) for code, label in labels if code.startswith(SICHUAN)]
        return [("四川", near), ("其他地区", [pair for pair in labels if pair not in near])]

    def read(self, form: Form) -> Record | None:
        """The record that the form makes, by the rules of file import; None with `errors` set."""
        return self._read(form, self.names, RowReader(self.kind, strict=True))

    def read_draft(self, form: Form) -> Record | None:
        """What is typed so far as a record, however little; None with `errors` set.

        Contact data is not even looked at, so that it stands in no answer; a value that cannot be
        read counts as not stated.
        """
        names = [name for name in self.names if name not in _CONTACT[1]]
        return self._read(form, names, RowReader(self.kind, strict=False, needs_text=False))

    def _read(self, form: Form, names: Sequence[str], reader: RowReader) -> Record | None:
        cells: dict[str, object] = {}
        for name in names:
            self.values[name] = given = texts_of(form, name)
            several = name != _CLASSIFIED and spec_of(self.kind, name).shape is Shape.TERMS
            cells[name] = given if several else "\n".join(given)
        record = reader.read(RawRow(1, cells))
        found: defaultdict[str, list[str]] = defaultdict(list)
        for error in reader.errors:
            name = error.column if error.column in cells else ""
            told = f"{error.problem}。{error.cure}。"
            found[name].append(told if name else f"{error.column}：{told}")
        order = ["", *self.names]
        self.errors = {name: found[name] for name in sorted(found, key=order.index)}
        return record


def _typed(spec: FieldSpec, value: object) -> list[str]:
    """A stored value as it would be typed."""
    if value is None or value in ("", []):
        return []
    if spec.shape is Shape.TERMS:
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]
    if isinstance(value, list):
        return [("、" if spec.shape is Shape.LINES else "\n").join(map(str, value))]
    return [number_text(value) if isinstance(value, int | float) else str(value)]


def router_for(kind: Kind) -> APIRouter:
    """The posting form of one kind."""
    spec = KINDS[kind]
    router = APIRouter()

    @router.get(f"/{spec.plural}/new", name=f"new_{kind.value}")
    def blank(request: Request) -> Response:
        return posting_page(request, PostingForm(kind))

    @router.post(f"/{spec.plural}/draft", name=f"draft_{kind.value}")
    def draft(request: Request, form: Form) -> Response:
        # the text of a search, carried over into the form; nothing is stored yet
        values = {"title": [text_of(form, "title")], MAIN_TEXT[kind]: [text_of(form, "text")]}
        return posting_page(request, PostingForm(kind, values))

    @router.post(f"/{spec.plural}/new", name=f"post_{kind.value}")
    def post(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
        posting = PostingForm(kind)
        record = posting.read(form)
        if record is None:
            return posting_page(request, posting, status=422)
        confirmed = form.get(_CONFIRMED) or _status(form) == "draft"
        twins = [] if confirmed else ctx.replica.twins.twins(listing_of(record))
        if twins:
            return posting_page(request, posting, twins=twins, status=409)
        record = record.model_copy(update={"status": _status(form)})
        row = save_new(ctx, kind, record, asker.principal)
        return RedirectResponse(f"{record_url(kind, row.id)}?posted=1", status_code=303)

    @router.post(f"/{spec.plural}/mask", name=f"mask_{kind.value}_page")
    def mask(request: Request, form: Form) -> Response:
        posting = PostingForm(kind)
        record = posting.read(form)
        if record is None:
            return posting_page(request, posting, status=422)
        return posting_page(request, posting, mask=masked(record))

    return router


def _status(form: Form) -> str:
    return "draft" if text_of(form, "status") == "draft" else "published"


def posting_page(
    request: Request,
    posting: PostingForm,
    *,
    edited: ListingRow | None = None,
    problem: str = "",
    mask: Record | None = None,
    panel: Panel | None = None,
    twins: Sequence[NamedTwin] = (),
    status: int = 200,
) -> Response:
    """The form with what was typed.

    `edited` is the stored record where one is changed, `mask` the masked view of what was typed
    where that was asked for. `panel` is the outcome of a check-up that
    was asked for; `twins` are records that read nearly the same, for which the form asks whether
    to publish all the same.
    """
    kind = posting.kind
    return page(
        request,
        "posting.html",
        status=status,
        active=kind.value if edited else f"new-{kind.value}",
        edited=edited,
        problem=problem,
        mask=stated_fields(mask) if mask else [],
        mask_title=mask.title if mask else "",
        kind=kind,
        form=posting,
        panel=panel or Panel(),
        twins=twins,
        confirmed=_CONFIRMED,
        Shape=Shape,
    )
