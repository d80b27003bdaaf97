"""The template engine: one environment for each language, every template compiled once, everything escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.ext import Extension
from markupsafe import Markup, escape

from zhiren.i18n import LOCALES, Locale, _, current_locale, ngettext, use_locale
from zhiren.web.assets import Assets
from zhiren.web.filters import FILTERS

_CONSTANT: Final = re.compile(r'\{\{ (_|icon|asset)\("([^"\\{}]+)"\) \}\}')


class Constants(Extension):
    """Puts texts, icons and addresses that never change into the template before it is compiled.

    A page has some hundred of them; calling for each, at each rendering, took a third of its time.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        known: Mapping[str, Callable[[str], str]] = self.environment.globals  # type: ignore[assignment]
        locale: Locale = self.environment.globals["template_locale"]  # type: ignore[assignment]

        def value(match: re.Match[str]) -> str:
            with use_locale(locale):
                text = str(escape(known[match[1]](match[2])))
            # braces of a translation would be read as Jinja's
            return match[0] if "{" in text else text

        return _CONSTANT.sub(value, source)


class Templates:
    """Finds templates in ``templates/`` of each package, the platform's first, for the reader's language."""

    def __init__(
        self, packages: Iterable[str], assets: Assets, *, extra_globals: Mapping[str, Any] | None = None
    ) -> None:
        named = list(dict.fromkeys(["zhiren", *packages]))
        self._environments = {locale: _environment(named, assets, locale, extra_globals or {}) for locale in LOCALES}

    def get_template(self, name: str) -> Template:
        """Raises jinja2.TemplateNotFound."""
        return self._environments[current_locale()].get_template(name)

    def render(self, name: str, **context: Any) -> Markup:
        """A part of a page outside a request's own answer (cards, messages)."""
        return Markup(self.get_template(name).render(context))  # noqa: S704  # autoescaped by the template


def _environment(
    packages: Iterable[str], assets: Assets, locale: Locale, extra_globals: Mapping[str, Any]
) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([str(files(package) / "templates") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Constants],
    )
    environment.globals.update(_=_, ngettext=ngettext, asset=assets.url, icon=icon(assets))
    environment.globals.update(template_locale=locale, **extra_globals)
    environment.filters.update(FILTERS)
    return environment


def icon(assets: Assets) -> Callable[..., Markup]:
    url = assets.url("icons.svg")
    known: dict[tuple[str, str], Markup] = {}

    def render(name: str, css: str = "") -> Markup:
        """A line icon from the sprite; always beside words, so hidden from readers of the screen."""
        key = (name, css)
        if key not in known:
            form = Markup('<svg class="icon %s" aria-hidden="true"><use href="%s#%s"></use></svg>')
            known[key] = form % (css, url, name)
        return known[key]

    return render
