"""A hundred thousand requests of every kind, all customers at once, over a few connections."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from modules.records import api as records
from modules.records.models import Employee
from tests.factories.records import granted
from tests.isolation.hiring import HiringTraffic, guest_routes, staff_acts
from tests.isolation.houses import House, Watch, asking, get_routes
from tests.isolation.payloads import INJECTED, STATEMENTS
from zhiren.auth.models import Role, User
from zhiren.crypto import SealBroken
from zhiren.db import Database, copy_in
from zhiren.errors import Unavailable
from zhiren.ids import new_id
from zhiren.jobs import JobRun, enqueue, job
from zhiren.jobs.executor import execute
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Runtime

log = logging.getLogger("tests.isolation")
DAY = date(2024, 6, 1)


class Stop(Exception):
    """An error in the middle of a request."""


@job("isolation.look", title="看一眼", max_retries=0)
async def look(run: JobRun, *, user_id: str) -> dict[str, Any]:
    async with run.tenant() as ctx:
        names = (await ctx.session.scalars(select(User.name))).all()
    log.info("a job of %s sees %s", run.tenant_ref.id, names)
    async with run.tenant() as ctx:
        await ctx.session.execute(update(User).where(User.id == UUID(user_id)).values(must_change_password=False))
    return {"names": list(names)}


@dataclass
class Hints:
    """Stands where Redis stands."""

    job_ids: list[UUID] = field(default_factory=list)

    def send(self, _tenant_id: str, job_ids: Sequence[UUID]) -> None:
        self.job_ids += job_ids


@dataclass
class Traffic(HiringTraffic):
    """``run(n)`` makes n requests with ``workers`` at a time. Everything that is given to anybody goes to ``watch``."""

    database: Database
    houses: Sequence[House]
    watch: Watch
    chance: random.Random
    app: Litestar | None = None
    runtime: Runtime | None = None
    workers: int = 24
    made: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        kinds: list[tuple[int, Callable[[House], Awaitable[None]]]] = [
            (30, self.read),
            (8, self.write),
            (6, self.write_and_fail),
            (6, self.break_a_constraint),
            (8, self.cancelled),
            (3, self.timed_out),
            (8, self.foreign_id),
            (5, self.foreign_schema),
            (5, self.forgotten),
            (5, self.sealed),
            (3, self.swapped),
            (3, self.many_rows),
            (4, self.scoped),
            (4, self.injected),
        ]
        if self.runtime is not None:
            kinds.append((3, self.background))
        if self.app is not None:
            self._routes = get_routes(self.app)
            self._guest_routes, self._staff_acts = guest_routes(self.app), staff_acts(self.app)
            kinds += [(9, self.page), (4, self.foreign_page), (3, self.foreign_cookie), (2, self.cancelled_page)]
            kinds += [(3, self.career), (1, self.apply), (4, self.portal)]
            kinds += [(3, self.other_candidate), (2, self.guest_elsewhere)]
            kinds += [(4, self.foreign_guest), (5, self.foreign_act)]
        self._kinds = [kind for _weight, kind in kinds]
        self._weights = [weight for weight, _kind in kinds]

    async def run(self, requests: int) -> None:
        left = iter(range(requests))

        async def work() -> None:
            for _ in left:
                house = self.chance.choice(self.houses)
                [kind] = self.chance.choices(self._kinds, self._weights)
                self.made[kind.__name__] += 1
                token = asking.set(house.tenant.id)
                try:
                    await kind(house)
                except Unavailable:
                    self.watch.turned_away += 1
                except Exception as error:
                    self.watch.find(f"{kind.__name__}: {type(error).__name__}: {str(error)[:300]}")
                finally:
                    asking.reset(token)

        await asyncio.gather(*(work() for _ in range(self.workers)))

    def other(self, house: House) -> House:
        while (found := self.chance.choice(self.houses)) is house:
            pass
        return found

    def given(self, where: str, house: House, rows: object) -> None:
        self.watch.look(where, house.tenant.id, repr(rows))

    # ---- straight to the database

    async def read(self, house: House) -> None:
        async with self.database.tenant(house.tenant) as ctx:
            roles = (await ctx.session.execute(select(Role.id, Role.code, Role.title))).all()
            await asyncio.sleep(0)
            names = (await ctx.session.execute(select(Employee.id, Employee.name))).all()
        log.info("read %s", names)
        self.given("rows", house, (roles, names))
        self.watch.expect(any(house.token in row.title for row in roles), "own rows are missing")
        self.watch.expect({row.id for row in names} >= set(house.employees), "own people are missing")

    async def write(self, house: House) -> None:
        async with self.database.tenant(house.tenant) as ctx:
            await ctx.session.execute(
                update(User).where(User.id == house.users[0]).values(name=f"林 {house.token} {new_id().hex[-4:]}")
            )
            names = (await ctx.session.scalars(select(User.name))).all()
        self.given("rows", house, names)

    async def write_and_fail(self, house: House) -> None:
        code = f"lost-{new_id().hex}"
        try:
            async with self.database.tenant(house.tenant) as ctx:
                ctx.session.add(Role(code=code, title=house.token))
                await ctx.session.flush()
                raise Stop
        except Stop:
            pass
        async with self.database.tenant(house.tenant) as ctx:
            self.watch.expect(
                await ctx.session.scalar(select(Role.id).where(Role.code == code)) is None, "kept after an error"
            )

    async def break_a_constraint(self, house: House) -> None:
        try:
            async with self.database.tenant(house.tenant) as ctx:
                ctx.session.add(Role(code=f"x-{house.token}", title=house.token))
                await ctx.session.flush()
                self.watch.find("a constraint did not hold")
                raise Stop
        except Stop:
            pass
        except DBAPIError as error:
            log.warning("refused", exc_info=True)
            self.given("error", house, str(error))

    async def cancelled(self, house: House) -> None:
        async def work() -> None:
            async with self.database.tenant(house.tenant) as ctx:
                ctx.session.add(Role(code=f"gone-{new_id().hex}", title=house.token))
                await ctx.session.flush()
                self.given("rows", house, (await ctx.session.scalars(select(User.name))).all())
                await ctx.session.execute(text("select pg_sleep(0.01)"))
                raise Stop

        task = asyncio.create_task(work())
        await asyncio.sleep(self.chance.random() * 0.02)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Stop):
            await task

    async def timed_out(self, house: House) -> None:
        try:
            async with self.database.tenant(house.tenant) as ctx:
                await ctx.session.execute(text("set local statement_timeout = 1"))
                await ctx.session.execute(text("select pg_sleep(1)"))
                self.watch.find("no timeout")
        except DBAPIError as error:
            self.given("error", house, str(error))

    async def foreign_id(self, house: House) -> None:
        there = self.other(house)
        async with self.database.tenant(house.tenant) as ctx:
            found = [
                await ctx.session.get(Employee, self.chance.choice(there.employees)),
                await ctx.session.get(Role, there.roles[0]),
                (await ctx.session.scalars(select(User).where(User.login == there.token))).one_or_none(),
            ]
            changed: Any = await ctx.session.execute(
                update(User).where(User.id == there.users[0]).values(name="taken over")
            )
        self.watch.expect(found == [None, None, None], f"{house.tenant.id} reads rows of {there.tenant.id}")
        self.watch.expect(changed.rowcount == 0, f"{house.tenant.id} changes rows of {there.tenant.id}")

    async def foreign_schema(self, house: House, there: House | None = None) -> None:
        there = there or self.other(house)
        try:
            async with self.database.tenant(house.tenant) as ctx:
                rows = (await ctx.session.execute(text(f"select name from {there.tenant.id}.auth_user"))).all()
                self.watch.find(f"{house.tenant.id} reads the schema of {there.tenant.id}: {rows}")
        except DBAPIError as error:
            self.watch.expect("permission denied" in str(error), f"another refusal: {error}")

    async def forgotten(self, house: House) -> None:
        for table in ("auth_user", f"{house.tenant.id}.auth_user"):
            try:
                async with self.database.control() as session:
                    rows = (await session.execute(text(f"select name from {table}"))).all()
                    self.watch.find(f"nobody reads {rows}")
            except DBAPIError as error:
                refused = "permission denied" in str(error) or "does not exist" in str(error)
                self.watch.expect(refused, f"another refusal: {error}")

    async def sealed(self, house: House) -> None:
        async with self.database.tenant(house.tenant) as ctx:
            person = await ctx.session.get(Employee, self.chance.choice(house.employees))
            assert person is not None
            self.given("opened", house, person.mobile)
            self.watch.expect(len(person.mobile or "") == 11, "a sealed field does not open")

    async def swapped(self, house: House) -> None:
        there = self.other(house)
        row = self.chance.choice(there.employees)
        async with self.database.tenant(there.tenant) as ctx:
            stolen = await ctx.session.scalar(select(Employee.mobile_ct).where(Employee.id == row))
        assert stolen is not None
        async with self.database.tenant(house.tenant) as ctx:
            await ctx.session.execute(text("select 1"))
            try:
                opened = ctx.keyring.open("records_employee", "mobile_ct", row, stolen)
                self.watch.find(f"{house.tenant.id} opens a value of {there.tenant.id}: {opened!r}")
            except SealBroken:
                pass

    async def many_rows(self, house: House) -> None:
        try:
            async with self.database.tenant(house.tenant) as ctx:
                rows = [(new_id(), f"bulk-{new_id().hex}", house.token) for _ in range(20)]
                await copy_in(ctx.session, Role.__table__, ("id", "code", "title"), rows)  # type: ignore[arg-type]
                self.given("rows", house, (await ctx.session.scalars(select(Role.title))).all())
                raise Stop
        except Stop:
            pass

    async def scoped(self, house: House) -> None:
        """An employee sees themself and no colleague, in the records as the database holds the grant."""
        me = house.employees[0]
        async with self.database.tenant(house.tenant) as ctx:
            kinds = await ctx.session.scalars(
                text(
                    "select g.scope from auth_role_grant g join auth_role r on r.id = g.role_id"
                    " where r.code = 'employee' and g.permission = 'records.employee.read'"
                )
            )
            [kind] = kinds.all()
            actor = granted("records.employee.read", kind=kind, employee_id=me)
            people = await records.list_employees(ctx, DAY, scope=actor.scope("records.employee.read"))
        self.watch.expect([one.id for one in people] == [me], f"an employee sees {len(people)} people")

    async def injected(self, house: House, there: House | None = None, name: str = "") -> None:
        there = there or self.other(house)
        name = name or self.chance.choice(list(INJECTED))
        hole = INJECTED[name].replace("{other}", there.tenant.id).replace("{me}", house.tenant.id).replace("{oid}", "1")
        statement = f"select code, title from auth_role where code = '{hole}'".replace(":", "\\:")
        try:
            async with self.database.tenant(house.tenant) as ctx:
                rows = (await ctx.session.execute(text(statement))).all()
                self.given(f"injection {name}", house, rows)
                self.watch.expect(
                    await ctx.session.scalar(text("select current_user")) == house.tenant.id, f"{name} changes the role"
                )
                self.given(f"injection {name}", house, (await ctx.session.scalars(select(Role.title))).all())
        except DBAPIError as error:
            # the payload names the other customer itself: its name in the message tells nothing
            self.given(f"injection {name}", house, str(error).replace(there.tenant.id, ""))

    async def stated(self, house: House, there: House, name: str) -> None:
        """A whole statement of the other list: each is refused."""
        statement = STATEMENTS[name].replace("{other}", there.tenant.id).replace("{me}", house.tenant.id)
        try:
            async with self.database.tenant(house.tenant) as ctx:
                await ctx.session.execute(text(statement.replace(":", "\\:")))
                self.watch.find(f"{name} is not refused")
                raise Stop
        except (DBAPIError, Stop):
            pass

    async def background(self, house: House) -> None:
        assert self.runtime is not None
        async with self.database.tenant(house.tenant) as ctx:
            job_id = await enqueue(ctx, "isolation.look", {"user_id": str(house.users[0])}, label=house.token)
        self.watch.belongs(house.tenant.id, [job_id])
        house.jobs = [*house.jobs[-5:], job_id]
        hints = Hints()
        await Relay(self.runtime, hints).hand_out(house.tenant)
        # those of this customer that wait: another request may have taken this one meanwhile
        for due in hints.job_ids:
            ended = await execute(self.runtime, house.tenant, due)
            self.made["jobs run"] += ended == "succeeded"
            if ended == "queued":  # no connection was free in time: it goes on later
                self.watch.turned_away += 1
                continue
            self.watch.expect(ended in {"succeeded", None}, f"a job ended as {ended}")
        async with self.database.tenant(house.tenant) as ctx:
            row = (await ctx.session.execute(text("select result from job_job where id = :id"), {"id": job_id})).one()
        self.given("job", house, row)

    # ---- over HTTP

    async def page(self, house: House) -> None:
        role = self.chance.choice(("admin", "hr", "employee"))
        path = self._filled(self.chance.choice(self._routes), house)
        answer = await house.clients[role].get(path, headers=self._accept())
        self._answered(f"page {path}", house, answer)
        if role == "employee":
            for person, token in house.own.items():
                seen = token in answer.text and person != house.employees[0]
                self.watch.expect(not seen, f"an employee reads a colleague at {path}")
            for token in house.hiring.confidential:
                self.watch.expect(token not in answer.text, f"an employee reads of a candidate at {path}")
            if path == "/recruiting/referrals" and answer.status_code == 200:
                mine = house.hiring.recommended[0]
                self.watch.expect(mine in answer.text, "who recommended somebody does not find them")

    async def foreign_page(self, house: House) -> None:
        there = self.other(house)
        path = self._filled(self.chance.choice([route for route in self._routes if "{" in route]), there)
        answer = await house.clients[self.chance.choice(("admin", "hr"))].get(path, headers=self._accept())
        self._told(f"foreign-page {path}", house, there, answer)

    async def foreign_cookie(self, house: House) -> None:
        there = self.other(house)
        client = house.clients["admin"]
        answer = await client.get("/api/v1/session", headers={"host": f"{there.tenant.slug}.localhost"})
        self.watch.look("foreign-cookie", there.tenant.id, answer.text)
        self._expect_status(answer, 401, "a session of another customer's")
        mine = await client.get("/api/v1/session")
        self._expect_status(mine, 200, "one's own session")
        self._answered("page session", house, mine)
        nobody = await client.get("/api/v1/session", headers={"host": "nobody.localhost"})
        self.watch.look("unknown-host", "", nobody.text)
        self._expect_status(nobody, 404, "an unknown host")

    def _expect_status(self, answer: httpx.Response, status: int, what: str) -> None:
        if answer.status_code == 503:
            self.watch.turned_away += 1
            return
        self.watch.expect(answer.status_code == status, f"{what}: {answer.status_code}")

    async def cancelled_page(self, house: House) -> None:
        path = self._filled(self.chance.choice(self._routes), house)
        task = asyncio.create_task(house.clients["admin"].get(path, headers=self._accept()))
        await asyncio.sleep(self.chance.random() * 0.02)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            self._answered(f"page {path}", house, await task)

    def _answered(self, where: str, house: House, answer: httpx.Response) -> None:
        self.watch.look(where, house.tenant.id, answer.text)
        self.watch.look("headers", house.tenant.id, repr(answer.headers.raw))
        if answer.status_code == 503:
            # looked at like any other answer, above
            self.watch.turned_away += 1
            return
        self.watch.expect(answer.status_code < 500, f"{where} answers {answer.status_code}: {answer.text[:300]}")

    def _accept(self) -> dict[str, str]:
        return {"accept": self.chance.choice(("text/html", "application/json"))}

    def _filled(self, route: str, house: House) -> str:
        parts = []
        for part in route.split("/"):
            if not part.startswith("{"):
                parts.append(part)
                continue
            name = part.strip("{}").partition(":")[0]
            known: Sequence[object] = {"user_id": house.users, "role_id": house.roles}.get(name, ())
            if name == "job_id" and "recruiting" not in route:
                known = house.jobs
            known = known or house.hiring.known(name)
            parts.append(str(self.chance.choice(known or house.ids)))
        return "/".join(parts)
