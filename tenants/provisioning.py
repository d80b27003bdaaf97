"""Making a tenant: key, role, schema and the first roles, so that a failure anywhere leaves nothing half made.

The customer is written down first, as *provisioning*, and serves nobody. The key follows: making it twice is making it
once. Role, schema, tables, rights and wrapped data keys are one transaction. What follows in the tenant's own
transaction may be repeated. Only then the customer becomes *active*. Running the same command again goes on where the
last run ended.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tenants import repository
from tenants.errors import BadSlug, SlugTaken
from tenants.migrations.history import TENANT
from tenants.migrations.render import ROLE, SEQUENCER, SNAPSHOT
from tenants.models import Tenant
from tenants.owner import Owner, run_script
from zhiren.context import Context, TenantRef
from zhiren.crypto.provision import first_data_keys, store_data_keys
from zhiren.crypto.service import KeyProvisioner
from zhiren.db import Database
from zhiren.db.names import checked_tenant_id
from zhiren.i18n import _
from zhiren.ids import new_tenant_id

#: fills a new tenant's tables; must be safe to repeat
Seed = Callable[[Context], Awaitable[None]]

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
RESERVED_SLUGS = frozenset({"www", "api", "admin", "ops", "console", "static", "mail", "localhost"})


class Provisioner:
    """Makes tenants. ``seeds`` run in the order given, each in a transaction of the new tenant's."""

    def __init__(
        self, owner: Owner, keys: KeyProvisioner, database: Database | None = None, seeds: Sequence[Seed] = ()
    ) -> None:
        self._owner = owner
        self._keys = keys
        self._database = database
        self._seeds = seeds
        if seeds and database is None:
            raise ValueError("seeds need the database")

    async def create(self, slug: str, name: str) -> TenantRef:
        """Makes the customer ``name`` reachable as ``slug``, or finishes making it.

        Raises BadSlug, SlugTaken (when that customer is complete already), KeyServiceUnavailable, Unavailable.
        """
        check_slug(slug)
        tenant = await self._write_down(slug, name)
        checked_tenant_id(tenant.id)
        async with self._owner.transaction() as session:
            has_schema = await repository.schema_exists(session, tenant.id)
        if not has_schema:
            rows = await first_data_keys(self._keys, tenant.id)
            async with self._owner.transaction() as session:
                await build_schema(session, self._owner, tenant.id)
                await store_data_keys(session, rows)
                await repository.note_migration(session, tenant.id, TENANT.head)
        ref = TenantRef(tenant.id, tenant.slug, tenant.name, "active")
        for seed in self._seeds:
            assert self._database is not None
            async with self._database.tenant(ref) as ctx:
                await seed(ctx)
        async with self._owner.transaction() as session:
            await repository.set_status(session, tenant.id, "active")
        return ref

    async def _write_down(self, slug: str, name: str) -> Tenant:
        try:
            async with self._owner.transaction() as session:
                tenant = await repository.by_slug(session, slug, lock=True)
                if tenant is None:
                    tenant = Tenant(id=new_tenant_id(), slug=slug, name=name, status="provisioning")
                    session.add(tenant)
                elif tenant.status != "provisioning":
                    raise _taken(slug)
                else:
                    tenant.name = name
        except IntegrityError as error:
            raise _taken(slug) from error
        return tenant


async def build_schema(session: AsyncSession, owner: Owner, tenant_id: str) -> None:
    """Role, schema, tables and rights of a new tenant, in the owner's transaction; leaves its search_path set."""
    role = checked_tenant_id(tenant_id)
    modern = await repository.server_version(session) >= 160_000
    statements = []
    if not await repository.role_exists(session, role):
        # NOLOGIN, since nobody ever logs in as a tenant. (Citus connects to its workers as the current role: there
        # it takes ALTER ROLE ... LOGIN, without a password.)
        statements.append(f"CREATE ROLE {role} NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION")
    # From 16 on inheritance belongs to the grant; before, to the log-in, which is NOINHERIT (preflight looks).
    how = " WITH INHERIT FALSE, SET TRUE" if modern else ""
    statements.append(f"GRANT {role} TO {owner.logins.app}{how}")
    snapshot = SNAPSHOT.read_text(encoding="utf-8").replace(ROLE, role).replace(SEQUENCER, owner.logins.sequencer)
    await run_script(session, ";\n".join(statements) + ";\n" + snapshot)


def check_slug(slug: str) -> None:
    """Raises BadSlug unless ``slug`` can be the first label of a host name and is not kept for ourselves."""
    if not _SLUG.match(slug) or slug in RESERVED_SLUGS or slug.startswith("xn--"):
        raise BadSlug(
            _("“{slug}”不能用作客户的短名。", slug=slug),
            hint=_("用小写字母、数字和连字符，1 到 63 个，首尾不用连字符；www、api、admin 等留作他用。"),
        )


def _taken(slug: str) -> SlugTaken:
    return SlugTaken(
        _("短名“{slug}”已有客户在用。", slug=slug),
        hint=_("换一个短名，或用 zhiren tenant show {slug} 查看这位客户。", slug=slug),
    )
