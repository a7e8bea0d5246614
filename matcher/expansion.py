"""What a query's terms may be called elsewhere, as further tokens for the lexical arm."""

from __future__ import annotations

from matcher.alignment import Reading
from matcher.config import MatcherConfig
from matcher.index import ListingIndex
from matcher.listing import Listing

_SHORTEST = 2


def expansion(query: Listing, index: ListingIndex, config: MatcherConfig) -> dict[str, float]:
    """Tokens of synonyms of the query's terms that the query itself does not hold, with weights.

    Single characters are left out: a synonym is not there because one of its characters is.
    """
    weight, analyzer = config.expansion_weight, config.analyzer
    if not weight:
        return {}
    chain = query.facets.chain if config.expansion_by_chain else None
    words: list[str] = []
    mentions = config.terminology.mentions(Reading.of(query.text, analyzer))
    for mention in config.terminology.meant(mentions, chain):
        own = (t for t in analyzer.tokens(mention.term) if len(t) >= _SHORTEST)
        if not (config.expansion_if_absent and index.holds("text", own)):
            words.extend(config.terminology.alternatives(mention))
    tokens = {t for word in words for t in analyzer.tokens(word) if len(t) >= _SHORTEST}
    return dict.fromkeys(sorted(tokens - set(analyzer.tokens(query.text))), weight)
