"""Who asks, for which customer, from where: one value that travels with a request or a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from zhiren.crypto.keyring import Keyring

ScopeKind = Literal["none", "self", "direct_reports", "reports", "unit", "all"]
#: from narrow to wide, "unit" being an organisation subtree
SCOPE_ORDER: tuple[ScopeKind, ...] = ("none", "self", "direct_reports", "reports", "unit", "all")


@dataclass(frozen=True, slots=True)
class TenantRef:
    """A customer. ``id`` is opaque and names schema, role and transit key; ``slug`` is the host name's first label."""

    id: str
    slug: str
    name: str
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose data a grant reaches. ``unit_ids`` are the roots of the subtrees when ``kind`` is ``unit``.

    Several roles of one person add up: ``kinds`` holds every kind granted, and a row is visible when any of them
    reaches it.
    """

    kinds: frozenset[ScopeKind] = frozenset()
    employee_id: UUID | None = None
    unit_ids: frozenset[UUID] = frozenset()

    @property
    def everyone(self) -> bool:
        return "all" in self.kinds

    def __bool__(self) -> bool:
        return bool(self.kinds - {"none"})


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody from outside who proved who they are, and is no user: a candidate, an agency's recruiter.

    ``kind`` is one that ``zhiren.guests`` knows, ``id`` what the module calls the person by.
    """

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or job, or operator) that acts. ``grants`` maps a permission to the scope it was given with.

    A guest has no ``user_id`` and no grants: only routes that name their kind let them in.
    """

    user_id: UUID | None
    name: str
    kind: Literal["user", "job", "operator", "system", "guest"] = "user"
    employee_id: UUID | None = None
    grants: Mapping[str, Scope] = field(default_factory=dict)
    #: codes of the roles held, for the audit trail alone: rights are decided by ``grants``
    roles: tuple[str, ...] = ()
    session_id: UUID | None = None
    #: the access token a program came with; no person sits there
    token_id: UUID | None = None
    #: seconds since 1970 of the last time the password (and second factor) was given
    authenticated_at_s: float = 0.0
    #: set when ``kind`` is "guest"
    guest: Guest | None = None

    def can(self, permission: str) -> bool:
        return bool(self.grants.get(permission))

    def scope(self, permission: str) -> Scope:
        return self.grants.get(permission, Scope())


SYSTEM = Actor(user_id=None, name="zhiren", kind="system")


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler, service or job needs to know of its surroundings. One database transaction belongs to it."""

    tenant: TenantRef
    session: AsyncSession
    keyring: Keyring
    actor: Actor = SYSTEM
    request_id: str = ""
    ip: str = ""
    user_agent: str = ""
    locale: str = "zh_CN"
    #: names of modules that are bought and switched on
    modules: frozenset[str] = frozenset()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def with_actor(self, actor: Actor) -> Context:
        return replace(self, actor=actor)


_current: ContextVar[Context | None] = ContextVar("zhiren_context", default=None)


def current() -> Context:
    """The context of the running request or job. Raises LookupError outside one: no tenant, no data."""
    context = _current.get()
    if context is None:
        raise LookupError("no tenant context: open one with zhiren.db.Database.tenant()")
    return context


def current_or_none() -> Context | None:
    return _current.get()


@contextmanager
def use(context: Context) -> Iterator[Context]:
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
