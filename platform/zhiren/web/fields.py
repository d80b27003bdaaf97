"""Posted forms: text with an end, and what people type read into figures; faults are collected by field."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request

from zhiren.errors import InvalidInput
from zhiren.i18n import _
from zhiren.money import fen, ppm

AnyRequest = Request[Any, Any, Any]
#: most fields are shorter; those that hold a text say so
_TEXT_MAX: Final = 2000


class Form:
    """A posted form as text. A missing field is empty, a field sent twice gives the last, files are nobody's here."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in reversed(self._pairs) if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]

    def starting(self, prefix: str) -> dict[str, str]:
        """Fields whose names begin with ``prefix``, by the rest of the name."""
        return {key.removeprefix(prefix): value for key, value in self._pairs if key.startswith(prefix)}


async def read_form(request: AnyRequest, *, longest: int = _TEXT_MAX) -> Form:
    """The text fields of a posted form, each cut at ``longest`` characters."""
    form = await request.form()
    return Form([(name, value[:longest]) for name, value in form.multi_items() if isinstance(value, str)])


def uuid_of(text: str) -> UUID | None:
    """None for what is no id, whatever was sent."""
    try:
        return UUID(text)
    except ValueError:
        return None


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
