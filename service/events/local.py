"""The time at the place of an event, as its hours are written."""

from __future__ import annotations

from datetime import datetime

from service.inputs import BEIJING


def here() -> datetime:
    """The present at the place of an event, without a zone like the hours of its meetings."""
    return datetime.now(BEIJING).replace(tzinfo=None)
