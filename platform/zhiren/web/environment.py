"""The template engine: one for each process, every template compiled once, everything escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from zhiren.i18n import _, ngettext
from zhiren.web.assets import Assets
from zhiren.web.filters import FILTERS


def icon(assets: Assets) -> Any:
    url = assets.url("icons.svg")
    known: dict[str, Markup] = {}

    def render(name: str, css: str = "") -> Markup:
        """A line icon from the sprite; always beside words, so hidden from readers of the screen."""
        key = f"{name} {css}"
        if key not in known:
            known[key] = Markup('<svg class="icon %s" aria-hidden="true"><use href="%s#%s"></use></svg>') % (
                css,
                url,
                name,
            )
        return known[key]

    return render


def make_environment(
    packages: Iterable[str], assets: Assets, *, extra_globals: Mapping[str, Any] | None = None
) -> Environment:
    """Finds templates in ``templates/`` of each package, the platform's first. An undefined name is an error."""
    folders = [str(files(package) / "templates") for package in dict.fromkeys(["zhiren", *packages])]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_, ngettext=ngettext, asset=assets.url, icon=icon(assets), **(extra_globals or {}))
    environment.filters.update(FILTERS)
    return environment
