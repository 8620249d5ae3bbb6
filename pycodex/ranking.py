"""Which texts fit a query: BM25 over English words (k1 = 1.2, b = 0.75), as 0.169.0's tool_search says of itself.

Words are lower case, cut to their stems by the usual endings, and the commonest ones do not count. codex-cli stems by
a fuller set of rules, so two texts that fit almost equally well may stand in another order there.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

__all__ = ["ranked"]

_K1, _B = 1.2, 0.75
_WORD = re.compile(r"[a-z0-9]+")
_COMMON = frozenset(
    _WORD.findall(
        "a about all also am an and any are as at be been but by can did do does for from had has have he her him his "
        "how i if in into is it its me my no nor not of off on or our out over own she so some such than that the "
        "their them then there these they this those to too under until up was we were what when where which while who "
        "whom why will with you your"
    )
)


def _stem(word: str) -> str:
    for ending, instead in (("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word.removesuffix(ending) + instead
            break
    for ending in ("ingly", "edly", "ing", "ed"):
        if word.endswith(ending) and re.search("[aeiouy]", word.removesuffix(ending)[:-1] or " "):
            word = word.removesuffix(ending)
            if len(word) > 2 and word[-1] == word[-2] and word[-1] in "bdfgmnprt":
                word = word[:-1]
            break
    word = f"{word[:-1]}i" if word.endswith("y") and len(word) > 2 and word[-2] not in "aeiou" else word
    return word.removesuffix("e") if len(word) > 3 else word


def _words(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _COMMON]


def ranked(query: str, texts: Sequence[str], limit: int) -> list[int]:
    """The places of the texts that have a word of the query, the best first, at most `limit` of them."""
    counts = [Counter(_words(text)) for text in texts]
    average = sum(sum(each.values()) for each in counts) / max(len(counts), 1) or 1.0
    scores = [0.0] * len(texts)
    for word in _words(query):
        having = sum(word in each for each in counts)
        weight = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        for place, each in enumerate(counts):
            length = _K1 * (1 - _B + _B * sum(each.values()) / average)
            scores[place] += weight * each[word] * (_K1 + 1) / (each[word] + length)
    found = [place for place, score in enumerate(scores) if score > 0]
    return sorted(found, key=lambda place: -scores[place])[:limit]
