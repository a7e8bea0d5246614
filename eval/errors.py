"""The error of evaluation that is a fault of the call."""

from __future__ import annotations


class EvaluationError(ValueError):
    """What was asked for does not exist or does not fit; the message, in Chinese, is for the user."""
