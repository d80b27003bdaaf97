"""The websocket of a meeting room."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Final
from uuid import UUID

from litestar import WebSocket, websocket
from litestar.params import FromPath

from zhiren.context import Context
from zhiren.i18n import _
from zhiren.meet.access import require_module
from zhiren.meet.attendance import Attendance
from zhiren.meet.errors import BadMessage
from zhiren.meet.service import seats
from zhiren.web.sockets import context_of

_SID: Final = re.compile(r"[a-z0-9]{8,32}")


@websocket("/meet/{room_id:uuid}/ws", permission="attending", guest="*")
async def signalling(socket: WebSocket[Any, Any, Any], room_id: FromPath[UUID]) -> None:
    """Who is here, signals from browser to browser, chat and notes; refused before it is accepted."""
    sid = str(socket.query_params.get("sid", ""))
    if not _SID.fullmatch(sid):
        raise BadMessage(_("这个连接不是从本站的页面打开的。"))
    door = partial(_door, socket, context_of(socket))
    async with door() as ctx:
        look = await seats.join(ctx, room_id)
        await require_module(socket, ctx, look.room.about_type)
    await socket.accept()
    await Attendance(socket, door, look, sid).run()


def _door(socket: WebSocket[Any, Any, Any], ctx: Context) -> AbstractAsyncContextManager[Context]:
    """A short transaction as the person who opened the socket."""
    database = socket.app.state.deployment.database
    found: AbstractAsyncContextManager[Context] = database.tenant(
        ctx.tenant,
        actor=ctx.actor,
        request_id=ctx.request_id,
        ip=ctx.ip,
        user_agent=ctx.user_agent,
        locale=ctx.locale,
        modules=ctx.modules,
    )
    return found
