"""Workers that die, mails that come back, servers that are named late: nothing is lost, little is doubled."""

from __future__ import annotations

import asyncio
import mailbox as stdlib_mailbox
import os
import sys
from pathlib import Path

import msgspec

from tenants.registry import Registry
from tests.platform.notices.conftest import Drain, Hints, Post, somebody
from tests.smtp import Mailbox
from tests.support import ROOT
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.jobs.executor import execute
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Runtime
from zhiren.notices import bounces, history, periodic
from zhiren.settings import Settings


def report(message_id: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery status notification as Postfix writes it."""
    return f"""From: MAILER-DAEMON@mx.example.com
To: hr@zhiren.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"
Message-ID: <20261123.1@mx.example.com>

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Mon, 23 Nov 2026 02:00:00 +0000

Final-Recipient: rfc822; wang@example.com
Original-Recipient: rfc822;wang@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <wang@example.com>: user unknown

--b1
Content-Type: text/rfc822-headers

From: hr@zhiren.example
Message-ID: {message_id}
Subject: =?utf-8?b?5L+h?=

--b1--
""".encode()


async def test_a_worker_that_dies_after_the_server_took_the_mail(
    post: Post, database: Database, tenant: TenantRef, box: Mailbox, with_mail: Settings
) -> None:
    """Killed between "250" and writing it down: sent again by the next, once, under the same Message-ID."""
    runtime = Runtime(database, Registry(database, "localhost"), settings=with_mail, lease_s=1.0)
    hints = Hints()
    relay = Relay(runtime, hints)
    sent = await post.send()
    await relay.hand_out(tenant)
    box.slow_to_say_s = 60.0
    command = [sys.executable, "-m", "tests.platform.notices.process", tenant.id, str(hints.ids.pop())]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT}/platform", **with_mail.to_env()}
    dying = await asyncio.create_subprocess_exec(*command, env=env, cwd=ROOT)
    await box.arrives("wang@example.com", timeout_s=60)
    dying.kill()
    await dying.wait()
    assert (await post.row(sent["mail"])).state == "queued"
    box.slow_to_say_s = 0.0
    async with asyncio.timeout(20):
        while not hints.ids:
            await asyncio.sleep(0.2)
            await relay.hand_out(tenant)
    assert await execute(runtime, tenant, hints.ids.pop()) == "succeeded"
    assert (await post.row(sent["mail"])).state == "sent"
    assert len(box.messages) == 2
    assert len({str(mail["Message-ID"]) for mail in box.messages}) == 1


async def test_a_bounce_is_seen_on_the_timeline(
    post: Post, drain: Drain, *, database: Database, box: Mailbox, with_mail: Settings, tmp_path: Path
) -> None:
    about = ("test.thing", new_id())
    await post.send(about=about)
    other = await post.send(to=somebody(mail="li@example.com"))
    await drain(with_mail)
    folder = stdlib_mailbox.Maildir(str(tmp_path / "bounces"))
    folder.add(report(str(box.wait_for("wang@example.com")["Message-ID"])))
    folder.add(report(str(box.wait_for("li@example.com")["Message-ID"]), action="delayed", status="4.4.1"))
    folder.add(report("<somebody.else@mx.example.com>"))
    folder.add(b"Subject: hello\n\nnot a report\n")
    settings = msgspec.structs.replace(with_mail, bounces_url=f"maildir://{tmp_path}/bounces")
    runtime = Runtime(database, Registry(database, "localhost"), settings=settings)
    assert await periodic.read_bounces(runtime, settings) == 1
    assert await periodic.read_bounces(runtime, settings) == 0
    line = (await post.in_tenant(lambda ctx: history(ctx, about)))[0]
    assert (line.state, line.state_title, line.problem) == ("bounced", "被退回", "信被退回，地址可能不对。")
    assert (await post.row(other["mail"])).state == "sent"


def test_reports_are_read_whatever_they_are() -> None:
    row = new_id()
    found = bounces.read(report(f"<{row.hex}.acme@zhiren.example>"))
    assert found == bounces.Bounce(row, "acme", "5.1.1 550 5.1.1 <wang@example.com>: user unknown")
    assert bounces.read(report(f"<{row.hex}.acme@zhiren.example>", action="delivered")) is None
    assert bounces.read(b"") is None
    assert bounces.read(b"\xff\xfe junk") is None
    assert bounces.read(report("<x>").replace(b"--b1--", b"")) is None


async def test_a_mailbox_that_is_away_is_no_end(database: Database, settings: Settings, tenant: TenantRef) -> None:
    runtime = Runtime(database, Registry(database, "localhost"))
    for url in ("imap://a:b@127.0.0.1:9/INBOX", "maildir:///no/such/folder"):
        assert await periodic.read_bounces(runtime, msgspec.structs.replace(settings, bounces_url=url)) == 0


async def test_a_server_set_at_a_restart_sends_what_waited(
    post: Post, drain: Drain, *, database: Database, box: Mailbox, settings: Settings, with_mail: Settings
) -> None:
    sent = await post.send()
    await drain(settings)
    runtime = Runtime(database, Registry(database, "localhost"))
    assert await periodic.set_waiting_going(runtime, settings) == 0
    # others of the database may wait too
    assert await periodic.set_waiting_going(runtime, with_mail) >= 1
    await drain(with_mail)
    assert (await post.row(sent["mail"])).state == "sent"
    assert len(box.messages) == 1
