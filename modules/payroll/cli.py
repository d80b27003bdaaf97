"""``zhiren law``: the law this program pays by, judged by anybody's examples."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from modules.payroll import lawcheck, legal
from zhiren.i18n import _


@click.group("law", help="薪酬规则所依据的法律参数。")
def law() -> None: ...


@law.command("check", help="用发薪所用的同一套规则,逐条判定 FILE 中的算例。有一条不符即以 1 退出,文件不可用以 2 退出。")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="只在标准输出写一个 JSON 对象;未覆盖的原因写到标准错误。")
def check(file: Path, as_json: bool) -> None:
    try:
        examples = lawcheck.read(file)
    except lawcheck.UnreadableFile as error:
        click.echo(_("算例文件不可用:{reason}", reason=error), err=True)
        sys.exit(2)
    tallies = lawcheck.check(legal.load(), examples)
    if as_json:
        click.echo(json.dumps({"topics": {t: tally.document() for t, tally in tallies.items()}}, ensure_ascii=False))
    else:
        _print(tallies)
    for topic, tally in tallies.items():
        for example_id, missing in tally.missing:
            line = _("未覆盖 {topic} {id}:{missing}", topic=topic, id=example_id, missing=missing)
            click.echo(line, err=as_json)
    sys.exit(1 if any(tally.failures for tally in tallies.values()) else 0)


def _print(tallies: Mapping[str, lawcheck.Tally]) -> None:
    width = max((len(topic) for topic in tallies), default=0)
    for topic, tally in tallies.items():
        counts = _(
            "通过 {passed}  不符 {failed}  未覆盖 {missing}",
            passed=tally.passed,
            failed=len(tally.failures),
            missing=len(tally.missing),
        )
        click.echo(f"{topic:<{width}}  {counts}")
        for failure in tally.failures:
            for wrong in failure["differences"]:
                expected, got = json.dumps(wrong["expected"]), json.dumps(wrong["got"])
                detail = _("应为 {expected},算得 {got}", expected=expected, got=got)
                click.echo(f"  {failure['id']}  {wrong['key']}  {detail}")
