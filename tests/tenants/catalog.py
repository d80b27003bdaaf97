"""A schema as PostgreSQL's catalogue knows it, with the tenant's own name taken out: equal texts are equal schemas."""

from __future__ import annotations

import psycopg

_QUERIES = {
    "columns": """
        select c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
        from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d
          on d.adrelid = a.attrelid and d.adnum = a.attnum
        where c.relnamespace = %(schema)s::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped""",
    "constraints": """
        select r.relname, k.conname, k.contype, pg_get_constraintdef(k.oid)
        from pg_constraint k join pg_class r on r.oid = k.conrelid where k.connamespace = %(schema)s::regnamespace""",
    "indexes": """
        select c.relname, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
        where c.relnamespace = %(schema)s::regnamespace""",
    "rights": """
        select c.relname, c.relkind, g.rolname, a.privilege_type, a.is_grantable
        from pg_class c cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
        left join pg_roles g on g.oid = a.grantee
        where c.relnamespace = %(schema)s::regnamespace and c.relkind <> 'i' and a.grantee <> c.relowner""",
    "schema": """
        select g.rolname, a.privilege_type, o.rolname from pg_namespace n join pg_roles o on o.oid = n.nspowner
        cross join lateral aclexplode(n.nspacl) a left join pg_roles g on g.oid = a.grantee
        where n.nspname = %(schema)s""",
    "others": """
        select c.relkind, c.relname from pg_class c where c.relnamespace = %(schema)s::regnamespace
        and c.relkind not in ('r', 'i')""",
}


def describe(connection: psycopg.Connection[tuple[object, ...]], schema: str) -> list[str]:
    """One line for each fact, sorted."""
    lines = []
    for kind, query in _QUERIES.items():
        for row in connection.execute(query, {"schema": schema}):
            lines.append(" ".join([kind, *(str(value).replace(schema, "TENANT") for value in row)]))
    return sorted(lines)
