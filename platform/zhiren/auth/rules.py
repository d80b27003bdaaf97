"""Pure rules of who may log in as what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from uuid import UUID

import msgspec

from zhiren.context import SCOPE_ORDER, Scope, ScopeKind

_LOGIN: Final = re.compile(r"[^\s/\\<>\"'`\x00-\x1f\x7f]{2,64}")
_ROLE_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,31}")


def fold_login(login: str) -> str:
    """One spelling of a log-in: NFKC, no space around it, lower case."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def valid_login(folded: str) -> bool:
    """Letters of one script and no look-alikes: a log-in that can be told from every other by eye.

    Latin, digits and ``. _ - @ +``, or Chinese characters; a homoglyph from Cyrillic or Greek is neither.
    """
    return bool(_LOGIN.fullmatch(folded)) and all(c.isascii() or _chinese(c) for c in folded)


def valid_role_code(code: str) -> bool:
    return bool(_ROLE_CODE.fullmatch(code))


def collect_grants(rows: Iterable[tuple[str, ScopeKind, Iterable[str]]], employee_id: UUID | None) -> dict[str, Scope]:
    """Adds up what several roles grant. A grant ``unit`` without a root reaches nothing."""
    kinds: dict[str, set[ScopeKind]] = {}
    units: dict[str, set[UUID]] = {}
    for permission, scope, unit_ids in rows:
        kinds.setdefault(permission, set())
        units.setdefault(permission, set())
        if scope == "unit":
            roots = {UUID(str(unit)) for unit in unit_ids}
            if not roots:
                continue
            units[permission] |= roots
        kinds[permission].add(scope)
    return {p: Scope(frozenset(kinds[p]), employee_id, frozenset(units[p])) for p in kinds}


@lru_cache(maxsize=512)
def read_grants(text: str, employee_id: UUID | None) -> Mapping[str, Scope]:
    """``collect_grants`` of rows in a JSON text. The text is read from the database at each request and decides alone:
    a right that is given or taken makes another text."""
    return MappingProxyType(collect_grants(msgspec.json.decode(text), employee_id))


def exceeding(held: Mapping[str, Scope], wanted: Mapping[str, str], unit_ids: Iterable[UUID] = ()) -> list[str]:
    """Which of the ``wanted`` grants (permission -> scope) are wider than what the giver holds, by name.

    Scopes are compared by ``SCOPE_ORDER``; for ``unit``, the giver's roots must hold the given ones as well.
    """
    roots = frozenset(unit_ids)
    return sorted(p for p, scope in wanted.items() if not _covers(held.get(p, Scope()), scope, roots))


def widened(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The grants of ``new`` that give more than ``old`` did."""
    return {p: s for p, s in new.items() if p not in old or _rank(s) > _rank(old[p])}


def _covers(held: Scope, scope: str, roots: frozenset[UUID]) -> bool:
    if held.everyone:
        return True
    if scope == "unit":
        return "unit" in held.kinds and roots <= held.unit_ids
    return any(_rank(kind) >= _rank(scope) for kind in held.kinds)


def _rank(scope: str) -> int:
    return [str(kind) for kind in SCOPE_ORDER].index(scope)


def _chinese(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")
