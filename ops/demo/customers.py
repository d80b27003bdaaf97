"""The demonstration's customers, made as the operator would make them: tenant, licence, log-ins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.exc import ProgrammingError

from licensing import development
from licensing import service as licensing
from licensing.document import Licence, sign
from licensing.entitlements import today_in_china
from ops import hosted
from ops.console import console_host
from ops.console import service as operators
from ops.demo import composition
from ops.hosted import Hosted
from tenants import repository as tenant_rows
from tenants.control import migrate_control
from tenants.owner import Owner
from tenants.provisioning import Provisioner
from zhiren.auth import service as auth
from zhiren.context import TenantRef
from zhiren.crypto import VaultKeyProvisioner, VaultKeyService
from zhiren.db import Database
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _
from zhiren.ids import new_id
from zhiren.settings import Settings

#: log-in -> name and built-in role, for whoever is not an employee with a name of their own
STAFF: Final[Mapping[str, tuple[str, str]]] = {
    "admin": ("系统管理员", "admin"),
    "hr": ("人事专员", "hr"),
    "payroll": ("薪酬专员", "payroll"),
}
STAFF_TITLES: Final[Mapping[str, str]] = {"admin": N_("系统管理员"), "hr": N_("人事"), "payroll": N_("薪酬")}
#: the vendor's, at the console
OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True)
class Customer:
    slug: str
    name: str
    seats: int
    #: numbers of employees who log in -> their title
    people: tuple[tuple[str, str], ...] = ()


ACME: Final = Customer("acme", "启明精工（北京）制造有限公司", 1500, (("QM0006", N_("主管")), ("QM0020", N_("员工"))))
SUMMIT: Final = Customer("summit", "Summit Trading（Oracle 示例数据）", 200, (("101", N_("主管")), ("200", N_("员工"))))
CUSTOMERS: Final = (ACME, SUMMIT)


@asynccontextmanager
async def parts_of(settings: Settings) -> AsyncIterator[Hosted]:
    """The demonstration's parts in this process, closed afterwards."""
    keys = VaultKeyService(settings)
    database = Database(settings, keys)
    try:
        yield hosted.deployment(settings, database, licence_keys=(development.PUBLIC_KEY,))
    finally:
        await database.close()
        await keys.close()


async def ensure(settings: Settings, customer: Customer, password: str) -> TenantRef:
    """The customer, ready to log in to. What is there already is left as it is."""
    owner = Owner(settings)
    provisioner_keys = VaultKeyProvisioner(settings)
    try:
        await migrate_control(owner)
        async with parts_of(settings) as parts:
            tenant = await _existing(owner, customer)
            if tenant is None:
                provisioner = Provisioner(owner, provisioner_keys, parts.database, seeds=[hosted.seed])
                tenant = await provisioner.create(customer.slug, customer.name)
            await _equip(parts, tenant, customer, password)
            return tenant
    finally:
        await provisioner_keys.close()
        await owner.close()


async def ensure_operator(settings: Settings, password: str) -> None:
    """The operator of the vendor's console. One that is there already is left as it is."""
    owner = Owner(settings)
    try:
        await migrate_control(owner)
        if OPERATOR not in {each.login for each in await operators.list_operators(owner)}:
            await operators.create(owner, login=OPERATOR, name="运营", password=password)
    finally:
        await owner.close()


async def stand(settings: Settings) -> bool:
    """Whether the customers are there: the notes of the last start may be older than the database."""
    async with parts_of(settings) as parts:
        try:
            return all([await parts.tenants.by_slug(customer.slug) for customer in CUSTOMERS])
        except (ZhirenError, ProgrammingError):
            return False


async def _existing(owner: Owner, customer: Customer) -> TenantRef | None:
    async with owner.transaction() as session:
        row = await tenant_rows.by_slug(session, customer.slug)
    if row is None or row.status == "provisioning":
        return None
    return TenantRef(row.id, row.slug, row.name, row.status)


async def _equip(parts: Hosted, tenant: TenantRef, customer: Customer, password: str) -> None:
    """Licence and staff, in one transaction: either all are there or none."""
    async with parts.database.tenant(tenant) as ctx:
        if (await parts.entitlements.read(ctx)).licence is not None:
            return
        await licensing.install(ctx, parts.entitlements, licence_text(tenant, customer))
        for login, (name, role) in STAFF.items():
            await auth.create_user(ctx, login=login, name=name, password=password, roles=[role])


def licence_text(tenant: TenantRef, customer: Customer) -> str:
    today = today_in_china()
    licence = Licence(
        id=new_id(),
        customer=customer.name,
        tenant=tenant.id,
        modules=tuple(sorted(module.name for module in hosted.MODULES)),
        seats=customer.seats,
        valid_from=today - timedelta(days=365),
        valid_until=today + timedelta(days=365),
        issued_at=datetime.now(UTC),
    )
    return sign(licence, development.PRIVATE_KEY)


def log_ins(customer: Customer) -> dict[str, str]:
    """Log-in -> what that person is, in the reader's language."""
    return {login: _(STAFF_TITLES[role]) for login, (_name, role) in STAFF.items()} | {
        number: _(title) for number, title in customer.people
    }


def console_address(settings: Settings, port: int) -> str:
    return f"{settings.public_scheme}://{console_host(settings.base_domain)}:{port}/"


def addresses(settings: Settings, slugs: Sequence[str], port: int) -> list[str]:
    return [f"{settings.public_scheme}://{slug}.{settings.base_domain}:{port}/" for slug in slugs]


__all__ = [
    "ACME",
    "CUSTOMERS",
    "OPERATOR",
    "STAFF",
    "SUMMIT",
    "Customer",
    "addresses",
    "composition",
    "console_address",
    "ensure",
    "ensure_operator",
    "log_ins",
]
