"""Forms as people send them, to structs as services take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Request

from modules.records.errors import InvalidRecord
from zhiren.i18n import _

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T", bound=msgspec.Struct)


async def read_form(request: AnyRequest) -> dict[str, str]:
    """Text fields, trimmed; of several with one name the last counts. Files are left out."""
    form = await request.form()
    return {name: value.strip() for name, value in form.multi_items() if isinstance(value, str)}


def filled(form: Mapping[str, str], kind: type[msgspec.Struct], *, empty: Any = None) -> dict[str, Any]:
    """The fields of ``kind`` among a form; an empty one is ``empty``, or left out where that is ``...``."""
    found: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        if name not in form:
            continue
        if form[name] != "":
            found[name] = form[name]
        elif empty is not ...:
            found[name] = empty
    return found


def convert(values: Mapping[str, Any], kind: type[T], titles: Mapping[str, str] | None = None) -> T:
    """A struct of the form's texts. Raises InvalidRecord with every field that is missing or cannot be read."""
    wrong: dict[str, str] = {}
    read: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name not in values:
            if field.required:
                wrong[field.name] = _("请填写")
            continue
        try:
            read[field.name] = msgspec.convert(values[field.name], field.type, strict=False)
        except msgspec.ValidationError:
            wrong[field.name] = _("请填写") if values[field.name] is None else _("填写得不对")
    if wrong:
        labels = "、".join(_((titles or {}).get(name, name)) for name in wrong)
        raise InvalidRecord(_("请检查：{labels}。", labels=labels), fields=wrong)
    return kind(**read)


def version_of(form: Mapping[str, str]) -> int | None:
    """The version the page was made from. A form without one is refused: it would overwrite what it never read."""
    text = form.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidRecord(_("页面已过期，请刷新后再试。"))
    return int(text)
