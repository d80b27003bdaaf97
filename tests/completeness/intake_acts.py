"""Acts on résumés that were taken in."""

from __future__ import annotations

from modules.recruiting.models import Resume
from modules.recruiting.service import intake
from tests.completeness.stage import Acts, Ready, Stage, form
from tests.factories.recruiting import make_candidate
from tests.modules.recruiting.resumes.hostile import GOOD
from zhiren.context import Context
from zhiren.ids import new_id

_BASE, _ONE, _BOX = "/recruiting/intake", "/recruiting/resumes/{resume_id}", "/recruiting/mailbox"


def some_file() -> tuple[str, bytes]:
    return "简历.txt", f"{GOOD}编号：{new_id()}\n".encode()


async def kept(stage: Stage) -> Resume:
    """A file that waits."""

    async def put(ctx: Context) -> Resume:
        name, data = some_file()
        return (await intake.keep(ctx, new_id(), name=name, data=data)).resume

    found: Resume = await stage.in_tenant(put)
    return found


async def send(stage: Stage) -> Ready:
    client = (await stage.as_role("hr")).client
    options = {"data": {"batch": str(new_id())}, "files": {"files": some_file()}}
    return Ready(client, f"{_BASE}/files", options)


async def begin(stage: Stage) -> Ready:
    client = (await stage.as_role("hr")).client
    options = {"data": {"batch": str(new_id())}, "files": {"files": some_file()}}
    return Ready(client, _BASE, options)


async def go_on(stage: Stage) -> Ready:
    found = await kept(stage)
    return form((await stage.as_role("hr")).client, f"{_BASE}/{found.batch_id}/read")


async def paste(stage: Stage) -> Ready:
    return form((await stage.as_role("hr")).client, f"{_BASE}/paste", text=some_file()[1].decode())


async def save(stage: Stage) -> Ready:
    found = await kept(stage)
    client = (await stage.as_role("hr")).client
    return form(client, f"/recruiting/resumes/{found.id}", name="新人", mail=f"{new_id().hex}@mail.test")


async def attach(stage: Stage) -> Ready:
    found, person = await kept(stage), await stage.in_tenant(make_candidate)
    client = (await stage.as_role("hr")).client
    return form(client, f"/recruiting/resumes/{found.id}/attach", candidate=str(person.id))


async def delete(stage: Stage) -> Ready:
    found = await kept(stage)
    return form((await stage.as_role("hr")).client, f"/recruiting/resumes/{found.id}/delete")


async def set_mailbox(stage: Stage) -> Ready:
    client = (await stage.as_role("hr")).client
    return form(client, _BOX, host="imap.example.com", user="jobs", password="x" * 12)


async def fetch(stage: Stage) -> Ready:
    return form((await stage.as_role("hr")).client, f"{_BOX}/fetch")


async def stop(stage: Stage) -> Ready:
    ready = await set_mailbox(stage)
    assert (await ready.client.post(ready.path, **ready.options)).status_code == 303
    return form(ready.client, f"{_BOX}/stop")


ACTS: Acts = {
    f"POST {_BOX}": set_mailbox,
    f"POST {_BOX}/fetch": fetch,
    f"POST {_BOX}/stop": stop,
    f"POST {_BASE}": begin,
    f"POST {_BASE}/files": send,
    f"POST {_BASE}/paste": paste,
    f"POST {_BASE}/{{batch_id}}/read": go_on,
    f"POST {_ONE}": save,
    f"POST {_ONE}/attach": attach,
    f"POST {_ONE}/delete": delete,
}
