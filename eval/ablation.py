"""What each part of the served pipeline is worth: the whole, and variants of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from eval import measures
from eval.compare import Paired, paired
from eval.experiment import Topic, run_config
from eval.systems import SYSTEMS
from matcher.encoder import Encoder

WHOLE = "served"
VARIANTS: dict[str, dict[str, float | bool]] = {
    "without structured fit": {"fit_share": 0.0},
    "without figures": {"indicator_share": 0.0},
    "without feedback": {"feedback_weight": 0.0},
    "without fit, figures and feedback": {
        "fit_share": 0.0,
        "indicator_share": 0.0,
        "feedback_weight": 0.0,
    },
    "without semantic arm": {"dense_weight": 0.0, "feedback_weight": 0.0},
    "with synonyms": {"expansion_weight": 0.3},
    "with synonyms of every chain": {"expansion_weight": 0.3, "expansion_by_chain": False},
    "with synonyms of absent terms": {"expansion_weight": 0.3, "expansion_if_absent": True},
}
"""What is taken out or added, and the parameters that do it."""
_MEASURES = ("nDCG@10", "Recall@100")


@dataclass(frozen=True)
class Variant:
    """Means of one variant, and nDCG@10 against the whole (variant minus whole; None for it)."""

    name: str
    means: dict[str, float]
    grade_3_first: float
    test: Paired | None


def ablate(
    topic: Topic, encoder: Encoder, progress: Callable[[int, int], None] | None = None
) -> list[Variant]:
    """The whole first, then every one of `VARIANTS`."""
    served = SYSTEMS[WHOLE].config
    configs = {WHOLE: served} | {
        name: replace(served, **change)  # type: ignore[arg-type]
        for name, change in VARIANTS.items()
    }
    found: list[Variant] = []
    whole: dict[str, float] = {}
    for done, (name, config) in enumerate(configs.items(), start=1):
        run = run_config(name, config, topic, encoder).run
        values = measures.per_query(topic.qrels, run)
        whole = whole or values["nDCG@10"]
        first = measures.first_place(topic.qrels, run)
        found.append(
            Variant(
                name,
                {m: sum(values[m].values()) / len(values[m]) for m in _MEASURES},
                sum(first.values()) / max(1, len(first)),
                paired(whole, values["nDCG@10"]) if name != WHOLE else None,
            )
        )
        if progress is not None:
            progress(done, len(configs))
    return found
