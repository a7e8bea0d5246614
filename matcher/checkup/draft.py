"""What a check-up reads: a draft of a need, free of records, files and contact data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A need as far as it is written.

    `text` is the running text (statement, background, demands on the solver); `targets` are
    indicators that stand in a field of their own, one line each; `scene`, `present` and `tried` are
    the texts of those fields. A `*_known` flag says that a structured field states the matter; what
    the running text says in words is found by the check-up itself.
    """

    title: str = ""
    text: str = ""
    targets: tuple[str, ...] = ()
    scene: str = ""
    present: str = ""
    tried: str = ""
    budget_known: bool = False
    term_known: bool = False
    ownership_known: bool = False
    maturity_known: bool = False

    @property
    def prose(self) -> str:
        """Everything that is written in sentences, one part a line; targets are not among it."""
        parts = (self.title, self.text, self.scene, self.present, self.tried)
        return "\n".join(part for part in parts if part.strip())

    @property
    def everything(self) -> str:
        """The prose, then one line for each target."""
        return "\n".join((self.prose, *self.targets))
