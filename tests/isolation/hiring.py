"""Hiring among the traffic: candidates full of canaries, who come as guests, and strangers who apply."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import httpx
from litestar import Litestar

from modules.recruiting.models import Interview, Offer, Slot
from ops.hosted import Hosted
from tests.application import browser
from tests.factories.records import granted
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren import guests
from zhiren.clock import today
from zhiren.context import Context, TenantRef
from zhiren.ids import new_id
from zhiren.web.csrf import token_for

if TYPE_CHECKING:
    from tests.isolation.houses import House, Watch

_CSRF: Final = re.compile(r'<meta name="csrf-token" content="([0-9a-f]+)"')
_CAREERS: Final = ("/careers", "/careers/{slug}", "/careers/{slug}/apply", "/careers-feed.xml", "/careers-sitemap.xml")
_PORTAL: Final = ("/portal", "/portal/me", "/portal/me/copy", "/portal/onboarding")
_OFFICE: Final = ("/recruiting/candidates", "/recruiting/jobs", "/api/v1/recruiting/jobs", "/records/employees", "/")


@dataclass
class Applicant:
    """``token`` stands in all that is this candidate's and in nothing another candidate may see."""

    candidate_id: UUID
    token: str
    application_id: UUID
    interview_id: UUID
    offer_id: UUID
    slot_id: UUID
    client: httpx.AsyncClient | None = None

    @property
    def pages(self) -> tuple[str, str]:
        return f"/portal/interviews/{self.interview_id}", f"/portal/offers/{self.offer_id}"


@dataclass
class Hiring:
    job_ids: list[UUID] = field(default_factory=list)
    slugs: list[str] = field(default_factory=list)
    applicants: list[Applicant] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        found = list(self.job_ids)
        for one in self.applicants:
            found += [one.candidate_id, one.application_id, one.interview_id, one.offer_id, one.slot_id]
        return found

    def known(self, name: str) -> list[UUID] | list[str]:
        """Ids by the name under which addresses ask for them; none for names of others."""
        if name == "job_id":
            return self.job_ids
        if name == "slug":
            return self.slugs
        return [getattr(one, name) for one in self.applicants if name.endswith("_id") and hasattr(one, name)]


async def furnish_hiring(ctx: Context, tenant: TenantRef, watch: Watch, chance: random.Random, token: str) -> Hiring:
    """An open job, and two candidates with an interview to choose and an offer each."""
    ctx = ctx.with_actor(granted("recruiting.hire", "recruiting.manage", "recruiting.offer"))
    hiring = Hiring()
    job = await make_job(ctx, title=f"工程师 {token}", duties=f"负责 {token}", listed=True)
    hiring.job_ids.append(job.id)
    hiring.slugs.append(job.slug)
    for _ in range(2):
        own = "cnry" + chance.randbytes(6).hex()
        mobile = f"1{chance.randrange(30, 100)}{chance.randrange(10**8):08}"
        candidate = await make_candidate(ctx, name=f"李 {own}", mobile=mobile, resume_text=f"简历 {own} 电话 {mobile}")
        application = await make_application(ctx, job=job, candidate=candidate, stage="interview")
        interview = Interview(application_id=application.id, round="r1", name="初试", place=own, uid=str(new_id()))
        offer = Offer(
            application_id=application.id, number=f"O-{own}", title=f"工程师 {own}", unit_id=job.unit_id,
            start_on=today(), state="sent", sent_at=datetime.now(UTC), expires_at=datetime.now(UTC) + timedelta(days=9),
        )  # fmt: skip
        ctx.session.add_all([interview, offer])
        await ctx.session.flush()
        at = datetime.now(UTC) + timedelta(days=2)
        slot = Slot(
            job_id=job.id, round="r1", proposed_to_id=interview.id, starts_at=at, ends_at=at + timedelta(hours=1)
        )
        ctx.session.add(slot)
        await ctx.session.flush()
        one = Applicant(candidate.id, own, application.id, interview.id, offer.id, slot.id)
        hiring.applicants.append(one)
        watch.belongs(tenant.id, [own, mobile])
    watch.belongs(tenant.id, hiring.ids)
    return hiring


async def open_portals(parts: Hosted, app: Litestar, house: House) -> None:
    """Every candidate logged in as a guest, with the proof of their own pages."""
    cookie = "zhiren_guest_candidate"
    async with parts.database.tenant(house.tenant) as ctx:
        for one in house.hiring.applicants:
            token = await guests.open_session(ctx, "candidate", one.candidate_id, name=one.token)
            one.client = browser(app, house.tenant, headers={"X-CSRF-Token": token_for(token)})
            one.client.cookies.set(cookie, token)


class HiringTraffic:
    """What candidates and strangers ask for. Mixed into ``Traffic``, whose chance, watch and answers it uses."""

    app: Litestar | None
    chance: random.Random
    watch: Watch
    other: Callable[[House], House]
    _answered: Callable[[str, House, httpx.Response], None]

    async def career(self, house: House) -> None:
        """The site that anybody reads; a job of another customer's is not there."""
        assert self.app is not None
        there = self.chance.choice((house, self.other(house)))
        path = self.chance.choice(_CAREERS).replace("{slug}", there.hiring.slugs[0])
        async with browser(self.app, house.tenant, headers={"accept": "text/html"}) as anybody:
            answer = await anybody.get(path)
        self._answered(f"career {path}", house, answer)
        for one in house.hiring.applicants:
            self.watch.expect(one.token not in answer.text, f"anybody reads of a candidate at {path}")

    async def apply(self, house: House) -> None:
        assert self.app is not None
        token = "cnry" + self.chance.randbytes(6).hex()
        mobile = f"1{self.chance.randrange(30, 100)}{self.chance.randrange(10**8):08}"
        self.watch.belongs(house.tenant.id, [token, mobile])
        path = f"/careers/{house.hiring.slugs[0]}/apply"
        async with browser(self.app, house.tenant, headers={"accept": "text/html"}) as anybody:
            shown = await anybody.get(path)
            self._answered(f"career {path}", house, shown)
            found = _CSRF.search(shown.text)
            if found is None:
                return
            form = {"name": f"赵 {token}", "mobile": mobile, "consent": "1", "act": "send", "csrf_token": found[1]}
            answer = await anybody.post(path, data=form, headers={"X-CSRF-Token": found[1]})
            self._answered(f"apply {path}", house, answer)
            if answer.status_code == 303 and answer.headers["location"] == "/portal":
                mine = await anybody.get("/portal")
                self._answered("portal new", house, mine)
                self._of_nobody_else("/portal", house, None, mine)

    async def portal(self, house: House) -> None:
        me = self.chance.choice(house.hiring.applicants)
        assert me.client is not None
        path = self.chance.choice((*_PORTAL, *me.pages))
        answer = await me.client.get(path, headers={"accept": "text/html"})
        self._answered(f"portal {path}", house, answer)
        if answer.status_code != 503:
            allowed = answer.status_code == 200 or path == "/portal/onboarding"
            self.watch.expect(allowed, f"a candidate's own {path} answers {answer.status_code}")
        self._of_nobody_else(path, house, me, answer)

    async def other_candidate(self, house: House) -> None:
        """What is another candidate's, here or at another customer's, is not there for this one."""
        me = self.chance.choice(house.hiring.applicants)
        assert me.client is not None
        there = self.chance.choice((house, self.other(house)))
        they = self.chance.choice([one for one in there.hiring.applicants if one is not me])
        act = self.chance.choice(
            (
                *(("GET", path, {}) for path in they.pages),
                ("GET", f"{they.pages[1]}/letter", {}),
                ("POST", f"{they.pages[0]}/choose", {"slot": str(they.slot_id)}),
                ("POST", f"{they.pages[0]}/cancel", {"reason": "x"}),
                ("POST", f"{they.pages[1]}/decline", {"reason": "x"}),
                ("POST", f"/portal/applications/{they.application_id}/withdraw", {"reason": "x"}),
                ("POST", f"/portal/applications/{they.application_id}/survey", {"score": "1"}),
            )
        )
        method, path, form = act
        answer = await me.client.request(method, path, data=form or None, headers={"accept": "application/json"})
        said = answer.text.replace(path, "")
        for asked in map(str, there.hiring.ids):  # the address that was asked for may be repeated
            if asked in path:
                said = said.replace(asked, "")
        self._answered(f"other-candidate {path}", house, httpx.Response(answer.status_code, text=said))
        refused = answer.status_code in (403, 404, 409, 422, 503)
        self.watch.expect(refused, f"{method} {path} of another candidate answers {answer.status_code}")
        self._of_nobody_else(path, house, me, answer)

    async def guest_elsewhere(self, house: House) -> None:
        """A candidate's cookie opens nothing at another customer's, and no office page of this one."""
        me = self.chance.choice(house.hiring.applicants)
        assert me.client is not None
        there = self.other(house)
        accept = {"accept": "application/json"}
        answer = await me.client.get("/portal", headers={**accept, "host": f"{there.tenant.slug}.localhost"})
        self.watch.look("guest-elsewhere", there.tenant.id, answer.text)
        self.watch.expect(answer.status_code in (401, 503), f"a guest's cookie elsewhere: {answer.status_code}")
        path = self.chance.choice(_OFFICE)
        inside = await me.client.get(path, headers=accept)
        self._answered(f"office {path}", house, inside)
        self.watch.expect(inside.status_code in (401, 403, 503), f"a guest at {path}: {inside.status_code}")

    def _of_nobody_else(self, path: str, house: House, me: Applicant | None, answer: httpx.Response) -> None:
        for one in house.hiring.applicants:
            seen = one is not me and one.token in answer.text
            self.watch.expect(not seen, f"a candidate reads of another at {path}")
