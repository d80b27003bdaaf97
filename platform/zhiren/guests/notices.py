"""What guests are told."""

from __future__ import annotations

from typing import Final

from zhiren.guests.rules import CODE_LIFE_S
from zhiren.i18n import N_
from zhiren.notices import NoticeKind, register

CODE_SENT: Final = NoticeKind(
    name="guests.code.sent",
    title=N_("登录验证码"),
    subject=N_("{code} 是您在{company}的验证码"),
    body=N_(
        "{name}，您好：\n\n您的登录验证码是 {code}，10 分钟内有效，只能用一次。\n\n"
        "请不要把它告诉任何人。如果不是您本人操作，可以不理会这条消息。"
    ),
    short=N_("{company}：验证码 {code}，10 分钟内有效，请勿告诉他人。"),
    channels=("mail", "sms"),
    urgent=True,
    secret=True,
    valid_s=CODE_LIFE_S,
)
register(CODE_SENT)
