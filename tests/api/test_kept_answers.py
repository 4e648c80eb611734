"""What is shown again, and for how long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.requests import Request

from hookline.system.clock import NS_PER_S
from hookline_collector.api.kept_answers import MOST_BYTES, KeptAnswers, MadeAnswer


@dataclass(slots=True)
class Desk:
    """Somebody who works answers out, and counts how often."""

    mark: int = 0
    now_s: int = 100
    holds_s: float = 60
    padding: int = 0
    made: int = 0
    forget_meanwhile: bool = False
    kept: KeptAnswers = field(init=False)

    def __post_init__(self) -> None:
        self.kept = KeptAnswers(lambda: self.mark, lambda: self.now_s * NS_PER_S)

    async def work_out(self) -> MadeAnswer:
        """Work one out."""
        await asyncio.sleep(0)
        self.made += 1
        if self.forget_meanwhile:
            self.kept.forget()
        return MadeAnswer(str(self.made).encode().ljust(self.padding), self.holds_s)

    def ask(self, question: str = "a", times: int = 1) -> list[bytes]:
        """Ask so often at once."""

        async def all_at_once() -> list[bytes]:
            requests = [Request({"type": "http", "headers": []}) for _ in range(times)]
            return [bytes(each.body) for each in await asyncio.gather(*(self.kept.answer(request, question, self.work_out) for request in requests))]

        return asyncio.run(all_at_once())


def test_an_answer_is_shown_again_until_something_is_acknowledged_or_its_time_is_over() -> None:
    """The first two are the same; then each reason makes a new one."""
    desk = Desk()
    assert desk.ask() + desk.ask() == [b"1", b"1"]
    desk.mark += 1
    assert desk.ask() == [b"2"]
    desk.now_s += 60
    assert desk.ask() == [b"3"]
    desk.kept.forget()
    assert desk.ask() == [b"4"]
    assert desk.ask("b") == [b"5"]


def test_those_who_ask_at_once_wait_for_one_answer() -> None:
    """It is worked out once."""
    desk = Desk()
    assert desk.ask(times=5) == [b"1"] * 5


def test_what_is_not_fresh_or_large_or_was_forgotten_while_it_was_made_is_not_kept() -> None:
    """Each time it is worked out."""
    for desk in (Desk(holds_s=0), Desk(padding=MOST_BYTES + 1), Desk(forget_meanwhile=True)):
        desk.ask()
        desk.ask()
        assert desk.made == 2


def test_few_answers_are_kept() -> None:
    """The oldest goes."""
    desk = Desk()
    for number in range(40):
        desk.ask(str(number))
    assert desk.ask("39") == [b"40"]
    assert desk.ask("0") == [b"41"]


def test_what_was_prepared_is_there_for_who_asks() -> None:
    """Who asks while it is being worked out waits for it."""
    desk = Desk()

    async def prepared() -> list[bytes]:
        preparing = asyncio.create_task(desk.kept.prepare("a", desk.work_out))
        await asyncio.sleep(0)
        request = Request({"type": "http", "headers": []})
        meanwhile = await desk.kept.answer(request, "a", desk.work_out)
        await preparing
        return [bytes(meanwhile.body), bytes((await desk.kept.answer(request, "a", desk.work_out)).body)]

    assert asyncio.run(prepared()) == [b"1", b"1"]
