"""Telling people: inside the product, by mail, SMS, IM and browser push; nothing twice, nothing lost.

A room declares what it has to say with ``register(NoticeKind(...))`` and calls ``send``; rows and jobs belong to the
caller's transaction. ``history`` is what became of it, for timelines.
"""

from zhiren.audit import describe
from zhiren.i18n import N_
from zhiren.notices import jobs as _jobs  # noqa: F401 - declares the job that gives messages out
from zhiren.notices.kinds import CHANNELS, Channel, NoticeKind, register
from zhiren.notices.models import MODELS
from zhiren.notices.schemas import Attachment, MessageLine, Recipient
from zhiren.notices.service.recipients import mails_of
from zhiren.notices.service.sending import erase, forget, history, send

describe(
    objects={
        "notices.message": N_("通知"),
        "notices.template": N_("通知文字"),
        "notices.channel": N_("发送渠道"),
        "notices.subscription": N_("接收方式"),
    },
)

__all__ = [
    "CHANNELS",
    "MODELS",
    "Attachment",
    "Channel",
    "MessageLine",
    "NoticeKind",
    "Recipient",
    "erase",
    "forget",
    "history",
    "mails_of",
    "register",
    "send",
]
