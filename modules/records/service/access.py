"""Through which eyes a service looks: the person's grant, or everyone for a job that a person was allowed to start."""

from __future__ import annotations

from zhiren.context import Context, Scope

EVERYONE = Scope(kinds=frozenset({"all"}))


def scope_of(ctx: Context, permission: str) -> Scope:
    """The scope ``permission`` was granted with. The system itself and jobs reach everyone: the right was checked when
    the job was asked for."""
    if ctx.actor.kind in {"system", "job"}:
        return EVERYONE
    scope = ctx.actor.scope(permission)
    # one value for all who reach everyone, whatever else they were granted
    return EVERYONE if scope.everyone else scope
