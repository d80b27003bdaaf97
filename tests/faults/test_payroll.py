"""A payroll of two thousand, and every process it stands on killed ten times: it ends complete, and is what it is."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from ops.demo import customers
from ops.hosted import Hosted
from ops.services.processes import started_ticks
from tests.faults.company import PEOPLE, Company, State, chain, found, partway, state
from tests.faults.house import House, children, inhabited, services
from tests.sizes import size
from zhiren.errors import Unavailable
from zhiren.web.csrf import token_for

KILLS_EACH = size("KILLS", everyday=2, whole=10)
#: ``web`` is the server's first process, ``server`` the one that answers requests
VICTIMS = ("web", "server", "worker", "postgres", "redis", "openbao")
KILLS = dict.fromkeys(VICTIMS, KILLS_EACH) | {"web": KILLS_EACH // 2, "server": KILLS_EACH // 2}
#: a service that was killed stands again within this time, and so does what was calculated meanwhile
BACK_S = 60.0
CALCULATED_S = 240.0
CUSTOMER = customers.Customer("faults", "故障测试有限公司", PEOPLE + 100)


@dataclass
class Watch:
    """Somebody who reads the run's payslips all the time."""

    house: House
    company: Company
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def client(self) -> httpx.AsyncClient:
        port = self.house.settings.port
        token = self.company.token
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={
                "host": f"{CUSTOMER.slug}.localhost:{port}",
                "cookie": f"zhiren_session={token}",
                "x-csrf-token": token_for(token),
                "accept": "application/json",
            },
            timeout=15,
            # a server that was killed leaves its connections for dead
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def read(self) -> None:
        async with self.client() as http:
            while True:
                await self.once(http)
                await asyncio.sleep(0.25)

    async def once(self, http: httpx.AsyncClient) -> int:
        try:
            answer = await http.get(f"/api/v1/payroll/runs/{self.company.run_id}/payslips?limit=20")
        except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
            # nobody was there to answer: only ever while the web itself is down
            self.statuses["no connection"] += 1
            return 0
        except httpx.TimeoutException as hung:
            self.wrong.append(f"no answer: {hung!r}")
            return 0
        code = answer.json().get("code", "") if "json" in answer.headers.get("content-type", "") else "no json"
        self.statuses[f"{answer.status_code} {code}".strip()] += 1
        if answer.status_code == 503:
            whole = answer.headers["content-type"] == "application/problem+json" and "retry-after" in answer.headers
            if not whole or any(name in answer.text for name in self.company.names) or "fen" in answer.text:
                self.wrong.append(f"503 with {answer.text[:300]}")
        elif answer.status_code != 200:
            self.wrong.append(f"{answer.status_code}: {answer.text[:300]}")
        return answer.status_code

    async def answers(self) -> None:
        async with self.client() as http:
            end_s = time.monotonic() + BACK_S
            while await self.once(http) != 200:
                assert time.monotonic() < end_s, f"the web did not answer again: {self.statuses}"
                await asyncio.sleep(0.2)

    async def ready(self) -> bool:
        """Web, database, Redis and key service answer."""
        async with self.client() as http:
            try:
                return (await http.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

    async def calculate(self, turn: int) -> str:
        """Ask until it is answered, each time as the same request. Returns the job's id."""
        end_s = time.monotonic() + CALCULATED_S
        async with self.client() as http:
            while True:
                try:
                    answer = await http.post(
                        f"/api/v1/payroll/runs/{self.company.run_id}/calculate",
                        headers={"idempotency-key": f"calculate-{turn}"},
                    )
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.status_code == 202:
                    return str(answer.json()["job_id"])
                assert answer is None or answer.status_code == 503, answer.text
                assert time.monotonic() < end_s, "the calculation could not be asked for"
                await asyncio.sleep(0.2)


async def state_now(parts: Hosted, company: Company) -> State | None:
    try:
        return await state(parts, company)
    except Unavailable:
        return None


async def settled(parts: Hosted, company: Company, limit_s: float = CALCULATED_S) -> State:
    """The state once nothing is under way any more."""
    end_s = time.monotonic() + limit_s
    while True:
        now = await state_now(parts, company)
        if now is not None and not now.outbox and now.status != "calculating":
            return now
        assert time.monotonic() < end_s, now and (now.status, now.jobs, now.outbox, len(now.payslips))
        await asyncio.sleep(0.3)


def order_of_death() -> Iterator[str]:
    chance = random.Random(11)
    names = [name for name, times in KILLS.items() for _ in range(times)]
    chance.shuffle(names)
    yield from names


async def in_the_middle(parts: Hosted, company: Company) -> None:
    """Waits a little for a calculation of which a part is done."""
    end_s = time.monotonic() + 2.5
    while time.monotonic() < end_s:
        with contextlib.suppress(Unavailable):
            if await partway(parts, company):
                return
        await asyncio.sleep(0.03)


def complete(undisturbed: State, now: State) -> None:
    """Everybody paid, once, and what they were paid when nothing was killed."""
    assert (now.status, now.people, now.parked) == ("calculated", PEOPLE, 0)
    assert now.revisions == {now.revision}
    assert set(now.payslips.values()) == {1}
    assert len(now.payslips) == PEOPLE
    assert now.net_fen == undisturbed.net_fen
    assert now.documents == undisturbed.documents


async def slaughter(watch: Watch, parts: Hosted, told: Counter[str], orphans: set[int]) -> None:
    """Each in its turn, a moment after everything stood again. Servers whose first process was killed are noted in
    ``orphans``."""
    house = watch.house
    last: dict[str, int] = {}
    chance = random.Random(12)
    for name in order_of_death():
        end_s = time.monotonic() + BACK_S
        while not (house.stands(name, last.get(name)) and house.stands("worker") and await watch.ready()):
            assert time.monotonic() < end_s, f"after {told}: not everything stands again before {name} is killed"
            await asyncio.sleep(0.1)
        if name in {"worker", "postgres", "openbao"}:
            await in_the_middle(parts, watch.company)
        else:
            await asyncio.sleep(chance.uniform(0.1, 1.5))
        if name == "web":
            orphans.update(children(house.pid("web") or 0))
        # a server whose first process was killed before may still have answered, and be gone by now
        while not house.stands(name):
            assert time.monotonic() < end_s + BACK_S, f"after {told}: {name} does not come back"
            await asyncio.sleep(0.05)
        last[name] = house.kill(name)
        told[name] += 1


async def without_keys(watch: Watch) -> None:
    """The key service stays away for longer than opened keys are kept: the reader is told so."""
    end_s = time.monotonic() + BACK_S
    while not watch.statuses["503 zhiren.key_service_unavailable"]:
        assert time.monotonic() < end_s, watch.statuses
        if watch.house.stands("openbao"):
            watch.house.kill("openbao")
        await asyncio.sleep(0.2)


@pytest.mark.slow
@pytest.mark.faults
async def test_a_payroll_of_two_thousand_survives_fifty_kills() -> None:
    began_s = time.monotonic()
    with services() as (running, settings):
        tenant = await customers.ensure(settings, CUSTOMER, "一匹马要有好骑手 and 42 more words")
        async with customers.parts_of(settings) as parts:
            company = await found(parts, tenant)
            with inhabited(running, settings) as house:
                await _proven(Watch(house, company), parts, began_s)


async def _proven(watch: Watch, parts: Hosted, began_s: float) -> None:
    company = watch.company
    await watch.answers()
    await watch.calculate(0)
    undisturbed = await settled(parts, company)
    assert undisturbed.status == "calculated"
    assert len(undisturbed.documents) == PEOPLE
    assert not watch.wrong, watch.wrong
    made_s = time.monotonic()
    watch.statuses.clear()
    killed: Counter[str] = Counter()
    orphans: set[int] = set()
    reading = asyncio.create_task(watch.read())
    killing = asyncio.create_task(slaughter(watch, parts, killed, orphans))
    turn = 0
    try:
        while not killing.done():
            turn += 1
            assert not watch.wrong, watch.wrong[:5]
            await watch.calculate(turn)
            complete(undisturbed, await settled(parts, company))
        killing.result()
        await without_keys(watch)
    finally:
        for task in (killing, reading):
            task.cancel()
        await asyncio.gather(killing, reading, return_exceptions=True)
    await watch.answers()
    ended = await settled(parts, company)
    verdict = await _chained(parts, company)
    print(
        f"{made_s - began_s:.0f} s to begin, {time.monotonic() - made_s:.0f} s of {killed.total()} kills "
        f"{dict(killed)}, {turn} calculations, answers {dict(watch.statuses)}, {verdict.checked} links"
    )
    assert dict(killed) == KILLS
    assert not [pid for pid in orphans if started_ticks(pid) is not None], "servers outlived their first process"
    assert not watch.wrong, watch.wrong[:5]
    complete(undisturbed, ended)
    # as often as it was asked for, and no more
    assert (ended.revision, ended.asked, ended.jobs) == (turn + 1, turn + 1, Counter(succeeded=turn + 1))
    assert verdict.intact, verdict
    assert watch.statuses["503 zhiren.unavailable"] + watch.statuses["503 web.database_unavailable"]
    assert watch.statuses["503 zhiren.key_service_unavailable"]


async def _chained(parts: Hosted, company: Company) -> Any:
    """The verdict once the sequencer has caught up."""
    end_s = time.monotonic() + BACK_S
    while True:
        verdict = await chain(parts, company)
        if not verdict.pending or time.monotonic() > end_s:
            assert not verdict.pending
            return verdict
        await asyncio.sleep(0.5)
