"""Acts on channels, wording, messages, and on where people are reached."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.completeness.stage import Act, Acts, Ready, Stage, api, form
from tests.smtp import mailbox
from zhiren.ids import new_id
from zhiren.notices import NoticeKind, Recipient, register, repository, send
from zhiren.notices.service.delivery import off_token

KIND = NoticeKind(name="test.audit.act", title="试", subject="试", body="试", channels=("mail",), optional=True)
register(KIND)
ADMIN = "/admin/notices"
SMTP = {"host": "203.0.113.1", "port": "465", "tls": "wrapped", "from": "a@example.com"}
WORDS = {"locale": "zh_CN", "subject": "别的", "body": "别的", "do": "save"}


async def message(stage: Stage, *, state: str = "queued") -> UUID:
    async def write(ctx: Any) -> UUID:
        to = Recipient(kind="guest", id=new_id(), name="某人", mail="a@example.com")
        ids = await send(ctx, KIND.name, to=to, values={}, about=("test.thing", new_id()), key=str(new_id()))
        row = await repository.message(ctx.session, ids[0])
        assert row is not None
        row.state = state
        return ids[0]

    found: UUID = await stage.in_tenant(write)
    return found


def admin(path: str, **fields: str) -> Act:
    async def act(stage: Stage) -> Ready:
        return form((await stage.as_role("admin")).client, ADMIN + path, **fields)

    return act


async def try_channel(stage: Stage) -> Ready:
    client = (await stage.as_role("admin")).client
    box = stage.stack.enter_context(mailbox())
    here = {**SMTP, "host": box.host, "port": str(box.port), "tls": "off"}
    await client.post(f"{ADMIN}/channels/mail", data={"provider": "smtp", **{f"field.{k}": v for k, v in here.items()}})
    return form(client, f"{ADMIN}/channels/mail/test", address="me@example.com")


async def clear(stage: Stage) -> Ready:
    client = (await stage.as_role("admin")).client
    await client.post(f"{ADMIN}/channels/mail", data={"provider": "smtp", **{f"field.{k}": v for k, v in SMTP.items()}})
    return form(client, f"{ADMIN}/channels/mail/clear")


async def reset(stage: Stage) -> Ready:
    client = (await stage.as_role("admin")).client
    await client.post(f"{ADMIN}/texts/{KIND.name}", data=WORDS)
    return form(client, f"{ADMIN}/texts/{KIND.name}/reset", locale="zh_CN")


async def open_message(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, f"{ADMIN}/outbox/{await message(stage)}/open")


async def send_again(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, f"{ADMIN}/outbox/{await message(stage, state='failed')}/send")


async def reach(stage: Stage) -> Ready:
    return form((await stage.as_role("employee")).client, "/notices/reach", mail="me@example.com")


SUBSCRIPTION = {"endpoint": "https://fcm.googleapis.com/fcm/send/x", "keys": {"p256dh": "a", "auth": "b"}}


async def subscribe(stage: Stage) -> Ready:
    return api((await stage.as_role("employee")).client, "/api/v1/notices/browsers", SUBSCRIPTION)


async def forget(stage: Stage) -> Ready:
    client = (await stage.as_role("employee")).client
    made = (await client.post("/api/v1/notices/browsers", json=SUBSCRIPTION)).json()
    return form(client, f"/notices/browsers/{made['id']}/forget")


async def switch_off(stage: Stage) -> Ready:
    message_id = await message(stage)
    token = await stage.in_tenant(lambda ctx: _token(ctx, message_id))
    return form(await stage.stranger(), f"/notices/off/{message_id}/{token}")


async def _token(ctx: Any, message_id: UUID) -> str:
    return off_token(ctx, message_id)


ACTS: Acts = {
    "POST /admin/notices/rest": admin("/rest", **{"from": "22:00", "until": "07:00"}),
    "POST /admin/notices/channels/{channel}": admin(
        "/channels/mail", provider="smtp", **{f"field.{name}": value for name, value in SMTP.items()}
    ),
    "POST /admin/notices/channels/{channel}/clear": clear,
    "POST /admin/notices/channels/{channel}/test": try_channel,
    "POST /admin/notices/texts/{name}": admin(f"/texts/{KIND.name}", **WORDS),
    "POST /admin/notices/texts/{name}/reset": reset,
    "POST /admin/notices/outbox/{message_id}/open": open_message,
    "POST /admin/notices/outbox/{message_id}/send": send_again,
    "POST /notices/reach": reach,
    "POST /api/v1/notices/browsers": subscribe,
    "POST /notices/browsers/{subscription_id}/forget": forget,
    "POST /notices/off/{message_id}/{token}": switch_off,
}
