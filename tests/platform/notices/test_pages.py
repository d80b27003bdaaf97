"""The pages: everybody's inbox and addresses, the administrator's channels, wording and outbox."""

from __future__ import annotations

import re
from uuid import UUID

import httpx
from sqlalchemy import select

from tests.conftest import LogIn
from tests.platform.notices.conftest import CODE, DIGEST, INVITED, MAIL_ONLY, VALUES, Drain, Post, somebody
from tests.smtp import Mailbox, parts
from zhiren.audit import AuditEvent
from zhiren.auth.models import User
from zhiren.settings import Settings

HTML = {"accept": "text/html"}


async def user_id(post: Post, client: httpx.AsyncClient, login: str) -> UUID:
    found: UUID = await post.in_tenant(lambda ctx: ctx.session.scalar(select(User.id).where(User.login == login)))
    return found


async def person(post: Post, login_as: LogIn, login: str) -> tuple[httpx.AsyncClient, UUID]:
    client = await login_as("employee", login=login)
    return client, await user_id(post, client, login)


async def test_the_bell_and_the_inbox(post: Post, login_as: LogIn) -> None:
    client, mine = await person(post, login_as, "bell-reader")
    other, _other_id = await person(post, login_as, "bell-other")
    first = await post.send(INVITED, to=somebody(kind="user", id=mine, mail=""), values=VALUES, link="/account")
    await post.send(INVITED, to=somebody(kind="user", id=mine, mail=""), values=VALUES)
    assert (await client.get("/api/v1/notices/unread")).json() == {"unread": 2}
    assert (await other.get("/api/v1/notices/unread")).json() == {"unread": 0}
    shown = await client.get("/notices", headers=HTML)
    assert shown.text.count("邀请您面试：后端工程师") >= 2
    assert "data-bell=" in shown.text
    assert "还没有通知" in (await other.get("/notices", headers=HTML)).text
    assert (await other.post(f"/notices/{first['inapp']}/open")).status_code == 404
    opened = await client.post(f"/notices/{first['inapp']}/open")
    assert (opened.status_code, opened.headers["location"]) == (303, "/account")
    assert (await client.get("/api/v1/notices/unread")).json() == {"unread": 1}
    assert "badge" in (await client.get("/notices?unread=true", headers=HTML)).text
    await client.post("/notices/read-all")
    assert (await client.get("/api/v1/notices/unread")).json() == {"unread": 0}
    assert "没有未读的通知" in (await client.get("/notices?unread=true", headers=HTML)).text


async def test_a_person_s_own_addresses_are_used(
    post: Post, login_as: LogIn, drain: Drain, box: Mailbox, with_mail: Settings
) -> None:
    client, mine = await person(post, login_as, "reach-me")
    answer = await client.post("/notices/reach", data={"mail": "nobody", "sms": ""}, headers=HTML)
    assert answer.status_code == 422
    assert "邮箱地址不对" in answer.text or "例如 name@example.com" in answer.text
    await client.post("/notices/reach", data={"mail": "me@example.com", "sms": "138 0000 0001", "wanted": DIGEST.name})
    assert 'value="13800000001"' in (await client.get("/notices/reach", headers=HTML)).text
    sent = await post.send(INVITED, to=somebody(kind="user", id=mine, mail=""), values=VALUES)
    assert set(sent) == {"inapp", "mail", "sms"}
    await drain(with_mail)
    box.wait_for("me@example.com")
    # no more digests
    assert set(await post.send(DIGEST, to=somebody(kind="user", id=mine, mail=""))) == {"inapp", "mail"}
    await client.post("/notices/reach", data={"mail": "", "sms": "13800000001"})
    assert set(await post.send(DIGEST, to=somebody(kind="user", id=mine, mail=""))) == set()
    assert set(await post.send(INVITED, to=somebody(kind="user", id=mine, mail=""), values=VALUES)) == {"inapp", "sms"}


async def test_a_browser_subscribes_and_is_forgotten(post: Post, login_as: LogIn) -> None:
    client, mine = await person(post, login_as, "push-me")
    key = (await client.get("/api/v1/notices/push-key")).json()["key"]
    assert key == (await client.get("/api/v1/notices/push-key")).json()["key"]
    assert len(key) == 87  # 65 bytes of an uncompressed point
    body = {"endpoint": "https://fcm.googleapis.com/fcm/send/a", "keys": {"p256dh": "x", "auth": "y"}}
    made = await client.post("/api/v1/notices/browsers", json=body)
    again = await client.post("/api/v1/notices/browsers", json=body)
    assert (made.status_code, again.json()) == (201, made.json())
    inside = await client.post("/api/v1/notices/browsers", json=body | {"endpoint": "http://169.254.169.254/"})
    assert inside.status_code == 422
    assert "push" in await post.send(INVITED, to=somebody(kind="user", id=mine, mail=""), values=VALUES)
    other, _id = await person(post, login_as, "push-other")
    path = f"/notices/browsers/{made.json()['id']}/forget"
    assert (await other.post(path)).status_code == 404
    assert (await client.post(path)).status_code == 303
    assert "push" not in await post.send(INVITED, to=somebody(kind="user", id=mine, mail=""), values=VALUES)


async def test_one_press_in_a_mail_program_switches_off(
    post: Post, client: httpx.AsyncClient, drain: Drain, box: Mailbox, with_mail: Settings
) -> None:
    to = somebody()
    await post.send(DIGEST, to=to)
    await drain(with_mail)
    url = re.sub(r"^<https?://[^/]+|>$", "", str(box.wait_for("wang@example.com")["List-Unsubscribe"]))
    assert "不再收“每周摘要”" in (await client.get(url, headers=HTML)).text
    assert (await client.get(url[:-3] + "000", headers=HTML)).status_code == 404
    pressed = await client.post(url, data={"List-Unsubscribe": "One-Click"})
    assert pressed.status_code == 200
    assert (await client.post(url)).status_code == 200
    assert await post.send(DIGEST, to=to) == {}
    assert await post.send(MAIL_ONLY, to=to)


async def test_naming_a_mail_server_sends_what_waited(
    post: Post, login_as: LogIn, drain: Drain, settings: Settings, box: Mailbox
) -> None:
    sent = await post.send()
    await drain(settings)
    admin = await login_as("admin")
    assert "1 条在等" in (await admin.get("/admin/notices", headers=HTML)).text
    fields = {"host": box.host, "port": str(box.port), "tls": "off", "from": "hr@acme.example", "password": "s3cret-pw"}
    data = {"provider": "smtp", **{f"field.{name}": value for name, value in fields.items()}}
    refused = await admin.post("/admin/notices/channels/mail", data=data | {"field.port": "x"}, headers=HTML)
    assert refused.status_code == 422
    empty = await admin.post("/admin/notices/channels/mail", data=data | {"field.host": ""}, headers=HTML)
    assert (empty.status_code, "请填写。" in empty.text) == (422, True)
    assert (await admin.post("/admin/notices/channels/mail", data=data)).status_code == 303
    page = (await admin.get("/admin/notices/channels/mail", headers=HTML)).text
    assert "hr@acme.example" in page
    assert "s3cret-pw" not in page
    # a secret left empty stays
    await admin.post("/admin/notices/channels/mail", data=data | {"field.password": ""})
    from zhiren.notices import repository

    row = await post.in_tenant(lambda ctx: repository.channel(ctx.session, "mail"))

    async def password(ctx: object) -> str:
        return str(row.settings["password"])

    assert await post.in_tenant(password) == "s3cret-pw"
    await admin.post("/admin/notices/channels/mail", data=data | {"field.password": "", "provider": "smtp"})
    await drain(settings)
    assert (await post.row(sent["mail"])).state in {"sent", "queued"}
    assert (await admin.post("/admin/notices/channels/nothing", data=data)).status_code == 404
    assert (await admin.post("/admin/notices/channels/mail/clear")).status_code == 303
    assert (await admin.post("/admin/notices/channels/mail/clear")).status_code == 404


async def test_a_test_message(login_as: LogIn, box: Mailbox) -> None:
    admin = await login_as("admin")
    unset = await admin.post("/admin/notices/channels/mail/test", data={"address": "me@example.com"}, headers=HTML)
    assert (unset.status_code, "还没有设置发送服务" in unset.text) == (409, True)
    fields = {"host": box.host, "port": str(box.port), "tls": "off", "from": "hr@acme.example"}
    await admin.post(
        "/admin/notices/channels/mail", data={"provider": "smtp", **{f"field.{k}": v for k, v in fields.items()}}
    )
    assert (
        await admin.post("/admin/notices/channels/mail/test", data={"address": "me@example.com"})
    ).status_code == 303
    assert "测试消息" in str(box.wait_for("me@example.com")["Subject"])
    box.refuse.add("no@example.com")
    refused = await admin.post("/admin/notices/channels/mail/test", data={"address": "no@example.com"}, headers=HTML)
    assert (refused.status_code, "550 5.1.1 no such user" in refused.text) == (409, True)


async def test_a_customer_s_own_words(
    post: Post, login_as: LogIn, drain: Drain, box: Mailbox, with_mail: Settings
) -> None:
    admin = await login_as("admin")
    path = f"/admin/notices/texts/{INVITED.name}"
    assert "面试邀请" in (await admin.get("/admin/notices/texts", headers=HTML)).text
    words = {
        "locale": "zh_CN",
        "subject": "来聊聊{job}",
        "body": "{name}好：\r\n\r\n{when} 见。",
        "short": "",
        "do": "save",
    }
    wrong = await admin.post(path, data=words | {"body": "{salary}"}, headers=HTML)
    assert (wrong.status_code, "这里没有 {salary}。" in wrong.text, "{when}" in wrong.text) == (422, True, True)
    seen = await admin.post(path, data=words | {"do": "preview"}, headers=HTML)
    assert (seen.status_code, "来聊聊〔job〕" in seen.text) == (200, True)
    await post.send(INVITED, values=VALUES, key="before")
    assert (await admin.post(path, data=words)).status_code == 303
    await post.send(INVITED, to=somebody(mail="new@example.com"), values=VALUES)
    await post.send(INVITED, to=somebody(mail="en@example.com", locale="en"), values=VALUES)
    await drain(with_mail)
    assert box.wait_for("new@example.com")["Subject"] == "来聊聊后端工程师"
    text = parts(box.wait_for("new@example.com"))["text/plain"].get_content()
    assert text.splitlines() == ["王小明好：", "", "11 月 26 日 14:00 见。"]
    assert "来聊聊" not in str(box.wait_for("wang@example.com")["Subject"])
    assert "来聊聊" not in str(box.wait_for("en@example.com")["Subject"])
    assert (await admin.post(f"{path}/reset", data={"locale": "zh_CN"})).status_code == 303
    assert "来聊聊" not in (await admin.get(path, headers=HTML)).text
    assert (await admin.get("/admin/notices/texts/no.such.kind", headers=HTML)).status_code == 404


async def test_the_outbox_is_sealed_and_opening_is_recorded(
    post: Post, login_as: LogIn, drain: Drain, settings: Settings
) -> None:
    sent = await post.send(INVITED, values=VALUES)
    code = await post.send(CODE, values={"code": "998877"})
    await drain(settings)
    admin = await login_as("admin")
    listed = (await admin.get("/admin/notices/outbox", headers=HTML)).text
    assert "王小明" in listed
    assert "wang@example.com" not in listed
    path = f"/admin/notices/outbox/{sent['mail']}"
    closed = (await admin.get(path, headers=HTML)).text
    assert ("没有设置邮件服务器" in closed, "后端工程师" in closed) == (True, False)
    opened = (await admin.post(f"{path}/open", headers=HTML)).text
    assert ("后端工程师" in opened, "wang@example.com" in opened) == (True, True)
    secret = (await admin.post(f"/admin/notices/outbox/{code['mail']}/open", headers=HTML)).text
    assert ("998877" in secret, "不能打开" in secret) == (False, True)

    async def recorded(ctx: object) -> int:
        async with post.ctx() as own:
            rows = await own.session.scalars(select(AuditEvent).where(AuditEvent.action == "notices.message.reveal"))
            return len([row for row in rows if row.sensitive])

    assert await post.in_tenant(recorded) == 2
    again = await admin.post(f"{path}/send")
    assert again.status_code == 409


async def test_quiet_hours_are_the_customer_s(post: Post, login_as: LogIn) -> None:
    admin = await login_as("admin")
    assert 'value="21:00"' in (await admin.get("/admin/notices", headers=HTML)).text
    assert (await admin.post("/admin/notices/rest", data={"from": "22:30", "until": "07:00"})).status_code == 303
    assert 'value="22:30"' in (await admin.get("/admin/notices", headers=HTML)).text
    assert (await admin.post("/admin/notices/rest", data={"from": "25:00", "until": "1"})).status_code == 422
