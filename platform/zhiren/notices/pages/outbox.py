"""What left the house, what waits and what came back."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from zhiren.context import Context
from zhiren.i18n import N_, _
from zhiren.notices import kinds, repository
from zhiren.notices.models import Message
from zhiren.notices.pages.channels import MANAGE
from zhiren.notices.schemas import CHANNEL_TITLES, STATES
from zhiren.notices.service import administration, problems, sending
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest
from zhiren.web.tables import Column, Filter, TableSpec, load

_OUT: Final = ("mail", "sms", "im", "push")


def _title(row: Message) -> str:
    kind = kinds.find(row.kind)
    return _(kind.title) if kind is not None else row.kind


def _href(row: Any) -> str:
    return f"/admin/notices/outbox/{row.id}"


OUTBOX: Final = TableSpec(
    name="notices.outbox",
    title=N_("发出的消息"),
    columns=(
        Column("title", N_("通知"), value=_title, main=True, href=_href),
        Column("recipient_name", N_("收件人"), Message.recipient_name, search=True),
        Column("channel", N_("渠道"), Message.channel, value=lambda row: _(CHANNEL_TITLES[row.channel])),
        Column("state", N_("状态"), Message.state, badges=dict(STATES)),
        Column("problem", N_("原因"), value=lambda row: problems.title(row.problem)),
        Column("created_at", N_("时间"), Message.created_at, kind="datetime"),
        Column("sent_at", N_("发出时间"), Message.sent_at, kind="datetime", shown=False),
    ),
    filters=(
        Filter("state", N_("状态"), Message.state, choices=[(key, title) for key, (_kind, title) in STATES.items()]),
        Filter("channel", N_("渠道"), Message.channel, choices=[(key, CHANNEL_TITLES[key]) for key in _OUT]),
    ),
    order_by=(Message.id.desc(),),
    row_href=_href,
)


@get("/admin/notices/outbox", permission=MANAGE)
async def outbox_page(request: AnyRequest, ctx: Context) -> Page | Response[bytes]:
    table = await load(OUTBOX, request, ctx, repository.outbox(_OUT))
    return await table.answer("notices/outbox.html")


@get("/admin/notices/outbox/{message_id:uuid}", permission=MANAGE)
async def message_page(ctx: Context, message_id: FromPath[UUID]) -> Page:
    return page("notices/message.html", line=await administration.line(ctx, message_id), opened=None)


@post("/admin/notices/outbox/{message_id:uuid}/open", permission=MANAGE, status_code=200)
async def open_message(ctx: Context, message_id: FromPath[UUID]) -> Page:
    row, content, address = await administration.reveal(ctx, message_id)
    return page("notices/message.html", line=sending.line(row), opened=(content, address, row.problem_detail))


@post("/admin/notices/outbox/{message_id:uuid}/send", permission=MANAGE, status_code=303)
async def send_again(ctx: Context, message_id: FromPath[UUID]) -> Redirect:
    await administration.send_again(ctx, message_id)
    return redirect(f"/admin/notices/outbox/{message_id}", _("正在重发。"))


route_handlers = (outbox_page, message_page, open_message, send_again)
