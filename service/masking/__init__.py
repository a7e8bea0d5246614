"""The masked view of a record, made by rule: who it is from and its exact figures are not in it."""

from service.masking.record import masked

__all__ = ["masked"]
