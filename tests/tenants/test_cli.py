"""``zhiren tenant …`` as an operator types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from ops import hosted
from tenants.cli import Installation, tenant
from tests.catalogue import untranslated
from tests.support import TestServices
from zhiren.settings import Settings


@pytest.fixture(scope="module")
def installation(services: TestServices) -> Installation:
    """A database with nothing in it but what the commands put there."""
    loaded = Settings.load(services.another_database("cli"))

    @contextmanager
    def settings() -> Iterator[Settings]:
        yield loaded

    return Installation(settings=settings, seeds=(hosted.seed,))


def run(installation: Installation, *arguments: str) -> Result:
    return CliRunner().invoke(tenant, arguments, obj=installation)


def test_the_life_of_a_customer(installation: Installation) -> None:
    assert "还没有客户" in run(installation, "list").output
    made = run(installation, "create", "acme", "--name", "艾可美制造有限公司")
    assert made.exit_code == 0, made.output
    assert "http://acme.localhost:8000/" in made.output
    again = run(installation, "create", "acme")
    assert again.exit_code == 1
    assert "已有客户在用" in again.stderr
    assert again.stdout == ""

    [row] = json.loads(run(installation, "list", "--json").stdout)
    assert (row["slug"], row["name"], row["status"]) == ("acme", "艾可美制造有限公司", "active")
    assert json.loads(run(installation, "show", "acme", "--json").stdout)["id"] == row["id"]
    shown = run(installation, "show", "acme").output
    assert "艾可美制造有限公司" in shown
    assert "正常" in shown

    assert "已暂停 acme" in run(installation, "suspend", "acme", "--reason", "欠费").output
    assert "本来就是暂停的" in run(installation, "suspend", "acme").output
    assert "已暂停（欠费）" in run(installation, "show", "acme").output
    assert "已恢复 acme" in run(installation, "resume", "acme").output
    migrated = run(installation, "migrate")
    assert migrated.exit_code == 0
    assert "已是最新 1，失败 0" in migrated.output


@pytest.mark.parametrize(
    "command", [("show", "nobody"), ("suspend", "nobody"), ("resume", "nobody"), ("migrate", "no")]
)
def test_an_unknown_customer(installation: Installation, command: tuple[str, ...]) -> None:
    run(installation, "list")
    refused = run(installation, *command)
    assert refused.exit_code == 1
    assert "没有短名为" in refused.stderr


def test_a_bad_short_name(installation: Installation) -> None:
    refused = run(installation, "create", "Not A Host")
    assert refused.exit_code == 1
    assert "不能用作客户的短名" in refused.stderr


def test_english_is_complete() -> None:
    assert untranslated("tenants") == []
