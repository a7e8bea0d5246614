"""How a task is organised (组织方式), as data: a further mode is a row of `MODES`.

Codes are those of the taxonomy `organise_mode`.
"""

from __future__ import annotations

from dataclasses import dataclass

from corpora.taxonomy import taxonomy


@dataclass(frozen=True)
class Mode:
    """What differs between modes.

    `bidding`: there is an open call; without it the task goes from posting to docking. `invited`:
    only the organisations that the task names may bid, at least one. `awards`: how many bids may
    win at most, each with a contract of its own. `cut`: a failed milestone ends one contract while
    others run on.
    """

    code: str
    bidding: bool = True
    invited: bool = False
    most_invited: int | None = None
    awards: int = 1
    cut: bool = False

    @property
    def label_zh(self) -> str:
        """The Chinese name."""
        return taxonomy("organise_mode").label(self.code)


MODES: dict[str, Mode] = {
    mode.code: mode
    for mode in (
        Mode("bounty"),
        Mode("directed", bidding=False, invited=True, most_invited=1),
    )
}
