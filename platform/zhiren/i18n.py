"""What the reader sees, in the reader's language. Chinese is the source text; English comes from gettext catalogues.

The same ``_`` serves Python and Jinja. Values are named, in braces: ``_("共 {count} 人", count=3)``. Catalogues are
``<package>/locale/<locale>/LC_MESSAGES/*.po``, a file for each room of a large package, read with Babel at start and
merged: the platform's first, then each package's in the order handed in; the first translation of a text wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, Literal

from babel.messages.pofile import read_po

Locale = Literal["zh_CN", "en"]

SOURCE_LOCALE: Final[Locale] = "zh_CN"
LOCALES: Final[tuple[Locale, ...]] = ("zh_CN", "en")
#: what each language calls itself
LOCALE_NAMES: Final[dict[Locale, str]] = {"zh_CN": "简体中文", "en": "English"}
LOCALE_COOKIE: Final = "zhiren_lang"

_locale: ContextVar[Locale] = ContextVar("zhiren_locale", default=SOURCE_LOCALE)
_texts: dict[str, dict[str, str]] = {}
_plurals: dict[str, dict[str, tuple[str, str]]] = {}


def _(message: str, /, **values: object) -> str:
    """``message`` in the current locale, with ``values`` put into its braces. An unknown text stays as it is."""
    texts = _texts.get(_locale.get())
    if texts is not None:
        message = texts.get(message, message)
    return message.format(**values) if values else message


def N_(message: str, /) -> str:
    """Marks a constant for extraction; translate it with ``_`` where it is shown."""
    return message


def ngettext(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The form for ``n`` things; ``{n}`` is at hand in the text. Chinese sources give the same text twice."""
    forms = _plurals.get(_locale.get(), {}).get(singular, (singular, plural))
    return forms[n != 1].format(n=n, **values)


def current_locale() -> Locale:
    return _locale.get()


def set_locale(locale: Locale) -> None:
    """For the rest of this task. Requests use it once at their start; elsewhere prefer :func:`use_locale`."""
    _locale.set(locale)


@contextmanager
def use_locale(locale: Locale) -> Iterator[None]:
    token = _locale.set(locale)
    try:
        yield
    finally:
        _locale.reset(token)


def negotiate(chosen: str | None, accept_language: str | None) -> Locale:
    """The person's own choice (cookie), else the first language of ``Accept-Language`` we speak, else Chinese."""
    if chosen in LOCALES:
        return chosen
    return _from_header(accept_language[:200]) if accept_language else SOURCE_LOCALE


@lru_cache(maxsize=512)
def _from_header(accept_language: str) -> Locale:
    wanted: list[tuple[float, int, Locale]] = []
    for index, part in enumerate(accept_language.split(",")):
        tag, _separator, parameters = part.strip().partition(";")
        quality = 1.0
        if parameters.strip().startswith("q="):
            try:
                quality = float(parameters.strip()[2:])
            except ValueError:
                quality = 0.0
        language = tag.split("-")[0].lower()
        if quality > 0 and language in {"zh", "en"}:
            wanted.append((-quality, index, "en" if language == "en" else "zh_CN"))
    return min(wanted)[2] if wanted else SOURCE_LOCALE


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One package's translations into one locale."""

    texts: dict[str, str]
    plurals: dict[str, tuple[str, str]]


def read_catalogue(package: str, locale: Locale) -> Catalogue:
    """The package's own ``*.po`` files as one; empty when it has none. Raises ValueError naming a broken file."""
    folder = files(package) / "locale" / locale / "LC_MESSAGES"
    found = Catalogue({}, {})
    if not folder.is_dir():
        return found
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".po"):
            _read_into(found, path, locale)
    return found


def _read_into(found: Catalogue, path: Traversable, locale: Locale) -> None:
    with path.open("rb") as file:
        try:
            entries = list(read_po(file, locale=locale, charset="utf-8", abort_invalid=True))
        except Exception as error:
            raise ValueError(f"{path}: {error}") from error
    for entry in entries:
        if not entry.id or entry.fuzzy:
            continue
        if isinstance(entry.id, (tuple, list)):
            forms = list(entry.string or ())
            if forms and all(forms):
                found.plurals.setdefault(entry.id[0], (forms[0], forms[-1]))
        elif entry.string:
            found.texts.setdefault(entry.id, str(entry.string))


def load(packages: Iterable[str]) -> None:
    """Reads and merges the catalogues of ``packages``, in place of what was loaded before."""
    named = list(dict.fromkeys(packages))
    for locale in LOCALES:
        texts: dict[str, str] = {}
        plurals: dict[str, tuple[str, str]] = {}
        for package in named:
            catalogue = read_catalogue(package, locale)
            texts = catalogue.texts | texts
            plurals = catalogue.plurals | plurals
        _texts[locale] = texts
        _plurals[locale] = plurals
