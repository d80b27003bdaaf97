"""Who may do what on which table, as statements: the same after a migration as after provisioning.

A model says so beside its columns: ``__table_args__ = ({"info": {"rights": ("select", "insert")}},)`` for the tenant's
role (in the control plane: for the app's log-in), and ``"sequencer": (...)`` for the log-in that chains audit events.
Without it a tenant table gives select, insert, update and delete, a control table select alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import MetaData, Table

TENANT_DEFAULT = ("select", "insert", "update", "delete")
CONTROL_DEFAULT = ("select",)
_KNOWN = frozenset(TENANT_DEFAULT)


def rights_of(table: Table, *, key: str = "rights") -> tuple[str, ...]:
    """The rights ``table`` declares under ``key``. Raises ValueError for a right that is not a data right."""
    default: Sequence[str] = ()
    if key == "rights":
        default = CONTROL_DEFAULT if table.schema == "control" else TENANT_DEFAULT
    rights = tuple(right.lower() for right in table.info.get(key, default))
    if unknown := set(rights) - _KNOWN:
        raise ValueError(f"{table.name}: {sorted(unknown)} are not data rights")
    return tuple(right for right in TENANT_DEFAULT if right in rights)


def tenant_statements(metadata: MetaData, *, role: str, sequencer: str) -> Iterator[str]:
    """Rights on a tenant's tables, for ``role`` and ``sequencer``; the search_path finds the tables.

    Given names are put into the text as they stand: quoted where they need it.
    """
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {role} FROM {role}, {sequencer}, PUBLIC"
    yield from _grants(metadata, "rights", role)
    yield from _grants(metadata, "sequencer", sequencer)


def control_statements(metadata: MetaData, *, app: str, sequencer: str) -> Iterator[str]:
    """Rights on the control plane's tables."""
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA control FROM {app}, {sequencer}, PUBLIC"
    yield f"GRANT USAGE ON SCHEMA control TO {app}, {sequencer}"
    yield from _grants(metadata, "rights", app)
    yield from _grants(metadata, "sequencer", sequencer)


def _grants(metadata: MetaData, key: str, role: str) -> Iterator[str]:
    by_rights: dict[tuple[str, ...], list[str]] = {}
    for table in metadata.sorted_tables:
        if rights := rights_of(table, key=key):
            by_rights.setdefault(rights, []).append(table.fullname)
    for rights, tables in sorted(by_rights.items()):
        yield f"GRANT {', '.join(rights).upper()} ON {', '.join(sorted(tables))} TO {role}"
