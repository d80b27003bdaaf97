"""Finds the units, positions and legal entities that rows name, and notes those that the import would make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from modules.records.rules.imports.directory import Directory
from zhiren.i18n import _
from zhiren.ids import new_id


class Organiser:
    """Ids are given out at once, so that rows can point at what is only made by the commit."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.unplaced = _("未分配部门")
        self._unit_at: dict[str, UUID] = {
            path: found[0] for path, found in directory.unit_by_path.items() if len(found) == 1
        }
        self._named: dict[str, list[UUID]] = {}
        for unit_id, (name, _parent) in directory.units.items():
            self._named.setdefault(name, []).append(unit_id)
        self._positions = dict(directory.positions)
        self._entities = dict(directory.entities)
        self._answers: dict[tuple[str, ...], tuple[UUID | None, int]] = {}
        self.new_units: list[dict[str, Any]] = []
        self.new_positions: list[dict[str, Any]] = []
        self.new_entities: list[dict[str, Any]] = []

    def unit(self, path: Sequence[str]) -> tuple[UUID | None, int]:
        """The unit of a path from the root, from below the only root, or of a name that is there once; else a new one.
        None and how many there are, where a single name fits several."""
        key = tuple(path)
        if key not in self._answers:
            self._answers[key] = self._find_unit(key)
        return self._answers[key]

    def _find_unit(self, path: tuple[str, ...]) -> tuple[UUID | None, int]:
        whole = "/".join(path)
        if whole in self._unit_at:
            return self._unit_at[whole], 1
        roots = self._directory.roots
        above = self._directory.units[roots[0]][0] if len(roots) == 1 else ""
        if above and f"{above}/{whole}" in self._unit_at:
            return self._unit_at[f"{above}/{whole}"], 1
        if len(path) == 1:
            named = self._named.get(path[0], [])
            if len(named) == 1:
                return named[0], 1
            if len(named) > 1:
                return None, len(named)
        return self._make_unit(path, above), 1

    def _make_unit(self, path: tuple[str, ...], above: str) -> UUID:
        """Makes what is missing of the path, hung under the only root of an organisation that has one."""
        first = self._unit_at.get(path[0])
        if first is None and len(self._named.get(path[0], [])) == 1:
            first = self._named[path[0]][0]
        prefix = "" if first is not None or not above else above
        parent = self._unit_at.get(prefix) if prefix else None
        for depth, name in enumerate(path):
            prefix = f"{prefix}/{name}" if prefix else name
            found = first if depth == 0 and first is not None else self._unit_at.get(prefix)
            if found is None:
                found = new_id()
                self.new_units.append(
                    {"id": str(found), "name": name[:64], "parent_id": str(parent) if parent else None}
                )
                self._named.setdefault(name, []).append(found)
            self._unit_at[prefix] = found
            parent = found
        assert parent is not None
        return parent

    def position(self, name: str) -> UUID:
        if name not in self._positions:
            self._positions[name] = new_id()
            self.new_positions.append({"id": str(self._positions[name]), "name": name})
        return self._positions[name]

    def entity(self, name: str) -> UUID:
        if name not in self._entities:
            self._entities[name] = new_id()
            self.new_entities.append({"id": str(self._entities[name]), "name": name, "city": ""})
        return self._entities[name]

    def entity_works_in(self, entity_id: UUID, city: str) -> None:
        """A new employer's city is that of the first of its people who has one."""
        for entity in self.new_entities:
            if entity["id"] == str(entity_id) and not entity["city"]:
                entity["city"] = city
