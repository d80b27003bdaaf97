"""``zhiren resumes``: how well résumés are read, for anybody to check."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import click

from modules.recruiting.resumes import check as checking
from modules.recruiting.resumes import corpus
from zhiren.i18n import _


@click.group("resumes", help=_("简历识别。"))
def resumes() -> None: ...


@resumes.command(
    "check", help=_("生成 40 份虚构简历（十种版式），解析后逐项对照，给出每个字段的正确率；没有达到目标以 1 退出。")
)
@click.option("--json", "as_json", is_flag=True, help=_("只输出一个 JSON 对象。"))
@click.option("--layout", multiple=True, type=click.Choice(tuple(corpus.LAYOUTS)), help=_("只查这种版式，可重复。"))
@click.option("--each", default=corpus.PER_LAYOUT, show_default=True, help=_("每种版式几份。"))
@click.option("--seed", default=corpus.SEED, show_default=True, help=_("随机种子：同一种子生成同一批人。"))
def check(as_json: bool, layout: tuple[str, ...], each: int, seed: int) -> None:
    samples = corpus.corpus(layout or tuple(corpus.LAYOUTS), each=each, seed=seed)
    began_s = time.monotonic()
    score = asyncio.run(checking.check(samples))
    took_s = time.monotonic() - began_s
    if as_json:
        click.echo(json.dumps(checking.report(score, samples, took_s), ensure_ascii=False))
    else:
        _print(score, samples, took_s)
    sys.exit(0 if score.met() else 1)


def _print(score: checking.Score, samples: list[corpus.Sample], took_s: float) -> None:
    kinds = {"text": _("文本文件"), "scan": _("扫描件")}
    for kind, aim in (("text", checking.TEXT_AIM), ("scan", checking.SCAN_AIM)):
        if not score.asked[(kind,)]:
            continue
        shares = "  ".join(f"{field} {score.share(kind, field):.0%}" for field in checking.FIELDS)
        total = f"{score.right[(kind,)]}/{score.asked[(kind,)]} {score.share(kind):.1%}"
        click.echo(f"{kinds[kind]}  {total}  ({_('目标')} {aim:.0%})  {shares}")
    for layout in dict.fromkeys(sample.layout for sample in samples):
        click.echo(f"  {layout:<10} {score.share('layout', layout):.1%}")
    for wrong in score.wrong:
        detail = _("应为 {expected}，读成 {got}", expected=str(wrong.expected), got=str(wrong.got))
        click.echo(f"  ✗ {wrong.file}  {wrong.field}  {detail}")
    click.echo(_("{count} 份，用时 {seconds} 秒。", count=len(samples), seconds=f"{took_s:.0f}"))
