"""Sealed fields where they live: a tenant's own tables, under the real key service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from psycopg import sql
from sqlalchemy import event, select, text
from sqlalchemy.exc import ProgrammingError

from modules.records.models import Employee
from tenants.owner import Owner
from tenants.provisioning import Provisioner
from tests.conftest import make_tenant
from tests.support import TestServices
from zhiren.audit import record
from zhiren.context import TenantRef
from zhiren.crypto import SealBroken, TenantKeyDisabled, VaultKeyProvisioner, VaultKeyService
from zhiren.crypto.keyring import REFUSAL_KEPT_S
from zhiren.crypto.models import DataKey
from zhiren.crypto.provision import add_data_key, rewrap, rotate
from zhiren.db import Database
from zhiren.settings import Settings

CANARIES = ("11010519491231002X", "6222020200112230001", "13800138000", "北京市东城区金丝雀胡同七号", "812345")


@pytest.fixture
async def people(provisioner: Provisioner, database: Database) -> TenantRef:
    """A customer with three people whose sealed values are known."""
    tenant = await make_tenant(provisioner, "sealed")
    async with database.tenant(tenant) as ctx:
        for number in range(3):
            person = Employee(number=str(number), name=f"员工{number}", hired_on=date(2026, 1, 1))
            if number == 0:
                person.id_number, person.bank_account, person.mobile, person.home_address = CANARIES[:4]
            else:
                person.home_address = f"地址{number}"
            ctx.session.add(person)
        record(
            ctx,
            "records.employee.update",
            object_type="records.employee",
            object_id="0",
            changes={"pay": ("0", CANARIES[4])},
        )
    return tenant


@pytest.fixture
async def impatient(settings: Settings) -> AsyncIterator[Database]:
    """A process of its own whose keys live a second."""
    keys = VaultKeyService(msgspec.structs.replace(settings, data_key_cache_s=1.0))
    found = Database(settings, keys)
    yield found
    await found.close()
    await keys.close()


async def addresses(database: Database, tenant: TenantRef) -> list[str | None]:
    async with database.tenant(tenant) as ctx:
        rows = (await ctx.session.scalars(select(Employee).order_by(Employee.number))).all()
        return Employee.home_address.open_rows(rows)


def test_no_table_holds_a_sealed_value_in_plain(services: TestServices, people: TenantRef) -> None:
    with services.admin() as admin:
        tables = [
            row[0]
            for row in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (people.id,)).fetchall()
        ]
        assert "records_employee" in tables
        dump = ""
        for table in tables:
            query = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(people.id, table))
            dump += "\n".join(row[0] for row in admin.execute(query).fetchall())
    assert "员工0" in dump, "the dump reaches the rows"
    for canary in CANARIES:
        assert canary not in dump
        assert canary.encode().hex() not in dump


async def test_a_cold_list_costs_one_query_and_one_call_a_warm_one_none(settings: Settings, people: TenantRef) -> None:
    keys = VaultKeyService(settings)
    database = Database(settings, keys)
    statements: list[str] = []
    event.listen(
        database._engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_: statements.append(statement),
    )
    try:
        assert await addresses(database, people) == [CANARIES[3], "地址1", "地址2"]
        assert keys.calls == 1
        assert len([statement for statement in statements if "crypto_data_key" in statement]) == 1
        statements.clear()
        for _ in range(5):
            await addresses(database, people)
        assert keys.calls == 1
        assert not [statement for statement in statements if "crypto_data_key" in statement]
    finally:
        await database.close()
        await keys.close()


async def test_a_sealed_field_is_found_by_its_value(database: Database, people: TenantRef) -> None:
    async with database.tenant(people) as ctx:
        found = (await ctx.session.scalars(select(Employee).where(Employee.mobile.matches("138 0013 8000")))).all()
        assert [person.number for person in found] == ["0"]
        assert not (await ctx.session.scalars(select(Employee).where(Employee.mobile.matches("13900139000")))).all()


@pytest.mark.parametrize(
    "swap",
    [
        "UPDATE records_employee SET home_address_ct ="
        " (SELECT home_address_ct FROM records_employee WHERE number = '0') WHERE number = '1'",
        "UPDATE records_employee SET home_address_ct = mobile_ct WHERE number = '0'",
        "UPDATE records_employee SET home_address_ct = set_byte(home_address_ct, 20, 0) WHERE number = '0'",
    ],
)
async def test_what_an_administrator_moves_in_the_database_is_refused(
    database: Database, services: TestServices, people: TenantRef, swap: str
) -> None:
    with services.admin() as admin:
        admin.execute(f"SET search_path TO {people.id}")
        assert admin.execute(swap).rowcount == 1
    with pytest.raises(SealBroken):
        await addresses(database, people)


async def test_a_tenant_may_read_its_wrapped_keys_and_not_write_them(database: Database, people: TenantRef) -> None:
    async def attempt(statement: str) -> None:
        async with database.tenant(people) as ctx:
            await ctx.session.execute(text(statement))

    for statement in (
        "UPDATE crypto_data_key SET wrapped = ''",
        "DELETE FROM crypto_data_key",
        "INSERT INTO crypto_data_key (number, purpose, wrapped, active_from) VALUES (9, 'fields', '', now())",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            await attempt(statement)


async def test_disabled_key_refuses_in_words_and_leaves_the_rest_readable(
    impatient: Database, key_provisioner: VaultKeyProvisioner, people: TenantRef
) -> None:
    assert len(await addresses(impatient, people)) == 3
    await key_provisioner.disable_key(people.id)
    try:
        await asyncio.sleep(1.1)
        with pytest.raises(TenantKeyDisabled, match="密钥已停用"):
            await addresses(impatient, people)
        # what is not sealed stays readable: the person can still be told what is the matter
        async with impatient.tenant(people) as ctx:
            assert len((await ctx.session.scalars(select(Employee.name))).all()) == 3
    finally:
        await key_provisioner.enable_key(people.id)
    await asyncio.sleep(REFUSAL_KEPT_S)
    assert await addresses(impatient, people) == [CANARIES[3], "地址1", "地址2"]


async def test_rotation_new_data_keys_and_rewrapping_lose_nothing(
    impatient: Database, owner: Owner, key_provisioner: VaultKeyProvisioner, people: TenantRef
) -> None:
    async with owner.transaction() as session:
        await session.execute(text(f"SET LOCAL search_path TO {people.id}"))
        assert await rotate(key_provisioner, people.id, session) == 3
        number = await add_data_key(key_provisioner, people.id, session)
        wrapped = (await session.execute(select(DataKey.number, DataKey.wrapped, DataKey.active_from))).all()
    assert {row.wrapped.split(":")[1] for row in wrapped} == {"v2"}
    [new] = [row for row in wrapped if row.number == number]
    assert new.active_from > datetime.now(UTC) + timedelta(seconds=120)
    assert await addresses(impatient, people) == [CANARIES[3], "地址1", "地址2"]

    # its time comes: new values take it, old ones keep theirs
    async with owner.transaction() as session:
        await session.execute(text(f"SET LOCAL search_path TO {people.id}"))
        await session.execute(text("UPDATE crypto_data_key SET active_from = now() WHERE number = 4"))
    await asyncio.sleep(1.1)
    async with impatient.tenant(people) as ctx:
        person = (await ctx.session.scalars(select(Employee).where(Employee.number == "1"))).one()
        person.home_address = "新地址"
        assert person.home_address_ct is not None
        assert int.from_bytes(person.home_address_ct[2:4], "big") == number
    assert await addresses(impatient, people) == [CANARIES[3], "新地址", "地址2"]
    async with owner.transaction() as session:
        await session.execute(text(f"SET LOCAL search_path TO {people.id}"))
        assert await rewrap(key_provisioner, people.id, session) == 4


async def test_there_is_one_blind_index_key_for_good(owner: Owner, key_provisioner: VaultKeyProvisioner) -> None:
    async with owner.transaction() as session:
        with pytest.raises(ValueError, match="blind"):
            await add_data_key(key_provisioner, "t_aaaaaaaaaaaaaaaa", session, purpose="blind")
