"""What is on file already, in the form a check asks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from modules.records.rules.trees import unit_paths


class Known(NamedTuple):
    """A person on file, as far as rows are matched with them."""

    id: UUID
    number: str
    name: str
    id_blind: bytes | None
    left: bool
    manager_id: UUID | None


@dataclass(slots=True)
class Directory:
    people: list[Known]
    #: unit id -> (name, parent id), on the day the import takes effect
    units: dict[UUID, tuple[str, UUID | None]]
    positions: dict[str, UUID]
    #: legal entities by full and by short name
    entities: dict[str, UUID]
    cities: dict[UUID, str]
    by_id: dict[UUID, Known] = field(init=False)
    by_number: dict[str, Known] = field(init=False)
    by_blind: dict[bytes, Known] = field(init=False)
    by_name: dict[str, list[Known]] = field(init=False)
    unit_by_path: dict[str, list[UUID]] = field(init=False)
    roots: list[UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.by_id = {person.id: person for person in self.people}
        self.by_number = {person.number: person for person in self.people}
        self.by_blind = {person.id_blind: person for person in self.people if person.id_blind is not None}
        self.by_name = defaultdict(list)
        for person in self.people:
            self.by_name[person.name].append(person)
        self.unit_by_path = defaultdict(list)
        for unit_id, path in unit_paths(self.units).items():
            self.unit_by_path[path].append(unit_id)
        self.roots = [unit_id for unit_id, (_name, parent) in self.units.items() if parent is None]

    def manager_of(self) -> dict[UUID, UUID | None]:
        return {person.id: person.manager_id for person in self.people}


def loops(manager_of: dict[UUID, UUID | None]) -> set[UUID]:
    """People who, going up from manager to manager, come back to themselves."""
    state: dict[UUID, int] = {}
    found: set[UUID] = set()
    for start in manager_of:
        path: list[UUID] = []
        current: UUID | None = start
        while current is not None and state.get(current, 0) == 0:
            state[current] = 1
            path.append(current)
            current = manager_of.get(current)
        if current is not None and state.get(current) == 1 and current in path:
            found.update(path[path.index(current) :])
        for person in path:
            state[person] = 2
    return found


def depths(people: Iterable[UUID], manager_of: dict[UUID, UUID | None]) -> dict[UUID, int]:
    """How many of ``people`` stand above each of them: managers come before those who report to them."""
    inside = set(people)
    known: dict[UUID, int] = {}
    for person in inside:
        path: list[UUID] = []
        current: UUID | None = person
        while current is not None and current in inside and current not in known and current not in path:
            path.append(current)
            current = manager_of.get(current)
        depth = known[current] + 1 if current is not None and current in known else 0
        for member in reversed(path):
            known[member] = depth
            depth += 1
    return known
