"""Managers and leaders of units, as the module that keeps them tells it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from zhiren.context import Context


class Colleague(msgspec.Struct, frozen=True):
    """Somebody employed today. ``level`` is how deep their unit lies: 1 is the top; None without a unit."""

    employee_id: UUID
    name: str
    level: int | None = None


class Directory(Protocol):
    """Answered for today, in the customer's calendar; people who left are never named."""

    async def manager_chain(self, ctx: Context, employee_id: UUID, levels: int) -> list[Colleague]:
        """The manager, the manager's manager, … at most ``levels``. Where nobody is named as manager, the leader of
        the unit or of the next one above stands in. Loops end; nobody is named twice, nor the person asked for."""
        ...

    async def unit_of(self, ctx: Context, employee_id: UUID) -> UUID | None:
        """The unit the person sits in."""
        ...

    async def unit_leader(self, ctx: Context, unit_id: UUID, level: int) -> Colleague | None:
        """The leader of the unit at ``level`` (1 is the top) on the way from the top to ``unit_id``; None when the unit
        lies higher than that, or nobody leads it."""
        ...

    async def units(self, ctx: Context) -> list[tuple[UUID, str]]:
        """Units to choose from: id, and name with its place."""
        ...


class _Nobody:
    """Without an organisation there are no managers."""

    async def manager_chain(self, ctx: Context, employee_id: UUID, levels: int) -> list[Colleague]:  # noqa: ARG002
        return []

    async def unit_of(self, ctx: Context, employee_id: UUID) -> UUID | None:  # noqa: ARG002
        return None

    async def unit_leader(self, ctx: Context, unit_id: UUID, level: int) -> Colleague | None:  # noqa: ARG002
        return None

    async def units(self, ctx: Context) -> list[tuple[UUID, str]]:  # noqa: ARG002
        return []


_directory: Directory = _Nobody()


def register_directory(found: Directory) -> None:
    """Called once, by the module that knows the organisation, when it is imported."""
    global _directory  # noqa: PLW0603
    _directory = found


def directory() -> Directory:
    return _directory
