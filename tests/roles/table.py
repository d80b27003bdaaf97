"""Reads the table of who may do what, and the routes the application really has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from litestar import Litestar

ROLES: Final = ("admin", "hr", "payroll", "manager", "employee")
#: a role of the customer's own, limited to a unit; counts in routes about one person
BRANCH: Final = "branch"
ANONYMOUS: Final = "anonymous"
RELATIONS: Final = ("self", "direct", "indirect", "same_unit", "other_unit", "other_entity")
_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")


@dataclass(frozen=True)
class Rule:
    """Who comes through. ``reach`` says, for routes about one person, whose record each role reaches."""

    roles: frozenset[str]
    public: bool = False
    #: the vendor's: at a customer's address it does not exist
    elsewhere: bool = False
    #: for people who are no users: each role is a stranger
    guests: bool = False
    reach: dict[str, frozenset[str]] = field(default_factory=dict)
    #: name of the path parameter that is a person
    person: str = ""
    #: what comes of it depends on a field of the person: the table of fields says the rest
    by_field: bool = False


def read_table(path: Path) -> dict[str, Rule]:
    """``METHOD /path`` -> rule, of ``path`` and of the files in the folder ``policy.d`` beside it.

    A word is a role, or one of ``everybody`` (also strangers), ``people``, ``guests`` (of a kind, and nobody else) and
    ``console`` (the vendor's own, which nobody finds at a customer's address)."""
    table: dict[str, Rule] = {}
    for part in [path, *sorted(path.with_suffix(".d").glob("*.toml"))]:
        more = _read_part(part)
        if twice := table.keys() & more.keys():
            raise ValueError(f"{part.name}: said before: {sorted(twice)}")
        table |= more
    return table


def _read_part(path: Path) -> dict[str, Rule]:
    data = tomllib.loads(path.read_text())
    table: dict[str, Rule] = {}
    for route, who in data["routes"].items():
        words = set(who.split())
        unknown = words - {"everybody", "people", "guests", "console", *ROLES}
        if unknown:
            raise ValueError(f"{route}: unknown {unknown}")
        public = "everybody" in words
        roles = frozenset(ROLES) if public or "people" in words else frozenset(words & set(ROLES))
        table[route] = Rule(roles, public=public, elsewhere="console" in words, guests="guests" in words)
    for route, entry in data.get("people", {}).items():
        reach = _reach(route, entry)
        roles = frozenset(role for role in ROLES if reach[role])
        table[route] = Rule(roles, reach=reach, person=entry["person"], by_field=entry.get("by_field", False))
    return table


def read_fields(path: Path) -> dict[str, dict[str, frozenset[str]]]:
    """Field -> role -> relations whose value the role may open."""
    return {name: _reach(name, entry) for name, entry in tomllib.loads(path.read_text())["fields"].items()}


def _reach(name: str, entry: dict[str, Any]) -> dict[str, frozenset[str]]:
    reach = {role: frozenset(entry.get(role, "").split()) for role in (*ROLES, BRANCH)}
    for role, relations in reach.items():
        reach[role] = frozenset(RELATIONS) if relations == {"all"} else relations
        if not reach[role] <= set(RELATIONS):
            raise ValueError(f"{name}: {role} reaches {sorted(reach[role])}")
    return reach


def routes_of(app: Litestar) -> Iterator[tuple[str, Any]]:
    """``METHOD /path`` and handler of every route."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield f"{method} {route.path}", handler


def filled(path: str, **values: object) -> str:
    """The path with something in its braces: ``values`` by name, else what nothing has."""

    def fill(match: re.Match[str]) -> str:
        name, kind = match.groups()
        if name in values:
            return str(values[name])
        return {"uuid": str(UUID(int=1)), "int": "1", "date": "2026-01-01"}.get(kind, "nothing")

    return _PARAMETER.sub(fill, path)
