"""Why a résumé is not read, and what was done to one that is. Codes never change once published."""

from __future__ import annotations

from typing import Final

from zhiren.errors import InvalidInput
from zhiren.i18n import N_, _


class ResumeRefused(InvalidInput):
    """``params["reason"]`` is a key of ``REFUSALS``."""

    code = "recruiting.resume_refused"


class ResumeUnreadable(ResumeRefused):
    """Nothing wrong is meant by it: empty, cut short, of a kind that is not read."""

    code = "recruiting.resume_unreadable"


class ResumeEncrypted(ResumeRefused):
    code = "recruiting.resume_encrypted"


class ResumeTooBig(ResumeRefused):
    """Of bytes, pages, pixels, memory or time."""

    code = "recruiting.resume_too_big"


class ResumeUnsafe(ResumeRefused):
    """It holds what no résumé holds."""

    code = "recruiting.resume_unsafe"


_PASTE = N_("可以把内容复制出来，用“粘贴”录入；或请候选人另存为 PDF 再发。")

#: reason -> kind of refusal, what it is, what to do now
REFUSALS: Final[dict[str, tuple[type[ResumeRefused], str, str]]] = {
    "empty": (ResumeUnreadable, N_("文件里没有内容"), N_("请确认选对了文件。")),
    "no_text": (ResumeUnreadable, N_("没有读出文字"), N_("如果是照片，请拍得清楚、端正一些；也可以手工录入。")),
    "truncated": (ResumeUnreadable, N_("文件不完整，可能没有传完"), N_("请重新上传，或请候选人重发。")),
    "broken": (ResumeUnreadable, N_("文件已损坏，读不出来"), _PASTE),
    "old_word": (
        ResumeUnreadable,
        N_("这是旧版 Word 文件（.doc）"),
        N_("请用 Word 或 WPS 打开，另存为 .docx 或 PDF 再上传。"),
    ),
    "not_a_resume": (ResumeUnreadable, N_("这种文件不能读取"), N_("可以上传 PDF、DOCX、图片（PNG、JPG）或文本。")),
    "encoding": (ResumeUnreadable, N_("认不出文字编码"), N_("请另存为 UTF-8 文本，或直接粘贴内容。")),
    "password": (ResumeEncrypted, N_("文件设了密码"), N_("请候选人取消密码后再发。")),
    "file_too_big": (ResumeTooBig, N_("文件太大"), N_("请压缩图片，或只保留简历本身的几页。")),
    "too_many_pages": (ResumeTooBig, N_("页数太多"), N_("请只保留简历本身的几页。")),
    "page_too_large": (ResumeTooBig, N_("页面或图片的尺寸太大"), N_("请按 A4 另存为 PDF 再上传。")),
    "too_heavy": (ResumeTooBig, N_("读取这个文件占用太多内存，已停止"), _PASTE),
    "timeout": (ResumeTooBig, N_("读取这个文件用时太长，已停止"), _PASTE),
    "bomb": (ResumeUnsafe, N_("文件解压后大得不正常，已拒绝打开"), _PASTE),
    "entities": (ResumeUnsafe, N_("文件里有外部实体声明，已拒绝打开"), _PASTE),
}

#: what was done to the file, told beside the fields
NOTICES: Final[dict[str, str]] = {
    "hidden": N_("文件里有看不见的文字（{count} 字），没有采用。"),
    "unseen": N_("去掉了 {count} 个不可见字符。"),
    "cut": N_("内容太长，只读取了前 {count} 字。"),
    "pages_cut": N_("页数太多，只识别了前 {count} 页。"),
    "macros": N_("文件带有宏，没有运行。"),
    "scripts": N_("文件带有脚本或自动动作，没有运行。"),
    "attachments": N_("文件里夹带了其他文件，没有打开。"),
    "external": N_("文件引用了外部内容，没有读取。"),
    "extension": N_("扩展名与内容不符，已按实际内容读取。"),
    "instructions": N_("文字里有像是写给机器看的指令，只当作文字。"),
    "formulas": N_("文字里有像表格公式的内容，只当作文字。"),
    "gb18030": N_("文字编码为 GBK，已转换。"),
    "text_layer": N_("自带的文字与画面不一致，已改为识别画面。"),
}


def refusal(reason: str, name: str, where: str = "") -> ResumeRefused:
    """``name`` of the file, ``where`` in it: a page or a part."""
    reason = reason if reason in REFUSALS else "broken"
    kind, what, now = REFUSALS[reason]
    place = f"{name} · {where}" if where else name
    return kind(
        _("{place}：{what}。", place=place, what=_(what)), hint=_(now), params={"reason": reason, "where": where}
    )
