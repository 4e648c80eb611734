"""What is new in a store, by the blocks of its parts."""

from random import Random

from hookline_collector.worked_out.dirt import FactPart, look_at


def part(first: int, last: int, table: str = "t", partition: str = "202609") -> FactPart:
    """One part of a table."""
    return FactPart(table, partition, f"{partition}_{first}_{last}_0", first, last)


def test_new_parts_are_new_and_merged_ones_are_not() -> None:
    """Whatever was merged with whatever, as long as all blocks were seen."""
    before = [part(1, 1), part(2, 4), part(5, 5)]
    assert look_at([part(1, 5), part(6, 6)], before).fresh == (part(6, 6),)
    assert look_at([part(1, 6)], before).fresh == (part(1, 6),)
    assert not look_at([part(1, 5)], before).is_less


def test_a_block_that_came_late_is_seen_though_it_was_merged_at_once() -> None:
    """Numbers are given before rows are there, on a cluster."""
    assert look_at([part(1, 3)], [part(1, 1), part(3, 3)]).fresh == (part(1, 3),)


def test_blocks_that_are_gone_are_noticed() -> None:
    """By partition and table."""
    before = [part(1, 2), part(3, 3, partition="202610")]
    assert look_at([part(1, 2)], before).is_less
    assert not look_at([part(1, 2), part(3, 3, partition="202610")], before).is_less
    assert look_at([part(1, 2), part(3, 3, table="u", partition="202610")], before).is_less


def test_nothing_is_missed_in_any_life_of_a_table() -> None:
    """Inserts and merges at random, looks in between: each block is in a fresh part at the look after it came, and no part is fresh without one."""
    for seed in range(200):
        chance, known, number = Random(seed), set[int](), 0
        parts, seen = list[FactPart](), list[FactPart]()
        for _ in range(40):
            if len(parts) > 1 and chance.random() < 0.4:
                at = chance.randrange(len(parts) - 1)
                parts[at : at + 2] = [part(parts[at].first, parts[at + 1].last)]
            else:
                number += 1
                parts.append(part(number, number))
            if chance.random() < 0.3:
                fresh = look_at(parts, seen).fresh
                found = {n for one in fresh for n in range(one.first, one.last + 1)}
                assert set(range(1, number + 1)) - known <= found
                assert all(set(range(one.first, one.last + 1)) - known for one in fresh)
                seen, known = list(parts), set(range(1, number + 1))
