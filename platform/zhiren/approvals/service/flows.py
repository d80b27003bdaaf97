"""Drawing flows: draft, try, publish, look back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from zhiren import audit
from zhiren.approvals import kinds, repository
from zhiren.approvals.errors import FlowInvalid, FlowNotFound
from zhiren.approvals.kinds import ApprovalKind
from zhiren.approvals.models import Flow, FlowVersion
from zhiren.approvals.rules import document as documents
from zhiren.approvals.rules import editing
from zhiren.approvals.rules.document import Document, Signer
from zhiren.approvals.rules.planning import Plan, plan
from zhiren.approvals.schemas import StepView
from zhiren.approvals.service import views
from zhiren.approvals.service.gathering import gather
from zhiren.approvals.service.starting import rows_of
from zhiren.context import Context
from zhiren.errors import PreconditionFailed
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.people import accounts, one, role_list


class FlowLine(msgspec.Struct, frozen=True):
    """A kind in the list: which version is in force (0 is the built-in flow), whether a draft waits, cases running."""

    kind: str
    title: str
    number: int
    draft: bool
    running: int


def known(kind: str) -> ApprovalKind:
    """Raises FlowNotFound."""
    found = kinds.find(kind)
    if found is None:
        raise FlowNotFound(_("没有这种申请。"))
    return found


async def every(ctx: Context) -> list[FlowLine]:
    running = await repository.running_by_kind(ctx.session)
    flows = await repository.flows(ctx.session)
    lines = []
    for kind in kinds.every():
        number, draft = flows.get(kind.name, (0, False))
        lines.append(FlowLine(kind.name, _(kind.title), number, draft, running.get(kind.name, 0)))
    return lines


async def drawing(ctx: Context, kind: str) -> tuple[Document, int, bool]:
    """What is being drawn: the draft, else what is in force; the draft's version, and whether there is a draft."""
    known(kind)
    flow = await repository.flow(ctx.session, kind)
    if flow is not None and flow.draft is not None:
        return documents.load(flow.draft), flow.version, True
    return await in_force(ctx, kind), flow.version if flow is not None else 0, False


async def in_force(ctx: Context, kind: str) -> Document:
    newest = await repository.newest_version(ctx.session, kind)
    return documents.load(newest.document) if newest is not None else documents.BUILT_IN


async def save(ctx: Context, kind: str, document: Document, version: int) -> Flow:
    """Keeps the draft, complete or not. Raises PreconditionFailed when somebody else has drawn since ``version``."""
    known(kind)
    await repository.one_flow_at_a_time(ctx.session, kind)
    flow = await repository.flow(ctx.session, kind)
    if (flow.version if flow is not None else 0) != version:
        raise PreconditionFailed(_("别人刚刚改过这个流程。"), hint=_("请刷新页面，在最新的草稿上修改。"))
    if flow is None:
        flow = Flow(kind=kind)
        ctx.session.add(flow)
    flow.draft = documents.dump(await named(ctx, document))
    await ctx.session.flush()
    audit.record(ctx, "approvals.flow.update", object_type="approvals.flow", object_id=flow.id, fields=["draft"])
    return flow


async def publish(ctx: Context, kind: str, document: Document, version: int) -> FlowVersion:
    """From now on new requests go this way; those running end as they began. Raises FlowInvalid with what is wrong by
    field, and as ``save``."""
    wrong = await problems(ctx, kind, document)
    if wrong:
        raise FlowInvalid(_("流程还不能发布，请改好标出的地方。"), fields=wrong)
    flow = await save(ctx, kind, document, version)
    newest = await repository.newest_version(ctx.session, kind)
    row = FlowVersion(
        flow_id=flow.id,
        number=newest.number + 1 if newest is not None else 1,
        document=flow.draft or {},
        published_by_id=ctx.actor.user_id,
        published_by_name=ctx.actor.name,
    )
    ctx.session.add(row)
    flow.draft = None
    await ctx.session.flush()
    audit.record(
        ctx,
        "approvals.flow.publish",
        object_type="approvals.flow",
        object_id=flow.id,
        changes={"version": (row.number - 1, row.number)},
    )
    return row


async def take_up(ctx: Context, kind: str, number: int) -> None:
    """An older version becomes the draft. Raises FlowNotFound."""
    row = await version(ctx, kind, number)
    flow = await repository.flow(ctx.session, kind)
    await save(ctx, kind, documents.load(row.document), flow.version if flow is not None else 0)


async def version(ctx: Context, kind: str, number: int) -> FlowVersion:
    known(kind)
    found = next((row for row in await repository.versions(ctx.session, kind) if row.number == number), None)
    if found is None:
        raise FlowNotFound(_("没有这个版本。"))
    return found


async def versions(ctx: Context, kind: str) -> Sequence[FlowVersion]:
    """The newest first."""
    return await repository.versions(ctx.session, kind)


async def problems(ctx: Context, kind: str, document: Document) -> dict[str, str]:
    """By field of the form; empty when the flow may be published."""
    return editing.problems(document, known(kind).facts, dict(await role_list(ctx)))


async def tried(
    ctx: Context, kind: str, document: Document, user_id: UUID, facts: Mapping[str, Any]
) -> tuple[list[StepView], bool]:
    """How a request of this person would go, and whether there is nobody to sign; nothing is kept."""
    what = known(kind)
    person = await one(ctx, user_id)
    if person is None:
        raise FlowInvalid(_("请选择一个人。"), fields={"to": _("请选择")})
    values = kinds.plain(what, facts)
    people = await gather(
        ctx, document, what, values, user_id=person.id, employee_id=person.employee_id, name=person.name
    )
    planned = plan(document, values, people)
    return await _steps(ctx, planned), planned.nobody


async def _steps(ctx: Context, planned: Plan) -> list[StepView]:
    rows = rows_of(new_id(), planned)
    titles = await views.role_titles(ctx, {row.role for row in rows if row.role})
    return views.steps(rows, titles, ())


async def named(ctx: Context, document: Document) -> Document:
    """With the names of the people it asks, as they are now."""
    ids = {
        signer.person_id
        for stage in document.stages
        for step in stage.steps
        for signer in step.signers
        if signer.person_id is not None
    }
    found = await accounts(ctx, ids)

    def called(signer: Signer) -> Signer:
        account = found.get(signer.person_id) if signer.person_id is not None else None
        return msgspec.structs.replace(signer, person_name=account.name) if account is not None else signer

    stages = tuple(
        documents.Stage(
            tuple(
                msgspec.structs.replace(step, signers=tuple(called(signer) for signer in step.signers))
                for step in stage.steps
            )
        )
        for stage in document.stages
    )
    return msgspec.structs.replace(document, stages=stages)
