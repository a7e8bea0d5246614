"""How the matches that readers see spread over the institutions of the corpus."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eval.experiment import SHOWN, SystemRun, Topic
from matcher.exposure import gini

_TOP_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure over institutions; `places` counts the first ten places of all queries.

    `gini` is 0 where every institution is shown equally often and nears 1 where one has it all;
    `gini_listings` is that of listings held, which no ranking can be blamed for. `top_share` is the
    share of places that the top tenth of the institutions holds. `counts` ascend.
    """

    institutions: int
    shown: int
    places: int
    unstated: int
    gini: float
    gini_listings: float
    top_share: float
    top: tuple[tuple[str, int], ...]
    counts: tuple[int, ...]


def exposure(topic: Topic, run: SystemRun, *, named: int = 5) -> Exposure | None:
    """The exposure of `run`; None where no listing names its institution.

    `unstated` counts places of listings without one; they are left out of all shares.
    """
    institution = {item.id: item.facets.org for item in topic.corpus if item.facets.org}
    if not institution:
        return None
    held = Counter(institution.values())
    documents = [document for ranked in run.run.values() for document, _ in ranked[:SHOWN]]
    seen = Counter(institution[d] for d in documents if d in institution)
    counts = sorted(seen.get(name, 0) for name in held)
    places = sum(counts)
    top = math.ceil(len(counts) * _TOP_SHARE)
    return Exposure(
        institutions=len(held),
        shown=len(seen),
        places=places,
        unstated=len(documents) - places,
        gini=gini(counts),
        gini_listings=gini(list(held.values())),
        top_share=sum(counts[-top:]) / places if places else 0.0,
        top=tuple(sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:named]),
        counts=tuple(counts),
    )


def lorenz(counts: Sequence[int]) -> list[tuple[float, float]]:
    """Points of the Lorenz curve from (0, 0) to (1, 1): poorest share of holders, share held."""
    ordered = sorted(counts)
    total, n = sum(ordered), len(ordered)
    points = [(0.0, 0.0)]
    held = 0
    for i, count in enumerate(ordered, start=1):
        held += count
        points.append((i / n, held / total if total else i / n))
    return points
