"""What goes into a notice, and what comes back about it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from zhiren.i18n import N_
from zhiren.notices.kinds import Channel

RecipientKind = Literal["user", "guest", "address"]
State = Literal["queued", "waiting", "sent", "bounced", "failed", "expired", "skipped"]
STATES: Final[dict[str, tuple[str, str]]] = {
    "queued": ("info", N_("待发送")),
    "waiting": ("warning", N_("没有设置发送服务")),
    "sent": ("success", N_("已发出")),
    "bounced": ("danger", N_("被退回")),
    "failed": ("danger", N_("没有发出")),
    "expired": ("", N_("已过时，不再发送")),
    "skipped": ("", N_("未发送")),
}
CHANNEL_TITLES: Final[dict[str, str]] = {
    "inapp": N_("站内"),
    "mail": N_("邮件"),
    "sms": N_("短信"),
    "im": N_("企业微信或钉钉"),
    "push": N_("浏览器推送"),
}


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets a notice. ``id`` is a user's or a guest's; an ``address`` has none. Channels without an address of
    theirs are left out; a user's own addresses for notices fill in what is empty here."""

    kind: RecipientKind
    name: str
    id: UUID | None = None
    mail: str = ""
    mobile: str = ""
    locale: str = "zh_CN"


class Attachment(msgspec.Struct, frozen=True):
    name: str
    media_type: str
    data: bytes


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a message says, sealed in its row."""

    subject: str
    body: str
    #: a path of this site, or an address
    link: str = ""
    action: str = ""
    #: names of what was attached, kept after the bytes are gone
    files: tuple[str, ...] = ()
    #: for providers that put approved texts together themselves
    values: dict[str, str] = {}


class Enclosure(msgspec.Struct, frozen=True, omit_defaults=True):
    """What goes with a mail until it is sent: attachments, and an iTIP object."""

    attachments: tuple[Attachment, ...] = ()
    invitation: bytes | None = None


class MessageLine(msgspec.Struct, frozen=True):
    """One message as a timeline shows it."""

    id: UUID
    kind: str
    #: in the reader's language
    title: str
    channel: Channel
    channel_title: str
    recipient: str
    state: State
    state_title: str
    created_at: datetime
    sent_at: datetime | None
    read_at: datetime | None
    #: why it did not arrive, in the reader's language
    problem: str = ""


class InboxItem(msgspec.Struct, frozen=True):
    """One notice as its recipient reads it."""

    id: UUID
    subject: str
    body: str
    link: str
    action: str
    created_at: datetime
    unread: bool
