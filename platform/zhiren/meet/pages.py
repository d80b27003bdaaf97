"""The page of a meeting room, and the recordings made in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from zhiren.context import Context
from zhiren.i18n import _
from zhiren.meet.access import require_module
from zhiren.meet.panels import panel_of
from zhiren.meet.schemas import Member, RoomView
from zhiren.meet.service import recording, rooms
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.headers import CSP
from zhiren.web.visit import header

#: nowhere else may a page of ours ask for the camera
_DEVICES: Final = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()"
_PART_BYTES: Final = recording.MAX_PART_BYTES + 1024


@get("/meet/{room_id:uuid}", permission="attending", guest="*")
async def room_page(request: Request[Any, Any, Any], ctx: Context, room_id: FromPath[UUID]) -> Page:
    room, seat = await _look(request, ctx, room_id)
    if room.phase != "open":
        return page("meet/closed.html", room=room, seat=seat)
    member = Member(kind=seat.kind, id=seat.person_id, name=seat.name, role=seat.role)
    answer = page("meet/room.html", room=room, seat=seat, panel=await panel_of(ctx, room.about, member))
    answer.headers["permissions-policy"] = _DEVICES
    # not every browser counts a socket of this host among 'self'
    place = f"{'wss' if _secure(request) else 'ws'}://{header(request.scope, b'host')}"
    answer.headers["content-security-policy"] = CSP.replace(
        "connect-src 'self'", f"connect-src 'self' {place}; media-src 'self' blob:"
    )
    return answer


@get("/meet/{room_id:uuid}/phase", permission="attending", guest="*")
async def phase(request: Request[Any, Any, Any], ctx: Context, room_id: FromPath[UUID]) -> dict[str, str]:
    """For a page whose socket was refused: 401 when logged out, 404 when no member any more, else how the room
    stands."""
    room, _seat = await _look(request, ctx, room_id)
    return {"phase": room.phase}


@post(
    "/meet/{room_id:uuid}/recordings/{recording_id:uuid}/parts/{number:int}",
    permission="attending",
    guest="*",
    status_code=204,
    request_max_body_size=_PART_BYTES,
)
async def add_part(
    request: Request[Any, Any, Any],
    ctx: Context,
    room_id: FromPath[UUID],
    recording_id: FromPath[UUID],
    number: FromPath[int],
) -> None:
    """The next seconds of a recording, as they come out of the browser's recorder."""
    await recording.add_part(ctx, room_id, recording_id, number=number, data=await request.body())


@get("/meet/{room_id:uuid}/recordings", permission="attending", guest="*")
async def recordings_page(request: Request[Any, Any, Any], ctx: Context, room_id: FromPath[UUID]) -> Page:
    room, _seat = await _look(request, ctx, room_id)
    return page("meet/recordings.html", room=room, recordings=await recording.recordings(ctx, room_id))


@get(
    "/meet/{room_id:uuid}/recordings/{recording_id:uuid}/video.webm",
    permission="attending",
    guest="*",
    transaction=False,
)
async def watch(
    request: Request[Any, Any, Any], ctx: Context, room_id: FromPath[UUID], recording_id: FromPath[UUID]
) -> Response[Any]:
    """The recording, part after part; each is opened when its turn comes."""
    database = request.app.state.database
    async with database.tenant(ctx.tenant, actor=ctx.actor, request_id=ctx.request_id, ip=ctx.ip) as own:
        found = await recording.open_recording(own, room_id, recording_id)

    async def parts() -> AsyncIterator[bytes]:
        for file_id in found:
            async with database.tenant(ctx.tenant, actor=ctx.actor) as own:
                data = await recording.read_part(own, file_id)
            yield data

    headers = {"content-disposition": f'attachment; filename="{recording_id}.webm"', "cache-control": "no-store"}
    return Stream(parts(), media_type=recording.MEDIA_TYPE, headers=headers)


@post("/meet/{room_id:uuid}/recordings/{recording_id:uuid}/erase", permission="attending", guest="*", status_code=303)
async def erase(ctx: Context, room_id: FromPath[UUID], recording_id: FromPath[UUID]) -> Redirect:
    await recording.erase(ctx, room_id, recording_id)
    return redirect(f"/meet/{room_id}/recordings", _("录像已删除，不能恢复。"))


async def _look(request: Request[Any, Any, Any], ctx: Context, room_id: UUID) -> tuple[RoomView, Any]:
    room, seat = await rooms.look(ctx, room_id)
    await require_module(request, ctx, room.about[0])
    return room, seat


def _secure(request: Request[Any, Any, Any]) -> bool:
    return bool(request.app.state.deployment.settings.public_scheme == "https")


route_handlers = (room_page, phase, add_part, recordings_page, watch, erase)
