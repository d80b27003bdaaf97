"""What people type, read into figures; faults are collected by field."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from modules.payroll.rules.money import fen, ppm
from zhiren.auth.pages.forms import AnyRequest, Form, read_form
from zhiren.errors import InvalidInput
from zhiren.i18n import _

__all__ = ["AnyRequest", "Fields", "Form", "read_form"]


class Fields:
    """Reads a form's fields; ``faults`` says what is wrong with which."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.faults: dict[str, str] = {}

    def text(self, name: str) -> str:
        return self.form[name].strip()

    def money(self, name: str) -> int | None:
        """Yuan as typed, with thousands separators or without; None for an empty field."""
        text = self.text(name).replace(",", "").replace("，", "")
        if not text:
            return None
        try:
            return fen(text)
        except ValueError:
            self.faults[name] = _("请填金额，最多两位小数")
            return None

    def percent(self, name: str) -> int | None:
        text = self.text(name).rstrip("%％").strip()
        if not text:
            return None
        try:
            return ppm(text)
        except ValueError:
            self.faults[name] = _("请填百分数")
            return None

    def whole(self, name: str, default: int = 0) -> int:
        text = self.text(name)
        if not text:
            return default
        if text.lstrip("-").isdecimal() and len(text) < 7:
            return int(text)
        self.faults[name] = _("请填整数")
        return default

    def optional_whole(self, name: str) -> int | None:
        return self.whole(name) if self.text(name) else None

    def day(self, name: str) -> date | None:
        text = self.text(name)
        if not text:
            return None
        try:
            # a month field sends the month alone
            return date.fromisoformat(text if len(text) > 7 else f"{text}-01")
        except ValueError:
            self.faults[name] = _("请填日期")
            return None

    def needed_day(self, name: str) -> date:
        found = self.day(name)
        if found is None:
            self.faults.setdefault(name, _("必填"))
            return date(2000, 1, 1)
        return found

    def identity(self, name: str) -> UUID | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return UUID(text)
        except ValueError:
            self.faults[name] = _("请重新选择")
            return None

    def needed_identity(self, name: str) -> UUID:
        found = self.identity(name)
        if found is None:
            self.faults.setdefault(name, _("必填"))
            return UUID(int=0)
        return found

    def flag(self, name: str) -> bool:
        return bool(self.text(name))

    def check(self) -> None:
        """Raises InvalidInput when any field was wrong."""
        if self.faults:
            raise InvalidInput(_("请检查标出的内容。"), fields=self.faults)
