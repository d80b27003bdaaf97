"""The two histories, the models and the snapshot say the same."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, text

from tenants.migrations import render
from tenants.migrations.environment import options
from tenants.migrations.history import CONTROL, TENANT, History
from tenants.owner import Owner, run_script
from tenants.provisioning import build_schema
from tenants.rights import rights_of, tenant_statements
from tests.support import TestServices
from tests.tenants.catalog import describe
from zhiren.context import TenantRef
from zhiren.ids import new_tenant_id
from zhiren.settings import Settings

MOST_TABLES = 100


@pytest.mark.parametrize("history", [CONTROL, TENANT], ids=lambda history: history.name)
def test_one_head(history: History) -> None:
    assert len(history.script.get_heads()) == 1


def test_first_revisions_and_snapshot_are_rendered_from_the_models() -> None:
    said = "run: python -m tenants.migrations.render"
    for history in (CONTROL, TENANT):
        assert render._first_path(history).read_text(encoding="utf-8") == render.first_revision(history.metadata), said
    assert render.SNAPSHOT.read_text(encoding="utf-8") == render.snapshot(), said


async def test_snapshot_equals_the_migrations(owner: Owner, services: TestServices) -> None:
    replayed, copied = new_tenant_id(), new_tenant_id()
    async with owner.transaction() as session:
        await build_schema(session, owner, copied)
    async with owner.transaction() as session:
        await run_script(
            session,
            f"CREATE ROLE {replayed} NOLOGIN; CREATE SCHEMA {replayed};"
            f"GRANT USAGE ON SCHEMA {replayed} TO {replayed}, {owner.logins.sequencer};"
            f"SET LOCAL search_path TO {replayed}, pg_temp;",
        )
        await run_script(session, TENANT.upgrade_sql(None))
        rights = tenant_statements(TENANT.metadata, role=replayed, sequencer=owner.logins.sequencer)
        await run_script(session, ";".join(rights))
    with services.admin() as admin:
        try:
            assert describe(admin, copied) == describe(admin, replayed)
            assert len(describe(admin, copied)) > 100
        finally:
            for name in (copied, replayed):
                admin.execute(f"DROP SCHEMA {name} CASCADE")
                admin.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA control FROM {name}")
                admin.execute(f"DROP ROLE {name}")


def test_alembic_check_is_clean_for_a_tenant(settings: Settings, tenant: TenantRef) -> None:
    _check(settings, TENANT, f"{tenant.id}, pg_temp")


def test_alembic_check_is_clean_for_the_control_plane(settings: Settings, tenant: TenantRef) -> None:
    _check(settings, CONTROL, "pg_catalog")


def test_alembic_check_sees_a_difference(settings: Settings, tenant: TenantRef, services: TestServices) -> None:
    # the check itself must be able to fail
    engine = create_engine(
        settings.database_owner_url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool
    )
    with engine.connect() as connection:
        connection.execute(text(f"set search_path to {tenant.id}"))
        connection.execute(text("alter table auth_user add column surplus text"))
        found = compare_metadata(MigrationContext.configure(connection, opts=options(TENANT)), TENANT.metadata)
        connection.rollback()
    assert [entry[0] for entry in found] == ["remove_column"]


def _check(settings: Settings, history: History, search_path: str) -> None:
    engine = create_engine(
        settings.database_owner_url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool
    )
    with engine.connect() as connection:
        connection.execute(text(f"set search_path to {search_path}"))
        connection.commit()
        history.config.attributes["connection"] = connection
        try:
            command.check(history.config)
        finally:
            del history.config.attributes["connection"]


def test_tenant_schema_stays_small() -> None:
    assert len(TENANT.metadata.tables) + 1 <= MOST_TABLES


def test_tenant_tables_keep_to_what_sharding_by_schema_allows() -> None:
    for table in TENANT.metadata.tables.values():
        assert table.schema is None, table.name
        for column in table.columns:
            assert type(column.type).__name__ not in {"Enum", "ENUM", "DOMAIN"}, f"{table.name}.{column.name}"
        for key in table.foreign_keys:
            assert "." not in key.target_fullname.rsplit(".", 1)[0], key.target_fullname


def test_rights_are_data_rights() -> None:
    for table in (*TENANT.metadata.tables.values(), *CONTROL.metadata.tables.values()):
        assert set(rights_of(table)) <= {"select", "insert", "update", "delete"}
        if table.name.startswith("audit_"):
            assert set(rights_of(table)) <= {"select", "insert"}, table.name
