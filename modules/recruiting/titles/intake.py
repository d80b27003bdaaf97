"""Résumés taken in, read and corrected."""

from __future__ import annotations

from typing import Final

from zhiren.i18n import N_

OBJECTS: Final = {"recruiting.mailbox": N_("收简历的邮箱"), "recruiting.intake": N_("一批简历")}
ACTIONS: Final = {
    "recruiting.intake.start": N_("开始读取一批简历"),
    "recruiting.resume.create": N_("收到简历"),
    "recruiting.resume.attach": N_("简历归到候选人"),
    "recruiting.resume.read": N_("查看简历"),
    "recruiting.resume.check": N_("核对简历"),
    "recruiting.resume.delete": N_("删除简历"),
    "recruiting.mailbox.update": N_("修改收简历的邮箱"),
    "recruiting.mailbox.delete": N_("停用收简历的邮箱"),
    "recruiting.mailbox.fetch": N_("收取简历邮件"),
}
FIELDS: Final = {"file": N_("文件")}
