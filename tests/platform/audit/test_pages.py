"""The trail as its readers meet it: page and API, one service behind both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from tests.conftest import make_tenant
from tests.platform.audit.conftest import Trail
from tests.platform.web.fakes import USER_ID, FakeEntitlements, client_of
from zhiren.app import Deployment, create_app
from zhiren.audit import AuditEvent, pages, record, routes
from zhiren.context import Actor, Context, Scope, TenantRef
from zhiren.ids import new_id
from zhiren.web.csrf import token_for
from zhiren.web.parts import Connection

EVERYONE = Scope(frozenset({"all"}))
READER = {"audit.read": EVERYONE}


@dataclass
class Somebody:
    """Logs everybody in with the grants a test gives."""

    grants: dict[str, Scope] = field(default_factory=lambda: dict(READER))
    cookie: str = "zhiren_session"

    async def authenticate(self, request: Connection, ctx: Context) -> Actor | None:
        return Actor(USER_ID, "安全员", roles=("admin",), grants=self.grants)


@dataclass
class Directory:
    tenant: TenantRef

    async def by_host(self, host: str) -> TenantRef | None:
        return self.tenant


@dataclass
class Desk:
    """A customer's trail, who reads it, and the browser to do so with."""

    trail: Trail
    reader: Somebody
    client: httpx.AsyncClient

    async def write(self, action: str = "records.employee.update", **options: Any) -> UUID:
        who = options.pop("who", "王芳")
        options = {"object_type": "records.employee", "object_id": "7", "changes": {"remark": ("甲", "乙")}} | options
        async with self.trail.database.tenant(self.trail.tenant, ip=options.pop("ip", "10.0.0.7")) as bare:
            ctx = replace(bare, actor=Actor(new_id(), who, roles=("hr",)))
            record(ctx, action, **options)
            await ctx.session.flush()
            newest = select(AuditEvent.id).order_by(AuditEvent.position.desc()).limit(1)
            return (await ctx.session.scalars(newest)).one()

    async def listed(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.client.get("/api/v1/audit", params=query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def actions(self) -> list[str]:
        async with self.trail.database.tenant(self.trail.tenant) as ctx:
            return list(await ctx.session.scalars(select(AuditEvent.action).order_by(AuditEvent.position)))


@pytest.fixture
async def desk(trail: Trail) -> AsyncIterator[Desk]:
    reader = Somebody()
    app = create_app(
        Deployment(
            settings=trail.settings,
            database=trail.database,
            tenants=Directory(trail.tenant),
            entitlements=FakeEntitlements(),
            authenticator=reader,
            route_handlers=[*routes.route_handlers, *pages.route_handlers],
            navigation=pages.navigation,
        )
    )
    async with client_of(app, session="x", **{"x-csrf-token": token_for("x")}) as client:
        yield Desk(trail, reader, client)


PATHS = ("/audit", "/audit/{id}", "/api/v1/audit", "/api/v1/audit/{id}", "/api/v1/audit/chain")
ACTS = ("/audit/verify", "/audit/{id}/reveal", "/api/v1/audit/chain/verify", "/api/v1/audit/{id}/reveal")


async def test_without_the_permission_nothing_opens(desk: Desk) -> None:
    event_id = await desk.write()
    desk.reader.grants = {"records.employee.read": EVERYONE}
    for path in PATHS:
        assert (await desk.client.get(path.format(id=event_id))).status_code == 403
    for path in ACTS:
        assert (await desk.client.post(path.format(id=event_id))).status_code == 403


async def test_search_by_who_what_when_where_object_and_sensitivity(desk: Desk) -> None:
    plain = await desk.write()
    odd = await desk.write(
        "auth.login.lock", who="李_雷%", object_type="auth.user", object_id="9", ip="10.9.9.9", sensitive=True
    )
    for query, found in (
        ({"who": "王芳"}, plain),
        ({"who": "_雷%"}, odd),
        ({"who": "10.9.9.9"}, odd),
        ({"who": "王%", "what": "update"}, None),
        ({"what": "employee.update"}, plain),
        ({"what": "修改", "who": "王芳"}, plain),
        ({"what": "锁定"}, odd),
        ({"object_type": "auth.user", "object_id": "9"}, odd),
        ({"sensitive": True}, odd),
        ({"since": "2999-01-01"}, None),
        ({"until": "2020-01-01"}, None),
    ):
        ids = [item["id"] for item in await desk.listed(**query)]
        assert ids == ([] if found is None else [str(found)]), query
    within = await desk.listed(who="王芳", since="2020-01-01", until="2999-01-01")
    assert [item["id"] for item in within] == [str(plain)]


async def test_pages_follow_each_other_without_gap_or_double(desk: Desk) -> None:
    await desk.trail.write(25)
    seen: list[str] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"limit": 10, "what": "records.employee"} | ({"cursor": cursor} if cursor else {})
        answer = (await desk.client.get("/api/v1/audit", params=query)).json()
        seen += [item["object_id"] for item in answer["items"]]
        # what is written meanwhile does not shift the pages
        await desk.write("records.employee.update", object_id="new")
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == [str(number) for number in range(24, -1, -1)]


async def test_the_page_shows_events_and_teaches_when_there_are_none(desk: Desk) -> None:
    event_id = await desk.write(reason="<b>年度调薪</b>")
    answer = await desk.client.get("/audit", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert f'href="/audit/{event_id}"' in answer.text
    assert "&lt;b&gt;年度调薪" in answer.text
    assert "王芳" in answer.text
    answer = await desk.client.get("/audit", params={"who": "无此人"}, headers={"accept": "text/html"})
    assert "没有符合条件的记录" in answer.text
    answer = await desk.client.get("/audit", params={"since": "昨天"}, headers={"accept": "text/html"})
    assert answer.status_code == 422


async def test_values_behind_a_field_class_stay_masked_until_asked_for_and_the_asking_is_recorded(desk: Desk) -> None:
    event_id = await desk.write(
        changes={"base_fen": (812_300, 934_500), "remark": ("旧备注", "新备注")}, sensitive=True, reason="调薪"
    )
    path = f"/audit/{event_id}"

    # without the field classes: neither shown nor offered
    for answer in (await desk.client.get(path), await desk.client.post(f"{path}/reveal")):
        assert "8,123.00" not in answer.text
        assert "旧备注" not in answer.text
        assert "••••" in answer.text
        assert "显示敏感值" not in answer.text
    assert (await desk.actions())[-1] == "records.employee.update"

    # a right over oneself only is not a right over everybody
    own = Scope(frozenset({"self"}))
    classes = ("field.pay.read", "field.identity.read", "field.contact.read")
    desk.reader.grants = READER | dict.fromkeys(classes, own)
    assert "8,123.00" not in (await desk.client.post(f"{path}/reveal")).text

    desk.reader.grants = READER | dict.fromkeys(classes, EVERYONE)
    answer = await desk.client.get(path)
    assert "8,123.00" not in answer.text
    assert "显示敏感值" in answer.text
    assert (await desk.actions())[-1] == "records.employee.update"
    answer = await desk.client.post(f"{path}/reveal")
    assert answer.status_code == 200
    assert "8,123.00" in answer.text
    assert "9,345.00" in answer.text
    assert "旧备注" in answer.text
    assert (await desk.actions())[-1] == "audit.event.reveal"
    told = (await desk.listed(what="audit.event.reveal"))[0]
    assert (told["object_id"], told["fields"], told["sensitive"], told["actor_name"]) == (
        str(event_id),
        ["base_fen", "remark"],
        True,
        "安全员",
    )


async def test_values_no_class_protects_are_shown(desk: Desk) -> None:
    event_id = await desk.write()
    detail = (await desk.client.get(f"/api/v1/audit/{event_id}")).json()
    assert detail["changes"] == [
        {"field": "remark", "title": "remark", "field_class": None, "masked": False, "old": "甲", "new": "乙"}
    ]
    assert detail["can_reveal"] is False


async def test_the_chain_is_checked_on_demand_and_the_outcome_kept(desk: Desk) -> None:
    await desk.trail.write(5)
    await desk.trail.chain()
    state = (await desk.client.get("/api/v1/audit/chain")).json()
    assert state["checked"] is None
    state = (await desk.client.post("/api/v1/audit/chain/verify")).json()
    assert (state["checked"], state["problem"]) == (state["sequence"], None)
    answer = await desk.client.get("/audit")
    assert f"链已校验至第 {state['sequence']} 条" in answer.text

    desk.trail.tamper("UPDATE audit_event SET reason = 'x' FROM audit_link WHERE id = event_id AND sequence = 3")
    answer = await desk.client.post("/audit/verify")
    assert answer.status_code == 303
    state = (await desk.client.get("/api/v1/audit/chain")).json()
    assert (state["problem"], state["broken_at"], state["checked"]) == ("changed", 3, 2)
    answer = await desk.client.get("/audit")
    assert "审计链对不上" in answer.text
    assert "第 3 条" in answer.text


async def test_unknown_event_is_not_found(desk: Desk) -> None:
    for path in ("/audit/{id}", "/api/v1/audit/{id}"):
        assert (await desk.client.get(path.format(id=new_id()))).status_code == 404


async def test_another_customers_event_is_not_found(desk: Desk, provisioner: Any) -> None:
    event_id = await desk.write()
    other = await make_tenant(provisioner, "nosy")
    async with desk.trail.database.tenant(other) as ctx:
        assert await ctx.session.get(AuditEvent, event_id) is None
