"""``zhiren tenant …``: customers on the command line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeVar

import click

from tenants import service
from tenants.control import migrate_control
from tenants.migrate import Outcome, migrate_tenants
from tenants.migrations.history import TENANT
from tenants.owner import Owner
from tenants.provisioning import Provisioner, Seed
from zhiren.crypto import VaultKeyProvisioner, VaultKeyService
from zhiren.db import Database
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _
from zhiren.settings import Settings

T = TypeVar("T")

_STATUS = {"active": N_("正常"), "suspended": N_("已暂停"), "provisioning": N_("未建好")}


@dataclass(frozen=True, slots=True)
class Installation:
    """What the composition hands to these commands, as click's ``ctx.obj``: settings while their services run, and what
    a new customer is filled with."""

    settings: Callable[[], AbstractContextManager[Settings]]
    seeds: Sequence[Seed] = ()


@click.group(help=_("客户：建立、查看、暂停、恢复、升级结构。"))
def tenant() -> None:
    pass


@tenant.command(help=_("建立一个客户。中途失败时再运行一次，会接着做完。"))
@click.argument("slug")
@click.option("--name", default="", help=_("公司名称；不填则与短名相同。"))
@click.pass_obj
def create(installation: Installation, slug: str, name: str) -> None:
    async def run(settings: Settings, owner: Owner) -> None:
        await migrate_control(owner)
        keys = VaultKeyService(settings)
        provisioner = VaultKeyProvisioner(settings)
        database = Database(settings, keys)
        try:
            made = await Provisioner(owner, provisioner, database, installation.seeds).create(slug, name or slug)
        finally:
            await database.close()
            await provisioner.close()
            await keys.close()
        click.echo(_("已建立客户 {name}：", name=made.name) + address(settings, made.slug))

    _run(installation, run)


@tenant.command(name="list", help=_("列出全部客户。"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON。"))
@click.pass_obj
def list_(installation: Installation, as_json: bool) -> None:
    async def run(_settings: Settings, owner: Owner) -> None:
        await migrate_control(owner)
        rows = await service.list_tenants(owner)
        if as_json:
            click.echo(json.dumps([_plain(row) for row in rows], ensure_ascii=False, indent=2))
            return
        for row in rows:
            click.echo(f"{row.slug:<20} {_(_STATUS[row.status])}\t{row.version:<6} {row.name}{_warning(row)}")
        if not rows:
            click.echo(_("还没有客户。用 zhiren tenant create 短名 --name 公司名称 建立一个。"))

    _run(installation, run)


@tenant.command(help=_("查看一个客户。"))
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON。"))
@click.pass_obj
def show(installation: Installation, slug: str, as_json: bool) -> None:
    async def run(settings: Settings, owner: Owner) -> None:
        await migrate_control(owner)
        row = await service.show_tenant(owner, slug)
        if as_json:
            click.echo(json.dumps(_plain(row), ensure_ascii=False, indent=2))
            return
        lines = [
            (_("公司"), row.name),
            (_("短名"), row.slug),
            (_("网址"), "  ".join([address(settings, row.slug), *row.hosts])),
            (_("状态"), _(_STATUS[row.status]) + (f"（{row.status_reason}）" if row.status_reason else "")),
            (_("客户编号"), row.id),
            (_("结构版本"), row.version + _warning(row)),
            (_("建立时间"), row.created_at.astimezone().strftime("%Y-%m-%d %H:%M")),
        ]
        for label, value in lines:
            click.echo(f"{label}\t{value}")

    _run(installation, run)


@tenant.command(help=_("暂停服务：一秒内处处生效，数据不动。"))
@click.argument("slug")
@click.option("--reason", default="", help=_("原因，供以后查看。"))
@click.pass_obj
def suspend(installation: Installation, slug: str, reason: str) -> None:
    async def run(_settings: Settings, owner: Owner) -> None:
        changed = await service.suspend(owner, slug, reason)
        click.echo(_("已暂停 {slug}。", slug=slug) if changed else _("{slug} 本来就是暂停的。", slug=slug))

    _run(installation, run)


@tenant.command(help=_("恢复服务。"))
@click.argument("slug")
@click.pass_obj
def resume(installation: Installation, slug: str) -> None:
    async def run(_settings: Settings, owner: Owner) -> None:
        changed = await service.resume(owner, slug)
        click.echo(_("已恢复 {slug}。", slug=slug) if changed else _("{slug} 本来就在服务中。", slug=slug))

    _run(installation, run)


@tenant.command(help=_("把客户的表结构升到最新版本。可随时中断，再运行会接着做。"))
@click.argument("slugs", nargs=-1)
@click.option("--concurrency", default=4, show_default=True, type=click.IntRange(1, 64), help=_("同时进行几个。"))
@click.pass_obj
def migrate(installation: Installation, slugs: tuple[str, ...], concurrency: int) -> None:
    def tell(done: int, total: int, outcome: Outcome) -> None:
        if outcome.state == "failed":
            click.echo(_("{slug} 失败：{error}", slug=outcome.slug, error=outcome.error), err=True)
        if sys.stderr.isatty():
            click.echo(f"\r{done}/{total}", nl=done == total, err=True)

    async def run(_settings: Settings, owner: Owner) -> None:
        await migrate_control(owner)
        for slug in slugs:
            await service.show_tenant(owner, slug)
        report = await migrate_tenants(owner, slugs=slugs, progress=tell)
        click.echo(
            _(
                "版本 {head}：升级 {migrated}，已是最新 {current}，失败 {failed}。",
                head=TENANT.head,
                migrated=report.count("migrated"),
                current=report.count("current"),
                failed=len(report.failed),
            )
        )
        if report.failed:
            click.echo(_("失败的客户保持原版本，照常服务。排除原因后再运行一次。"), err=True)
            raise SystemExit(1)

    _run(installation, run, connections=concurrency)


def address(settings: Settings, slug: str) -> str:
    """Where the customer's people find it, as the browser writes it."""
    port = {"http": 80, "https": 443}[settings.public_scheme]
    shown = "" if settings.port in {0, port} else f":{settings.port}"
    return f"{settings.public_scheme}://{slug}.{settings.base_domain}{shown}/"


def _run(installation: Installation, work: Callable[[Settings, Owner], Awaitable[T]], *, connections: int = 2) -> T:
    """Runs ``work`` with an owner's connections. A refusal is said on standard error and ends with exit code 1."""

    async def run(settings: Settings) -> T:
        owner = Owner(settings, connections=connections)
        try:
            return await work(settings, owner)
        finally:
            await owner.close()

    try:
        with installation.settings() as settings:
            return asyncio.run(run(settings))
    except ZhirenError as refusal:
        click.echo(refusal.message, err=True)
        if refusal.hint:
            click.echo(refusal.hint, err=True)
        raise SystemExit(1) from refusal


def _plain(row: service.TenantView) -> dict[str, object]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(row).items()}


def _warning(row: service.TenantView) -> str:
    return "  " + _("升级失败：{error}", error=row.migration_error) if row.migration_error else ""
