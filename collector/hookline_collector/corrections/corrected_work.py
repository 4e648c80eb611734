"""What measured work comes to with corrections. Pure.

Two views of the same work are corrected side by side, since a report has both: the stretches of each project, in which projects overlap, and the
stretches of everything, in which what runs side by side counts once. Within each the pieces of one person (and project) never overlap, so their
lengths add up.

A piece knows the stretch that it is of, and every correction that made it what it is: without corrections each stretch is one piece, itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hookline_collector.corrections.correction import Correction


@dataclass(frozen=True, slots=True)
class WorkPiece:
    """Work of a person for a project ('' where it is of everything): of the measured stretch `of`, or of none where it was added."""

    user: str
    project: str
    start_ns: int
    end_ns: int
    of: int | None
    correction_ids: tuple[str, ...] = ()

    @property
    def length_ns(self) -> int:
        """How long it is."""
        return self.end_ns - self.start_ns


@dataclass(frozen=True, slots=True)
class CorrectedWork:
    """Pieces of each project, and of everything."""

    by_project: tuple[WorkPiece, ...]
    overall: tuple[WorkPiece, ...]


def corrected(measured: CorrectedWork, corrections: Iterable[Correction]) -> CorrectedWork:
    """Return what was measured with corrections, in the order in which they were made."""
    found = measured
    for each in sorted(corrections, key=lambda each: (each.created_ns, each.correction_id)):
        found = _with(found, each)
    return CorrectedWork(_in_order(found.by_project), _in_order(found.overall))


def _with(found: CorrectedWork, said: Correction) -> CorrectedWork:
    if said.correction_kind == "add":
        return CorrectedWork(_added(found.by_project, said, said.project), _added(found.overall, said, ""))
    hit = [piece for piece in found.by_project if _is_about(said, piece)]
    rest = tuple(piece for piece in found.by_project if not _is_about(said, piece))
    kept = tuple(left for piece in hit for left in _outside(piece, said))
    if said.correction_kind == "no_work":
        spans = [(said.start_ns, said.end_ns)]
        if said.from_project:
            others = [piece for piece in found.by_project if piece.user == said.user and piece.project != said.from_project]
            spans = _minus(spans, others)
        return CorrectedWork(rest + kept, tuple(left for piece in found.overall for left in _without(piece, spans, said)))
    moved = tuple(new for piece in hit for new in _moved(piece, said, rest))
    touched = tuple(_marked(piece, said) if any(_overlap(piece, new) for new in hit) else piece for piece in found.overall)
    return CorrectedWork(rest + kept + _disjoint(moved), touched)


def _is_about(said: Correction, piece: WorkPiece) -> bool:
    is_of = piece.user == said.user and (not said.from_project or piece.project == said.from_project)
    is_moved = said.correction_kind != "project" or piece.project != said.project
    return is_of and is_moved and piece.start_ns < said.end_ns and piece.end_ns > said.start_ns


def _outside(piece: WorkPiece, said: Correction) -> Iterator[WorkPiece]:
    """Yield what of a piece lies before and after a correction."""
    if piece.start_ns < said.start_ns:
        yield replace(_marked(piece, said), end_ns=said.start_ns)
    if piece.end_ns > said.end_ns:
        yield replace(_marked(piece, said), start_ns=said.end_ns)


def _moved(piece: WorkPiece, said: Correction, rest: Iterable[WorkPiece]) -> Iterator[WorkPiece]:
    """Yield what of a piece comes to the project that does not have that time yet."""
    there = [other for other in rest if other.user == said.user and other.project == said.project]
    inside = (max(piece.start_ns, said.start_ns), min(piece.end_ns, said.end_ns))
    for start_ns, end_ns in _minus([inside], there):
        yield replace(_marked(piece, said), project=said.project, start_ns=start_ns, end_ns=end_ns)


def _disjoint(moved: Sequence[WorkPiece]) -> tuple[WorkPiece, ...]:
    """Return pieces of one person and project that were side by side as such that are not: the longer one's time is its own."""
    found: list[WorkPiece] = []
    for piece in sorted(moved, key=lambda piece: (-piece.length_ns, piece.start_ns, piece.of or 0)):
        spans = _minus([(piece.start_ns, piece.end_ns)], found)
        found += [replace(piece, start_ns=start_ns, end_ns=end_ns) for start_ns, end_ns in spans]
    return tuple(found)


def _added(pieces: tuple[WorkPiece, ...], said: Correction, project: str) -> tuple[WorkPiece, ...]:
    there = [piece for piece in pieces if piece.user == said.user and piece.project == project]
    spans = _minus([(said.start_ns, said.end_ns)], there)
    return pieces + tuple(WorkPiece(said.user, project, start_ns, end_ns, None, (said.correction_id,)) for start_ns, end_ns in spans)


def _without(piece: WorkPiece, spans: Iterable[tuple[int, int]], said: Correction) -> Iterator[WorkPiece]:
    """Yield what of a piece is left when time is taken out of it."""
    cuts = [WorkPiece(piece.user, "", start_ns, end_ns, None) for start_ns, end_ns in spans]
    if piece.user != said.user or not any(_overlap(piece, cut) for cut in cuts):
        yield piece
        return
    for start_ns, end_ns in _minus([(piece.start_ns, piece.end_ns)], cuts):
        yield replace(_marked(piece, said), start_ns=start_ns, end_ns=end_ns)


def _minus(spans: Iterable[tuple[int, int]], taken: Iterable[WorkPiece]) -> list[tuple[int, int]]:
    left = list(spans)
    for cut in sorted(taken, key=lambda piece: piece.start_ns):
        left = [part for span in left for part in ((span[0], min(span[1], cut.start_ns)), (max(span[0], cut.end_ns), span[1])) if part[1] > part[0]]
    return left


def _overlap(one: WorkPiece, other: WorkPiece) -> bool:
    return one.user == other.user and one.start_ns < other.end_ns and one.end_ns > other.start_ns


def _marked(piece: WorkPiece, said: Correction) -> WorkPiece:
    return replace(piece, correction_ids=(*piece.correction_ids, said.correction_id))


def _in_order(pieces: Iterable[WorkPiece]) -> tuple[WorkPiece, ...]:
    return tuple(sorted(pieces, key=lambda piece: (piece.start_ns, piece.end_ns, piece.user, piece.project)))
