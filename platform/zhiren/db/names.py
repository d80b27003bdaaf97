"""The only names that ever become part of SQL text: opaque, made by us, checked before every use."""

from __future__ import annotations

import re

_TENANT_ID = re.compile(r"t_[a-z2-7]{16}\Z")


def checked_tenant_id(tenant_id: str) -> str:
    """``tenant_id`` itself when it has the form of ``zhiren.ids.new_tenant_id``; ValueError otherwise."""
    if not _TENANT_ID.match(tenant_id):
        raise ValueError(f"not a tenant id: {tenant_id!r}")
    return tenant_id


def begin_statement(tenant_id: str) -> str:
    """The literal that opens a tenant's transaction, one round trip for all three statements.

    Everything in it ends with the transaction, so a pooled connection, or a transaction pooler's, is handed back
    without a tenant. ``pg_temp`` is named last because it is searched first when it is not named.
    """
    name = checked_tenant_id(tenant_id)
    return f"BEGIN; SET LOCAL ROLE {name}; SET LOCAL search_path TO {name}, pg_temp"
