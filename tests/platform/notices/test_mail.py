"""Mail, through a real SMTP server: what arrives, that it arrives once, and what becomes of refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import icalendar
import msgspec
import pytest

from tests.platform.notices.conftest import CODE, DIGEST, INVITED, MAIL_ONLY, VALUES, Drain, Post, somebody
from tests.smtp import Mailbox, mailbox, parts
from zhiren.context import TenantRef
from zhiren.ids import new_id
from zhiren.notices import Attachment, history
from zhiren.notices.models import Message
from zhiren.notices.rules import message_id
from zhiren.settings import Settings

ICS = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//zhiren//test\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:a@b\r\n"
    b"DTSTAMP:20261123T000000Z\r\nDTSTART:20261126T060000Z\r\nSUMMARY:\xe9\x9d\xa2\xe8\xaf\x95\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)


async def test_a_mail_says_it_in_text_and_in_html(
    post: Post, drain: Drain, box: Mailbox, with_mail: Settings, tenant: TenantRef
) -> None:
    sent = await post.send(INVITED, values=VALUES | {"job": "<工程师> & 更多"}, link="/portal/1")
    await drain(with_mail)
    mail = box.wait_for("wang@example.com")
    assert mail["Subject"] == f"{tenant.name}邀请您面试：<工程师> & 更多"
    assert (mail["From"].addresses[0].display_name, mail["From"].addresses[0].addr_spec) == (
        tenant.name,
        "hr@zhiren.example",
    )
    assert str(mail["To"].addresses[0]) == "王小明 <wang@example.com>"
    assert mail["Message-ID"] == message_id(sent["mail"], tenant.slug, "zhiren.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    found = parts(mail)
    assert mail.get_content_type() == "multipart/alternative"
    address = f"{with_mail.site_url(tenant.slug)}/portal/1"
    assert "请您于 11 月 26 日 14:00 参加 <工程师> & 更多 的面试。" in found["text/plain"].get_content()
    assert found["text/plain"].get_content().rstrip().endswith(f"查看：{address}")
    html = found["text/html"].get_content()
    assert "&lt;工程师&gt; &amp; 更多" in html
    assert f'href="{address}"' in html
    assert "<img" not in html
    assert "src=" not in html
    row = await post.row(sent["mail"])
    assert (row.state, row.external_id, row.problem) == ("sent", str(mail["Message-ID"]), "")


async def test_an_invitation_is_a_part_and_a_file(post: Post, drain: Drain, box: Mailbox, with_mail: Settings) -> None:
    note = Attachment("说明.pdf", "application/pdf", b"%PDF-1.7 test")
    sent = await post.send(invitation=ICS, attachments=[note])
    assert (await post.in_tenant(lambda ctx: _enclosed(post, sent["mail"]))) is True
    await drain(with_mail)
    mail = box.wait_for("wang@example.com")
    found = parts(mail)
    calendar = found["text/calendar"]
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_content_charset() == "utf-8"
    for content in (calendar.get_payload(decode=True), found["application/ics"].get_payload(decode=True)):
        event = icalendar.Calendar.from_ical(cast("bytes", content)).walk("VEVENT")[0]
        assert (str(event["UID"]), str(event["SUMMARY"])) == ("a@b", "面试")
    assert found["application/ics"].get_filename() == "invite.ics"
    assert found["application/pdf"].get_filename() == "说明.pdf"
    assert found["application/pdf"].get_payload(decode=True) == b"%PDF-1.7 test"
    assert next(part.get_content_type() for part in mail.iter_parts()) == "multipart/alternative"
    # what was attached is told, its bytes are not kept a second time
    row = await post.row(sent["mail"])
    assert row.enclosure_ct is None
    assert (await post.in_tenant(lambda ctx: _content(post, sent["mail"]))).files == ("说明.pdf",)


async def _enclosed(post: Post, row_id: UUID) -> bool:
    return (await post.row(row_id)).enclosure is not None


async def _content(post: Post, row_id: UUID) -> object:
    return (await post.row(row_id)).content


async def test_the_same_occasion_is_sent_once(post: Post, drain: Drain, box: Mailbox, with_mail: Settings) -> None:
    to, other, key = somebody(), somebody(mail="li@example.com"), "interview-7"
    first = await post.send(to=to, key=key)
    assert await post.send(to=to, key=key, values={"what": "又一次"}) == first
    await post.send(to=other, key=key)
    await drain(with_mail)
    assert await post.send(to=to, key=key) == first
    await drain(with_mail)
    assert [len(box.to("wang@example.com")), len(box.to("li@example.com"))] == [1, 1]


async def test_a_rollback_sends_nothing(post: Post, drain: Drain, box: Mailbox, with_mail: Settings) -> None:
    with pytest.raises(RuntimeError):
        async with post.ctx() as ctx:
            from zhiren.notices import send

            await send(
                ctx, MAIL_ONLY.name, to=somebody(), values={"what": "x"}, about=("test.thing", new_id()), key="gone"
            )
            raise RuntimeError
    assert await drain(with_mail) == []
    assert box.messages == []


async def test_without_a_server_it_waits_and_says_so(
    post: Post, drain: Drain, box: Mailbox, settings: Settings, with_mail: Settings
) -> None:
    about = ("test.thing", new_id())
    sent = await post.send(about=about)
    assert await drain(settings) == ["succeeded"]
    line = (await post.in_tenant(lambda ctx: history(ctx, about)))[0]
    assert (line.state, line.state_title) == ("waiting", "没有设置邮件服务器")
    from zhiren.notices.service.delivery import set_going

    assert await post.in_tenant(lambda ctx: set_going(ctx, "mail")) == 1
    assert await post.in_tenant(lambda ctx: set_going(ctx, "mail")) == 0
    await drain(with_mail)
    assert len(box.to("wang@example.com")) == 1
    assert (await post.row(sent["mail"])).state == "sent"


async def test_a_server_that_is_busy_is_asked_again_later(
    post: Post, drain: Drain, box: Mailbox, with_mail: Settings, tenant: TenantRef
) -> None:
    told: list[str] = []

    def busy_twice(envelope: object) -> str | None:
        told.append("451 4.7.1 later" if len(told) < 2 else "")
        return told[-1] or None

    box.answer = busy_twice
    sent = await post.send()
    await drain(with_mail)
    row = await post.row(sent["mail"])
    assert (row.state, row.failures, row.problem) == ("queued", 1, "notices.busy")
    assert row.problem_detail.startswith("451")
    assert row.due_at is not None
    assert 30 < (row.due_at - datetime.now(UTC)).total_seconds() < 90
    assert await drain(with_mail) == []  # not before its time
    for _ in range(2):
        await post.skip_pauses()
        await drain(with_mail)
    row = await post.row(sent["mail"])
    assert (row.state, row.failures, row.problem) == ("sent", 2, "")
    assert [str(mail["Message-ID"]) for mail in box.messages] == [
        message_id(sent["mail"], tenant.slug, "zhiren.example")
    ]


async def test_a_server_that_is_away_is_given_three_days(post: Post, drain: Drain, settings: Settings) -> None:
    away = msgspec.structs.replace(settings, smtp_url="smtp://127.0.0.1:9", smtp_from="hr@zhiren.example")
    sent = await post.send()
    for _ in range(10):
        await drain(away)
        await post.skip_pauses()
    row = await post.row(sent["mail"])
    assert (row.state, row.problem, row.failures) == ("failed", "notices.no_answer", 10)


async def test_an_address_that_is_refused_is_not_tried_again(
    post: Post, drain: Drain, box: Mailbox, with_mail: Settings
) -> None:
    box.refuse.add("gone@example.com")
    about = ("test.thing", new_id())
    sent = await post.send(to=somebody(mail="gone@example.com"), about=about)
    broken = await post.send(to=somebody(mail="not an address"))
    await drain(with_mail)
    row = await post.row(sent["mail"])
    assert (row.state, row.problem, row.problem_detail) == (
        "failed",
        "notices.recipient_refused",
        "550 5.1.1 no such user",
    )
    line = (await post.in_tenant(lambda ctx: history(ctx, about)))[0]
    assert (line.state, line.problem) == ("failed", "对方的服务器不收这个地址。")
    assert (await post.row(broken["mail"])).state == "failed"
    assert box.messages == []


async def test_logging_in(post: Post, drain: Drain, settings: Settings) -> None:
    with mailbox(user="hr", password="p@ss:word/1") as box:
        right = msgspec.structs.replace(
            settings,
            smtp_url=f"smtp://hr:p%40ss%3Aword%2F1@127.0.0.1:{box.port}?tls=off",
            smtp_from="知人 <hr@zhiren.example>",
        )
        wrong = msgspec.structs.replace(right, smtp_url=f"smtp://hr:nope@127.0.0.1:{box.port}?tls=off")
        sent = await post.send()
        await drain(wrong)
        assert (await post.row(sent["mail"])).problem == "notices.login_refused"
        await post.skip_pauses()
        await drain(right)
        assert box.wait_for("wang@example.com")["From"].addresses[0].display_name == "知人"


async def test_a_code_that_has_expired_is_not_sent(
    post: Post, drain: Drain, box: Mailbox, settings: Settings, with_mail: Settings
) -> None:
    sent = await post.send(CODE, values={"code": "123456"})
    await drain(settings)

    async def late(ctx: object) -> None:
        from zhiren.notices.service.delivery import set_going

        async with post.ctx() as own:
            from sqlalchemy import update

            await own.session.execute(update(Message).values(expires_at=datetime(2026, 1, 1, tzinfo=UTC)))
            await set_going(own, "mail")

    await post.in_tenant(late)
    await drain(with_mail)
    assert (await post.row(sent["mail"])).state == "expired"
    assert box.messages == []


async def test_a_value_cannot_write_headers(post: Post, drain: Drain, box: Mailbox, with_mail: Settings) -> None:
    await post.send(
        to=somebody(name="王\r\nBcc: x@example.com"), values={"what": "好\r\nBcc: spy@example.com\r\n\r\n正文"}
    )
    await drain(with_mail)
    mail = box.wait_for("wang@example.com")
    assert mail["Bcc"] is None
    assert "\n" not in str(mail["Subject"])
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [["wang@example.com"]]


async def test_english_readers_read_english_frames(post: Post, drain: Drain, box: Mailbox, with_mail: Settings) -> None:
    await post.send(to=somebody(locale="en"), link="/x")
    await drain(with_mail)
    mail = box.wait_for("wang@example.com")
    assert mail["Content-Language"] == "en"
    assert 'lang="en"' in parts(mail)["text/html"].get_content()


async def test_what_may_be_switched_off_says_how(post: Post, drain: Drain, box: Mailbox, with_mail: Settings) -> None:
    sent = await post.send(DIGEST)
    await drain(with_mail)
    mail = box.wait_for("wang@example.com")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"/notices/off/{sent['mail']}/" in mail["List-Unsubscribe"]


async def test_what_is_stored_is_sealed(post: Post) -> None:
    sent = await post.send(INVITED, values=VALUES)
    for row_id in sent.values():
        row = await post.row(row_id)
        stored = b"".join(getattr(row, name) or b"" for name in ("address_ct", "content_ct"))
        assert "后端".encode() not in stored
        assert b"wang@" not in stored


async def test_mistakes_of_a_caller_are_told(post: Post) -> None:
    with pytest.raises(ValueError, match="no value for what"):
        await post.send(values={})
    with pytest.raises(LookupError, match=r"no notice is named"):
        await post.send(MAIL_ONLY.__class__(name="test.unknown.kind", title="", subject="", body=""))
    with pytest.raises(ValueError, match="attachments beyond"):
        await post.send(attachments=[Attachment("a.bin", "application/octet-stream", bytes(16 * 1024 * 1024))])
