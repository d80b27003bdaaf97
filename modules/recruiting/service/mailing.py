"""Résumés that come by mail: the customer's mailbox is read every five minutes, each mail once."""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

import msgspec

from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import CatalogueEntry, Job
from modules.recruiting.repository import intake as queries
from modules.recruiting.repository import settings as settings_queries
from modules.recruiting.service import intake
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.jobs import enqueue
from zhiren.notices.mailboxes import Found, Letter

log = logging.getLogger(__name__)

FETCH: Final = "recruiting.mail"
EVERY_S: Final = 300
#: mails in one round, and how large one may be: a file of the largest size, as mail carries it, and a little
MOST: Final = 30
MAX_BYTES: Final = intake.MAX_FILE_BYTES * 3 // 2
_MAX_TEXT: Final = 60_000
_ENDINGS: Final = (".pdf", ".docx", ".doc", ".jpg", ".jpeg", ".png")
_KINDS: Final = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_NUMBER: Final = re.compile(r"\bJ\d{4}-\d{4,}\b", re.IGNORECASE)
_SPACE: Final = UUID("8f7a4f0e-3f0b-5c55-9a51-6f0a2f6d3b11")


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """Where résumés are sent to. ``error`` says how the last round failed, ``read_at`` when one last did not."""

    host: str = ""
    port: int = 993
    user: str = ""
    folder: str = "INBOX"
    tls: bool = True
    error: str = ""
    read_at: str = ""
    validity: int = 0
    uid: int = 0


async def _row(ctx: Context) -> CatalogueEntry | None:
    return await settings_queries.entry(ctx.session, "settings", "mailbox")


async def mailbox(ctx: Context) -> Mailbox | None:
    """The customer's; None when none is set."""
    row = await _row(ctx)
    return msgspec.convert(row.data, Mailbox) if row is not None and row.active else None


async def save(ctx: Context, box: Mailbox, password: str) -> None:
    """Reads this mailbox from now on; an empty password stays as it was. Raises InvalidRecruiting."""
    row = await _row(ctx)
    faults = {}
    if not re.fullmatch(r"[A-Za-z0-9.-]{3,253}", box.host):
        faults["host"] = _("请填写服务器地址")
    if not 1 <= box.port <= 65535:
        faults["port"] = _("请填 1 到 65535 的端口")
    if not box.user:
        faults["user"] = _("请填写账号")
    if not password and (row is None or not row.secret):
        faults["password"] = _("请填写密码")
    if faults:
        raise InvalidRecruiting(_("请检查标出的内容。"), fields=faults)
    if row is None:
        row = CatalogueEntry(kind="settings", code="mailbox", name="mailbox")
        ctx.session.add(row)
    before = msgspec.convert(row.data, Mailbox) if row.data else Mailbox()
    same = (before.host, before.user, before.folder) == (box.host, box.user, box.folder)
    kept = {"validity": before.validity, "uid": before.uid, "read_at": before.read_at} if same else {}
    row.data, row.active = msgspec.to_builtins(box) | kept, True
    if password:
        row.secret = password
    await ctx.session.flush()
    names = [name for name in ("host", "port", "user", "folder", "tls") if getattr(before, name) != getattr(box, name)]
    audit.record(
        ctx,
        "recruiting.mailbox.update",
        object_type="recruiting.mailbox",
        object_id=row.id,
        fields=[*names, *(["password"] if password else [])],
    )


async def stop(ctx: Context) -> None:
    """Reads it no more; account and password are forgotten."""
    row = await _row(ctx)
    if row is not None:
        audit.record(ctx, "recruiting.mailbox.delete", object_type="recruiting.mailbox", object_id=row.id)
        await ctx.session.delete(row)


async def ask(ctx: Context) -> UUID:
    """Reads it as soon as may be."""
    audit.record(ctx, "recruiting.mailbox.fetch", object_type="recruiting.mailbox", object_id="mailbox")
    return await enqueue(ctx, FETCH, {})


async def ask_for_an_hour(ctx: Context) -> int:
    """Every hour: one round every five minutes of it; several schedulers ask once. Removes nothing."""
    if await mailbox(ctx) is None:
        return 0
    first = int(datetime.now(UTC).timestamp()) // EVERY_S
    for turn in range(first, first + 3600 // EVERY_S + 1):
        due = datetime.fromtimestamp(turn * EVERY_S, UTC)
        await enqueue(ctx, FETCH, {}, key=f"{FETCH}:{turn}", not_before=max(due, datetime.now(UTC)))
    return 0


# ---- one round, in steps: what to read, reading (outside any transaction), taking in


async def address(ctx: Context) -> tuple[str, Mailbox] | None:
    """The mailbox as ``zhiren.notices.mailboxes`` is told it, with how far it was read."""
    row = await _row(ctx)
    if row is None or not row.active or not row.secret:
        return None
    box = msgspec.convert(row.data, Mailbox)
    scheme = "imaps" if box.tls else "imap"
    user, password = quote(box.user, safe=""), quote(row.secret, safe="")
    return f"{scheme}://{user}:{password}@{box.host}:{box.port}/{quote(box.folder, safe='')}", box


async def failed(ctx: Context, code: str) -> None:
    await _note(ctx, error=code)


async def done(ctx: Context) -> None:
    await _note(ctx, error="", read_at=datetime.now(UTC).isoformat(timespec="seconds"))


async def _note(ctx: Context, **values: Any) -> None:
    row = await _row(ctx)
    if row is not None:
        row.data = {**row.data, **values}
        await ctx.session.flush()


class Mail(msgspec.Struct, frozen=True):
    """``numbers`` of jobs it names, the address first; ``files`` are names and bytes."""

    id: str
    numbers: list[str]
    files: list[tuple[str, bytes]]


def understood(found: Found, letter: Letter) -> Mail | None:
    """What a mail says; None for one that is too large, or that no reader of mails can make anything of."""
    if not letter.data:
        log.warning("mail %d is larger than %d bytes and is left", letter.uid, MAX_BYTES)
        return None
    try:
        mail = email.message_from_bytes(letter.data, policy=default)
        mail_id = str(mail.get("Message-ID", "")).strip()[:200] or f"{found.validity}:{letter.uid}"
        return Mail(mail_id, [*_plus(mail), *_NUMBER.findall(str(mail.get("Subject", "")))], brought(mail))
    except Exception:
        # the library's own faults with what strangers write are many, and one mail must not hold up the next
        log.warning("mail %d is not understood and is left", letter.uid, exc_info=True)
        return None


async def take(ctx: Context, found: Found, letter: Letter, mail: Mail | None) -> int:
    """Takes in what one mail brings, and writes down that it was read: both or neither. A mail of a Message-ID that
    was taken in before is left. Returns how many files."""
    kept = 0
    if mail is not None and mail.files and not await queries.taken(ctx.session, mail.id):
        job = await _job(ctx, mail.numbers)
        batch_id = uuid5(_SPACE, mail.id)
        for name, data in mail.files[: intake.MAX_FILES]:
            job_id = job.id if job else None
            await intake.keep(ctx, batch_id, name=name, data=data, job_id=job_id, source="mail", mail_id=mail.id)
            kept += 1
        await intake.start(ctx, batch_id)
    await _note(ctx, validity=found.validity, uid=letter.uid)
    return kept


async def _job(ctx: Context, numbers: Sequence[str]) -> Job | None:
    """The first that there is; None is the pool."""
    for number in numbers:
        job = await queries.job_by_number(ctx.session, number)
        if job is not None:
            return job
    return None


def _plus(mail: EmailMessage) -> list[str]:
    heads = [str(value) for name in ("To", "Cc", "Delivered-To", "X-Original-To") for value in mail.get_all(name, [])]
    locals_of = [found.partition("@")[0] for _name, found in getaddresses(heads)]
    return [local.partition("+")[2] for local in locals_of if "+" in local]


def brought(mail: EmailMessage) -> list[tuple[str, bytes]]:
    """Names and bytes of the files a mail brings; of one without any, its text."""
    found: list[tuple[str, bytes]] = []
    for part in mail.walk():
        name = part.get_filename() or ""
        kind = part.get_content_type()
        # what stands within the text is a signature's picture
        within = part.get_content_disposition() == "inline" or part.get("Content-ID")
        if part.is_multipart() or (within and kind.startswith("image/")):
            continue
        if not name.lower().endswith(_ENDINGS):
            name = f"{name or _('附件')}{_KINDS[kind]}" if kind in _KINDS else ""
        data = part.get_payload(decode=True)
        if name and isinstance(data, bytes) and 0 < len(data) <= intake.MAX_FILE_BYTES:
            found.append((name, data))
    return found or _text(mail)


def _text(mail: EmailMessage) -> list[tuple[str, bytes]]:
    body = mail.get_body(("plain",))
    try:
        text = str(body.get_content())[:_MAX_TEXT] if body is not None else ""
    except (LookupError, ValueError):
        text = ""
    return [(_("邮件正文") + ".txt", text.encode(errors="replace"))] if text.strip() else []
