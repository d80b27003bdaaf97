"""Trees of units."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID


def unit_paths(tree: Mapping[UUID, tuple[str, UUID | None]]) -> dict[UUID, str]:
    """Unit id → names from the root down, joined with ``/``, for ``{id: (name, parent id)}``."""
    paths: dict[UUID, str] = {}

    def path(unit_id: UUID, seen: frozenset[UUID]) -> str:
        if unit_id not in paths:
            name, parent = tree[unit_id]
            # a loop cannot be made through the service; reading ends at it all the same
            above = (
                path(parent, seen | {unit_id}) if parent is not None and parent in tree and parent not in seen else ""
            )
            paths[unit_id] = f"{above}/{name}" if above else name
        return paths[unit_id]

    for unit_id in tree:
        path(unit_id, frozenset())
    return paths
