"""Counting what the redactor finds and what it takes wrongly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from hookline.privacy.redact import Redactor
from support.redaction.encodings import ENCODINGS
from support.redaction.innocent import FAMILIES
from support.redaction.kinds import KINDS, Kind

PIECE_CHARS = 9


@dataclass
class Recall:
    """Found of all, by kind and by encoding, and examples of what was not."""

    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    def share(self, kinds: Iterable[str], encodings: Iterable[str] = tuple(ENCODINGS)) -> float:
        """Return the share that was found, of all cases of these kinds and encodings."""
        pairs = [(kind, encoding) for kind in kinds for encoding in encodings]
        return sum(self.found[pair] for pair in pairs) / max(1, sum(self.made[pair] for pair in pairs))


def measure_recall(redactor: Redactor, seeds: Iterable[int], kinds: tuple[Kind, ...] = KINDS) -> Recall:
    """Make each kind in each encoding, once for each seed. A secret is found when no nine characters of it in a row are left."""
    recall = Recall()
    for seed in seeds:
        for kind in kinds:
            text, secret = kind.make(Random(f"{kind.name} {seed}"))
            for encoding, (encode, encode_part) in ENCODINGS.items():
                recall.made[kind.name, encoding] += 1
                scrubbed = redactor.text(encode(text))
                if is_left(encode_part(secret), scrubbed):
                    recall.missed.append(f"{kind.name} · {encoding}: {scrubbed[:300]!r}")
                else:
                    recall.found[kind.name, encoding] += 1
    return recall


def is_left(secret: str, scrubbed: str) -> bool:
    """Answer whether a telling part of the secret is still there."""
    length = min(len(secret), PIECE_CHARS)
    return any(secret[at : at + length] in scrubbed for at in range(len(secret) - length + 1))


def measure_alarms(redactor: Redactor, count: int, seed: int = 1) -> tuple[Counter[str], Counter[str], list[str]]:
    """Return false alarms and texts by family, and the texts that were taken for secrets."""
    alarms: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    examples = []
    chance = Random(seed)
    families = list(FAMILIES.items())
    for number in range(count):
        family, make = families[number % len(families)]
        text = make(chance)
        texts[family] += 1
        scrubbed = redactor.text(text)
        if scrubbed != text:
            alarms[family] += 1
            examples.append(f"{family}: {text[:160]!r} → {scrubbed[:160]!r}")
    return alarms, texts, examples
