"""A pooled connection serves one tenant after the other and mixes none of them up."""

from __future__ import annotations

from sqlalchemy import text

from zhiren.context import Context, TenantRef, current
from zhiren.db import Database


async def test_a_transaction_runs_as_its_tenant(ctx: Context, tenant: TenantRef) -> None:
    assert current().tenant == tenant
    assert await ctx.session.scalar(text("select current_user")) == tenant.id


async def test_each_tenant_finds_its_own_tables(database: Database, tenant: TenantRef, other_tenant: TenantRef) -> None:
    for one in (tenant, other_tenant, tenant):
        async with database.tenant(one) as ctx:
            assert await ctx.session.scalar(text("select current_schema()")) == one.id
            assert await ctx.session.scalar(text("select count(*) from auth_role")) == 5
