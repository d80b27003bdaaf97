"""The guards that keep tenants apart, looked at from inside the database before anything is served on it.

Some of them are per database and are lost by a restore into a new one; this is where that is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tenants.errors import PreflightFailed
from tenants.migrations.history import TENANT
from tenants.owner import Logins, Owner
from tenants.rights import rights_of
from zhiren.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Check:
    """``query`` gives the names of what is wrong; nothing when all is well. ``:app``, ``:owner``, ``:sequencer`` are
    the log-ins' names, ``:tenants`` the pattern of tenants' names."""

    code: str
    message: str
    query: str


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    message: str
    #: roles, functions or tables concerned
    names: tuple[str, ...]


CHECKS: Sequence[Check] = (
    Check(
        "login_attributes",
        N_("应用和审计的登录角色权限过大"),
        "select rolname from pg_roles where rolname in (:app, :sequencer)"
        " and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls or rolinherit)",
    ),
    Check(
        "inherited",
        N_("应用的登录角色继承了其他角色的权限"),
        "select rolname from pg_roles where rolname <> :app and pg_has_role(:app, oid, 'usage')",
    ),
    Check(
        "foreign_member",
        N_("应用的登录角色是其他角色的成员"),
        "select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid"
        " join pg_roles u on u.oid = m.member where u.rolname in (:app, :sequencer) and g.rolname !~ :tenants",
    ),
    Check(
        "login_owns",
        N_("应用或审计的登录角色拥有数据库对象"),
        "select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname in (:app, :sequencer)"
        " union all select n.nspname from pg_namespace n join pg_roles r on r.oid = n.nspowner"
        " where r.rolname in (:app, :sequencer)",
    ),
    Check(
        "tenant_attributes",
        N_("客户角色权限过大"),
        "select rolname from pg_roles where rolname ~ :tenants"
        " and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)",
    ),
    Check(
        "tenant_member",
        N_("客户角色是其他角色的成员"),
        "select u.rolname from pg_auth_members m join pg_roles u on u.oid = m.member where u.rolname ~ :tenants",
    ),
    Check(
        "tenant_owns",
        N_("客户角色拥有数据库对象"),
        "select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname ~ :tenants"
        " union all select p.proname from pg_proc p join pg_roles r on r.oid = p.proowner where r.rolname ~ :tenants",
    ),
    Check(
        "schema_owner",
        N_("客户的表空间不归所有者角色"),
        "select n.nspname from pg_namespace n join pg_roles r on r.oid = n.nspowner"
        " where n.nspname ~ :tenants and r.rolname <> :owner",
    ),
    Check(
        "schema_rights",
        N_("有角色能进入别家客户的表空间，或能在其中建表"),
        "select n.nspname from pg_namespace n join pg_roles r on r.rolname ~ :tenants or r.rolname = :app"
        " where n.nspname ~ :tenants and (has_schema_privilege(r.oid, n.oid, 'create')"
        " or (r.rolname <> n.nspname and has_schema_privilege(r.oid, n.oid, 'usage')))",
    ),
    Check(
        "set_config",
        N_("任何人都能执行 set_config：可以借它换到别家客户的角色"),
        "select p.oid::regprocedure::text from pg_proc p where p.proname = 'set_config'"
        " and has_function_privilege(:app, p.oid, 'execute')",
    ),
    Check(
        "large_objects",
        N_("任何人都能建立大对象，它不属于任何客户"),
        "select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace"
        " and p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import')"
        " and has_function_privilege(:app, p.oid, 'execute')",
    ),
    Check(
        "languages",
        N_("任何人都能使用过程语言：DO 语句可以换到别家客户的角色"),
        "select lanname from pg_language where lanname not in ('internal', 'c', 'sql')"
        " and has_language_privilege(:app, oid, 'usage')",
    ),
    Check(
        "database",
        N_("任何人都能在数据库里建临时表或模式"),
        "select datname from pg_database where datname = current_database()"
        " and (has_database_privilege(:app, oid, 'create') or has_database_privilege(:app, oid, 'temp'))",
    ),
    Check(
        "public_schema",
        N_("任何人都能使用 public 模式"),
        "select nspname from pg_namespace where nspname = 'public' and (has_schema_privilege(:app, oid, 'create')"
        " or has_schema_privilege(:app, oid, 'usage'))",
    ),
    Check(
        "extensions",
        N_("装有能连到别处或读文件的扩展"),
        "select extname from pg_extension where extname in ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'lo',"
        " 'plpython3u', 'plperl', 'plperlu', 'pltcl', 'pltclu')",
    ),
)


async def findings(owner: Owner) -> list[Finding]:
    """Everything that is wrong, the exact rights on every tenant's tables included; empty when all guards stand."""
    async with owner.transaction() as session:
        found = []
        for check in CHECKS:
            names = (await session.scalars(text(check.query), _parameters(check.query, owner.logins))).all()
            if names:
                found.append(Finding(check.code, _(check.message), tuple(sorted(set(names)))))
        if wrong := await _wrong_rights(session, owner.logins):
            found.append(Finding("table_rights", _("客户的表上权限与声明的不符"), tuple(wrong)))
    return found


async def check(owner: Owner) -> None:
    """Raises PreflightFailed, naming every guard that is missing; ``zhiren setup`` puts them back."""
    found = await findings(owner)
    if found:
        raise PreflightFailed(
            _("数据库缺少隔离客户所需的保护：") + "；".join(finding.message for finding in found),
            hint=_("以数据库管理员身份运行 zhiren setup --admin-url 补上；恢复备份之后也要运行。"),
            params={finding.code: list(finding.names[:10]) for finding in found},
        )


def _parameters(query: str, logins: Logins) -> dict[str, str]:
    values = {"app": logins.app, "owner": logins.owner, "sequencer": logins.sequencer, "tenants": "^t_[a-z2-7]{16}$"}
    return {name: value for name, value in values.items() if f":{name}" in query}


async def _wrong_rights(session: AsyncSession, logins: Logins) -> list[str]:
    """Tables of any tenant at head on which a role has more or less than the models declare, as schema.table."""
    expected: set[tuple[str, str, str]] = set()
    for table in TENANT.metadata.sorted_tables:
        expected |= {("tenant", table.name, right) for right in rights_of(table)}
        expected |= {("sequencer", table.name, right) for right in rights_of(table, key="sequencer")}
    query = text(
        "select n.nspname, c.relname, coalesce(r.rolname, 'public') as grantee, lower(a.privilege_type)"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a"
        " left join pg_roles r on r.oid = a.grantee"
        " where c.relkind in ('r', 'p', 'v', 'm', 'S') and n.nspname ~ '^t_[a-z2-7]{16}$' and a.grantee <> c.relowner"
    )
    actual: dict[str, set[tuple[str, str, str]]] = {}
    for schema in await session.scalars(text("select nspname from pg_namespace where nspname ~ '^t_[a-z2-7]{16}$'")):
        actual[schema] = set()
    for schema, table_name, grantee, right in await session.execute(query):
        known: dict[str | None, str] = {schema: "tenant", logins.sequencer: "sequencer"}
        kind = known.get(grantee, str(grantee))
        actual[schema].add((kind, table_name, right))
    behind = set(
        await session.scalars(
            text("select tenant_id from control.tenant_migration where version <> :head"), {"head": TENANT.head}
        )
    )
    return [
        f"{schema}.{name}"
        for schema, found in sorted(actual.items())
        if schema not in behind
        for name in sorted({entry[1] for entry in found ^ expected})
    ]
