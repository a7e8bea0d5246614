"""The form in which a side says how a meeting was, for participants and organisers alike."""

from __future__ import annotations

from service.web.forms import whole
from service.web.rendering import Form, text_of

LABELS = {
    "met": "见面情况",
    "interested": "意向",
    "reason_code": "没有意向的原因",
    "note": "备注",
    "version": "版本",
}
_WORDS: dict[str, tuple[bool, bool | None]] = {
    "missed": (False, None),
    "declined": (True, False),
    "interested": (True, True),
}
"""What one choice of the form says: whether they met, and whether there is interest."""


def stated(form: Form) -> dict[str, object]:
    """What is stated of a meeting, as `service.events.outcomes.OutcomeIn` takes it."""
    met, interested = _WORDS.get(text_of(form, "word"), (None, None))
    return {
        "met": met,
        "interested": interested,
        "follow_up": bool(text_of(form, "follow_up")),
        "reason_code": text_of(form, "reason_code") or None,
        "note": text_of(form, "note"),
        "version": whole(text_of(form, "version")),
    }
