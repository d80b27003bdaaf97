"""The organisation on one day, as lists and forms need it: what everything is called, and what may be chosen.

It is read from one JSON text that the database makes. The same text gives the same chart, so the last ones are kept:
the key is the whole text, never out of date, and nobody finds another customer's who does not hold its text already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from modules.records.rules.trees import unit_paths

Choices = tuple[tuple[str, str], ...]

_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class Chart:
    """``names`` of units, positions and legal entities by id, those out of use too; the rest can be chosen: id and
    title, units by their path and parents before children."""

    names: Mapping[UUID, str]
    units: Choices
    positions: Choices
    entities: Choices


class _Unit(NamedTuple):
    id: UUID
    name: str
    parent_id: UUID | None


class _Position(NamedTuple):
    id: UUID
    name: str
    active: bool


class _Entity(NamedTuple):
    id: UUID
    name: str
    short_name: str
    active: bool


class _Text(NamedTuple):
    units: list[_Unit] | None
    positions: list[_Position] | None
    entities: list[_Entity] | None


_DECODER: Final = msgspec.json.Decoder(_Text)


@lru_cache(maxsize=_KEPT)
def read_chart(text: str) -> Chart:
    """The chart in the text of ``repository.organisation.chart``."""
    found = _DECODER.decode(text)
    units, positions, entities = found.units or (), found.positions or (), found.entities or ()
    return Chart(
        names={one.id: one.name for rows in (units, positions, entities) for one in rows},
        units=_in_tree_order(units),
        positions=tuple((str(one.id), one.name) for one in positions if one.active),
        entities=tuple((str(one.id), one.short_name or one.name) for one in entities if one.active),
    )


def _in_tree_order(units: list[_Unit] | tuple[()]) -> Choices:
    paths = unit_paths({one.id: (one.name, one.parent_id) for one in units})
    children: dict[UUID | None, list[UUID]] = {}
    for one in units:
        children.setdefault(one.parent_id if one.parent_id in paths else None, []).append(one.id)
    found: list[tuple[str, str]] = []
    waiting = children.pop(None, [])[::-1]
    while waiting:
        unit_id = waiting.pop()
        found.append((str(unit_id), paths[unit_id]))
        waiting += children.pop(unit_id, [])[::-1]
    return tuple(found)
