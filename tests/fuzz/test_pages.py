"""Junk on every page and form: refused in words, never a fault, never a look at the program's inside."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from random import Random
from typing import Any

import pytest
from litestar import Litestar

from ops.hosted import Hosted
from tests.fuzz import junk
from tests.fuzz.stock import Stock
from tests.fuzz.visitor import Visitor, faults
from tests.roles.table import routes_of
from tests.sizes import size

EACH = size("FUZZ_EACH", everyday=10, whole=40)
AT_ONCE = 4
_FIELD = re.compile(rb'name="([\w.\[\]-]{1,60})"')


def pages(app: Litestar) -> list[tuple[str, str]]:
    """Method and address of every route outside the API."""
    found = []
    for route, _handler in routes_of(app):
        method, path = route.split(" ", 1)
        if not path.startswith("/api/"):
            found.append((method, path))
    return found


async def field_names(visitor: Visitor, stock: Stock, chance: Random, routes: list[tuple[str, str]]) -> list[str]:
    """What the forms of the pages call their fields, besides what is known to be tried."""
    names: Counter[str] = Counter(junk.NAMES)
    for method, pattern in routes:
        if method == "GET" and "events" not in pattern:
            for _ in range(2):
                answer = await visitor.send(
                    "GET", junk.path(chance, stock, pattern), headers=[(b"accept", b"text/html")]
                )
                names.update(name.decode() for name in _FIELD.findall(answer.body))
    return sorted(names)


@pytest.mark.slow
@pytest.mark.fuzz
async def test_junk_on_every_page(app: Litestar, parts: Hosted, visitor: Visitor, stock: Stock, chance: Random) -> None:
    routes = pages(app)
    before, began_s = visitor.sent, time.monotonic()
    with faults() as noted:
        await visitor.renew()
        names = await field_names(visitor, stock, chance, routes)
        for method, pattern in routes:
            await stock.refresh(without=visitor.user_id)
            await asyncio.gather(
                *(
                    _some(visitor, stock, chance, names, method=method, pattern=pattern, count=EACH // AT_ONCE)
                    for _ in range(AT_ONCE)
                )
            )
    print(
        f"{visitor.sent - before} requests on {len(routes)} routes with {len(names)} fields, "
        f"{time.monotonic() - began_s:.0f} s, {dict(sorted(visitor.answers.items()))}"
    )
    assert not visitor.findings.found, visitor.findings.told() + "\n" + "\n".join(noted.lines)
    assert not noted.lines, "\n".join(noted.lines)
    assert visitor.sent - before >= len(routes) * (EACH - AT_ONCE)


async def _some(
    visitor: Visitor, stock: Stock, chance: Random, names: list[str], *, method: str, pattern: str, count: int
) -> None:
    for _ in range(count):
        where = junk.path(chance, stock, pattern)
        query = junk.pairs(chance, stock, names) if chance.random() < 0.7 else b""
        headers: Any = junk.more_headers(chance)
        content = b""
        if method != "GET":
            content, said = junk.body(chance, stock, names)
            headers = [*headers, *said]
        await visitor.send(method, where, query, headers, content, label=f"{method} {pattern}")
