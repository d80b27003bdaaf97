"""``zhiren licence …``: the vendor makes keys and licences, offline; anybody looks at one."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from uuid import uuid4

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licensing import keys
from licensing.document import Licence, Verifier, sign, tidy
from zhiren.i18n import _

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group(help=_("授权：签发、查看、安装。"))
def licence() -> None:
    pass


@licence.command(help=_("生成一对签发密钥（离线进行）。私钥写入文件，公钥填进 licensing/keys.py 的一个槽位。"))
@click.argument("key_file", type=click.Path(path_type=Path, dir_okay=False))
def keygen(key_file: Path) -> None:
    key = Ed25519PrivateKey.generate()
    # never over an old key: licences in use were signed with it
    handle = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.private_bytes_raw().hex() + "\n")
    click.echo(key.public_key().public_bytes_raw().hex())


@licence.command(help=_("签发一份授权，输出可以粘贴的授权码。"))
@click.option("--key-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True)
@click.option("--customer", required=True, help=_("客户名称。"))
@click.option("--tenant", required=True, help=_("客户编号（t_…），见“模块与授权”页。"))
@click.option("--module", "modules", multiple=True, required=True, help=_("模块，可多次给出。"))
@click.option("--seats", type=click.IntRange(min=1), required=True, help=_("在职人数上限。"))
@click.option("--from", "valid_from", type=_DAY, required=True, help=_("起始日（含）。"))
@click.option("--until", "valid_until", type=_DAY, required=True, help=_("截止日（含）。"))
def issue(  # noqa: PLR0917 - click passes options by name
    key_file: Path,
    customer: str,
    tenant: str,
    modules: tuple[str, ...],
    seats: int,
    valid_from: datetime,
    valid_until: datetime,
) -> None:
    made = Licence(
        id=uuid4(),
        customer=customer,
        tenant=tenant,
        modules=tuple(sorted(set(modules))),
        seats=seats,
        valid_from=valid_from.date(),
        valid_until=valid_until.date(),
        issued_at=datetime.now(UTC).replace(microsecond=0),
    )
    try:
        text = sign(made, bytes.fromhex(key_file.read_text(encoding="ascii").strip()))
    except ValueError as error:
        raise click.ClickException(_("不能签发：{reason}", reason=str(error))) from error
    click.echo(text)


@licence.command(help=_("查看授权码的内容，并核对签名。"))
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("--public-key", default="", help=_("用这把公钥核对，而不是程序内置的。只用于查看。"))
def show(file: TextIO, public_key: str) -> None:
    verifier = Verifier([public_key] if public_key else keys.PRODUCTION)
    found = verifier.read(tidy(file.read()))
    for title, value in (
        (_("授权编号"), found.id),
        (_("客户"), found.customer),
        (_("客户编号"), found.tenant),
        (_("模块"), _("、").join(found.modules)),
        (_("人数"), found.seats),
        (_("有效期"), f"{found.valid_from} – {found.valid_until}"),
        (_("签发时间"), found.issued_at.isoformat()),
    ):
        click.echo(f"{title}  {value}")
