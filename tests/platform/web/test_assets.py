"""What a page makes a phone fetch, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform.web.fakes import client_of, make_app
from zhiren.web.assets import DIST, Assets
from zhiren.web.gallery import HANDLERS

ROOT = Path(__file__).parents[3]
BUDGET_BYTES = 300_000
ASSETS = DIST.parents[1] / "assets"

built = pytest.mark.skipif(not Assets().built, reason="front-end files are not built: npm ci && npm run build")


def templates() -> Iterator[Path]:
    for package in ("platform/zhiren", "tenants", "licensing", "modules", "ops", "appliance"):
        yield from (ROOT / package).rglob("templates/**/*.html")


def test_every_icon_named_in_a_template_is_on_the_sprite() -> None:
    known = {line.strip() for line in (ASSETS / "icons.txt").read_text().splitlines()}
    used = {
        (name, path.name)
        for path in templates()
        for name in re.findall(r"""icon\(["']([a-z0-9-]+)["']""", path.read_text())
    }
    assert used
    assert {(name, file) for name, file in used if name not in known} == set()


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    """What the content security policy would refuse in silence."""
    wrong = re.compile(r"""<style|\sstyle=|<script(?![^>]*\ssrc=)(?![^>]*application/(?:ld\+)?json)|\son[a-z]+=["']""")
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in templates()
        # documents for print are not sent to browsers
        if "pdf" not in path.name and "print" not in path.name and "document" not in path.parts
        for match in wrong.finditer(path.read_text())
    }
    assert found == set()


def test_lock_file_has_no_addresses() -> None:
    lock = (ASSETS / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "http" not in re.sub(r'"url": "[^"]*"', "", lock)
    assert '"integrity": "sha512-' in lock


@built
async def test_page_stays_within_the_budget() -> None:
    """All of the script and style of the heaviest page, its charts included, as they travel."""
    async with client_of(make_app(HANDLERS), "x") as client:
        html = (await client.get("/kit", headers={"accept": "text/html"})).text
        names = set(re.findall(r'/static/([^"#]+\.(?:js|css))"', html))
        assert len(names) == 3
        names |= {path.name for path in DIST.glob("chunk-*.js")}
        total = 0
        for name in names:
            response = await client.get(f"/static/{name}", headers={"accept-encoding": "br, gzip"})
            assert response.headers["content-encoding"] == "br"
            assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
            total += len((DIST / f"{name}.br").read_bytes())
    assert total <= BUDGET_BYTES, total


@built
@pytest.mark.parametrize(
    "name", ["app.css", "app.js", "theme.js", "icons.svg", "logo.svg", "icon-192.png", "icon-512.png"]
)
async def test_named_files_are_there(name: str) -> None:
    assets = Assets()
    async with client_of(make_app()) as client:
        response = await client.get(assets.url(name))
    assert response.status_code == 200
    assert re.fullmatch(r"/static/.+\.[A-Za-z0-9]{8,10}\.[a-z]+", assets.url(name))


@built
async def test_installable_as_an_app() -> None:
    async with client_of(make_app()) as client:
        manifest = (await client.get("/manifest.webmanifest")).json()
        worker = await client.get("/sw.js")
        offline = await client.get("/offline")
        for icon in manifest["icons"]:
            assert (await client.get(icon["src"])).headers["content-type"] == "image/png"
    assert manifest["display"] == "standalone"
    assert worker.headers["cache-control"] == "no-cache"
    assert worker.headers["content-type"].startswith("text/javascript")
    assert Assets().url("app.css") in worker.text
    assert offline.status_code == 200


@pytest.mark.parametrize("name", ["../../app.py", "%2e%2e/%2e%2e/app.py", "manifest.json", "nothing.js", "/etc/passwd"])
async def test_only_built_files_are_served(name: str) -> None:
    async with client_of(make_app()) as client:
        assert (await client.get(f"/static/{name}")).status_code == 404
