"""Every route, asked by every role and by strangers, as a page and as JSON: the answers against policy.toml."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar

from tests.roles.conftest import World
from tests.roles.table import ANONYMOUS, ROLES, Rule, filled, routes_of
from zhiren.guests import kinds as guest_kinds
from zhiren.modules import Permission

FORMATS = ("text/html", "application/json")


def outcome(answer: httpx.Response) -> str:
    """``sign in``, ``refused``, ``fault``, ``absent`` (no such page), or ``through``: past the guards."""
    asked = answer.request.url.path
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"fault {answer.status_code}"
    if answer.status_code == 401 and "请先登录" in answer.text:
        return "sign in"
    if answer.status_code == 303 and "location" not in answer.headers:
        return "fault: 303 to nowhere"
    if answer.status_code == 303 and answer.headers["location"].split("?")[0] in entrances():
        # the steps of logging in lead back to the first
        return "through" if asked.startswith(("/login", "/logout")) else "sign in"
    if answer.status_code == 403:
        return "refused"
    return "absent" if answer.status_code == 404 and "web.not_found" in answer.text else "through"


def entrances() -> set[str]:
    """Where people log in: users, and each kind of guest."""
    return {"/login", *(guest_kinds.get(kind).login_path for kind in guest_kinds.names())}


def expected_of(rule: Rule, who: str) -> set[str]:
    if rule.elsewhere:
        return {"absent"}
    if rule.public:
        return {"through"}
    if who == ANONYMOUS or rule.guests:
        return {"sign in"}
    return {"through"} if who in rule.roles else {"refused"}


def test_every_route_is_declared_and_every_declaration_has_a_route(app: Litestar, table: dict[str, Rule]) -> None:
    """A new route fails here until policy.toml says who may use it."""
    assert sorted({route for route, _handler in routes_of(app)} ^ set(table)) == []


async def test_roles_by_routes(app: Litestar, world: World, table: dict[str, Rule]) -> None:
    wrong, cells = [], 0
    for route, _handler in routes_of(app):
        rule = table[route]
        method, path = route.split(" ", 1)
        for who in (ANONYMOUS, *ROLES):
            for accept in FORMATS:
                answer = await world.send(who, method, filled(path), accept)
                cells += 1
                expected = expected_of(rule, who)
                if (found := outcome(answer)) not in expected:
                    wrong.append(f"{route} as {who} ({accept}): {found} ({answer.status_code}), not {expected}")
    assert not wrong, "\n".join(wrong)
    assert cells == len(list(routes_of(app))) * (len(ROLES) + 1) * len(FORMATS)


async def test_another_customer_s_people_are_strangers_here(
    app: Litestar, world: World, elsewhere: World, table: dict[str, Rule]
) -> None:
    tokens = {role: await elsewhere.token(role) for role in ROLES}
    wrong = []
    for route, _handler in routes_of(app):
        method, path = route.split(" ", 1)
        if table[route].public or table[route].elsewhere:
            continue
        for role, token in tokens.items():
            answer = await world.send(role, method, filled(path), FORMATS[1], token=token)
            if outcome(answer) != "sign in":
                wrong.append(f"{route} as another customer's {role}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_without_any_role_a_person_has_only_themselves(
    app: Litestar, world: World, table: dict[str, Rule]
) -> None:
    """Permissions come from roles alone: somebody with none comes through where everybody does."""
    from tests.roles.conftest import PASSWORD
    from zhiren.auth.service import create_user

    async with world.parts.database.tenant(world.tenant) as ctx:
        world.users["nobody"] = await create_user(ctx, login="nobody", name="无", password=PASSWORD, roles=[])
    wrong = []
    for route, _handler in routes_of(app):
        method, path = route.split(" ", 1)
        rule = table[route]
        everyone = rule.public or (rule.roles == frozenset(ROLES) and not rule.person)
        answer = await world.send("nobody", method, filled(path), FORMATS[1])
        found = outcome(answer)
        if rule.guests:
            assert found == "sign in", route
            continue
        if rule.elsewhere:
            continue
        if found != ("through" if everyone else "refused") and not (everyone and found == "refused"):
            wrong.append(f"{route}: {found} ({answer.status_code})")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_s_declared_permissions_agree_with_the_table(
    app: Litestar, world: World, table: dict[str, Rule], role: str
) -> None:
    """The table was written by hand; the modules' defaults say the same."""
    permissions: dict[str, Permission] = dict(world.parts.permissions)
    wrong = []
    for route, handler in routes_of(app):
        name = handler.opt["permission"]
        assert name.startswith("guest:") == table[route].guests, route
        if name in {"public", "authenticated", "attending"} or table[route].elsewhere or table[route].guests:
            continue
        declared = any(code == role and scope != "none" for code, scope in permissions[name].defaults)
        if declared != (role in table[route].roles):
            wrong.append(f"{route} ({name}): {role}")
    assert not wrong, "\n".join(wrong)
