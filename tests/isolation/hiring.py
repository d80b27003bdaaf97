"""Hiring among the traffic: guests (candidates, agencies) full of canaries, colleagues who recommend, strangers.

Beside the ways people go, every route there is is asked for with ids that are somebody else's: by each kind of guest
for the guests' routes, by staff for whatever changes something. A new route is in the traffic as soon as it exists."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import httpx
from litestar import Litestar

from modules.recruiting.models import Agency, AgencyMember, Interview, Offer, Slot
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
_AGENCY: Final = ("/agency", "/agency/jobs/{job_id}")
#: ends the guest's own way in: not asked for, since it would end the traffic
_LAST: Final = ("/portal/logout", "/agency/logout")
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

    kind = "candidate"

    @property
    def pages(self) -> tuple[str, ...]:
        return f"/portal/interviews/{self.interview_id}", f"/portal/offers/{self.offer_id}"

    @property
    def paths(self) -> tuple[str, ...]:
        """What there is for this guest to look at."""
        return (*_PORTAL, *self.pages)

    @property
    def ids(self) -> list[UUID]:
        return [self.candidate_id, self.application_id, self.interview_id, self.offer_id, self.slot_id]


@dataclass
class Broker:
    """Somebody of an agency: ``token`` stands in its name, in a job opened to it alone and in whom it brought."""

    agency_id: UUID
    member_id: UUID
    token: str
    job_id: UUID
    candidate_id: UUID
    application_id: UUID
    client: httpx.AsyncClient | None = None

    kind = "agency"

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path.replace("{job_id}", str(self.job_id)) for path in _AGENCY)

    @property
    def ids(self) -> list[UUID]:
        return [self.agency_id, self.member_id, self.job_id, self.candidate_id, self.application_id]


Visitor = Applicant | Broker


@dataclass
class Hiring:
    job_ids: list[UUID] = field(default_factory=list)
    slugs: list[str] = field(default_factory=list)
    applicants: list[Applicant] = field(default_factory=list)
    brokers: list[Broker] = field(default_factory=list)
    #: canaries in whom a colleague recommended; the first is by the employee who logs in
    recommended: list[str] = field(default_factory=list)

    @property
    def guests(self) -> list[Visitor]:
        return [*self.applicants, *self.brokers]

    @property
    def ids(self) -> list[UUID]:
        return [*self.job_ids, *(each for one in self.guests for each in one.ids)]

    @property
    def confidential(self) -> list[str]:
        """What the employee who logs in reads nowhere."""
        return [*(one.token for one in self.guests), *self.recommended[1:]]

    def known(self, name: str) -> list[UUID] | list[str]:
        """Ids by the name under which addresses ask for them; none for names of others."""
        if name == "job_id":
            return self.job_ids
        if name == "slug":
            return self.slugs
        return [getattr(one, name) for one in self.guests if name.endswith("_id") and hasattr(one, name)]


async def furnish_hiring(ctx: Context, tenant: TenantRef, watch: Watch, chance: random.Random, token: str) -> Hiring:
    """An open job; two candidates with an interview to choose and an offer each; two agencies, each with somebody."""
    ctx = ctx.with_actor(granted("recruiting.hire", "recruiting.manage", "recruiting.offer"))
    hiring = Hiring()
    job = await make_job(ctx, title=f"工程师 {token}", duties=f"负责 {token}", listed=True)
    hiring.job_ids.append(job.id)
    hiring.slugs.append(job.slug)
    for _ in range(2):
        own, mobile = _canary(chance), _mobile(chance)
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
    for _ in range(2):
        own, mobile = _canary(chance), _mobile(chance)
        agency = Agency(name=f"猎头 {own}")
        ctx.session.add(agency)
        await ctx.session.flush()
        member = AgencyMember(agency_id=agency.id, name=f"顾问 {own}", mail=f"{own}@agency.test")
        ctx.session.add(member)
        theirs = await make_job(ctx, title=f"保密职位 {own}", agency_ids=[agency.id], listed=False)
        candidate = await make_candidate(
            ctx, name=f"孙 {own}", mobile=mobile, agency_id=agency.id, owned_until=today() + timedelta(days=90)
        )
        application = await make_application(ctx, job=theirs, candidate=candidate, agency_id=agency.id)
        await ctx.session.flush()
        hiring.brokers.append(Broker(agency.id, member.id, own, theirs.id, candidate.id, application.id))
        watch.belongs(tenant.id, [own, mobile])
    watch.belongs(tenant.id, hiring.ids)
    return hiring


def _canary(chance: random.Random) -> str:
    return "cnry" + chance.randbytes(6).hex()


def _mobile(chance: random.Random) -> str:
    return f"1{chance.randrange(30, 100)}{chance.randrange(10**8):08}"


async def recommend(
    ctx: Context, hiring: Hiring, referrer_ids: Sequence[UUID], watch: Watch, chance: random.Random
) -> None:
    """Each of these colleagues has recommended somebody."""
    ctx = ctx.with_actor(granted("recruiting.hire", "recruiting.manage"))
    for referrer_id in referrer_ids:
        own, mobile = _canary(chance), _mobile(chance)
        candidate = await make_candidate(ctx, name=f"周 {own}", mobile=mobile)
        await make_application(ctx, candidate=candidate, referrer_id=referrer_id)
        hiring.recommended.append(own)
        watch.belongs(ctx.tenant.id, [own, mobile, candidate.id])


async def open_portals(parts: Hosted, app: Litestar, house: House) -> None:
    """Every guest logged in, with the proof of their own pages."""
    async with parts.database.tenant(house.tenant) as ctx:
        for one in house.hiring.guests:
            guest_id = one.candidate_id if isinstance(one, Applicant) else one.member_id
            token = await guests.open_session(ctx, one.kind, guest_id, name=one.token)
            one.client = browser(app, house.tenant, headers={"X-CSRF-Token": token_for(token)})
            one.client.cookies.set(f"zhiren_guest_{one.kind}", token)


def guest_routes(app: Litestar) -> list[tuple[str, str, str]]:
    """(kind, method, path) of every route of guests that names something by its id."""
    found = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            who, _colon, kind = str(handler.opt.get("permission", "")).partition(":")
            if who == "guest" and "_id:" in route.path and route.path not in _LAST:
                found |= {(kind, method, route.path) for method in handler.http_methods - {"OPTIONS", "HEAD"}}
    return sorted(found)


def staff_acts(app: Litestar) -> list[tuple[str, str]]:
    """(method, path) of every route of staff that changes something named by its id."""
    found = set()
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            guests_own = str(handler.opt.get("permission", "")).startswith("guest:")
            if "_id:" in route.path and not guests_own:
                found |= {(method, route.path) for method in handler.http_methods - {"OPTIONS", "HEAD", "GET"}}
    return sorted(found)


class HiringTraffic:
    """What candidates and strangers ask for. Mixed into ``Traffic``, whose chance, watch and answers it uses."""

    app: Litestar | None
    chance: random.Random
    watch: Watch
    other: Callable[[House], House]
    _answered: Callable[[str, House, httpx.Response], None]
    _filled: Callable[[str, House], str]
    _accept: Callable[[], dict[str, str]]
    _guest_routes: list[tuple[str, str, str]]
    _staff_acts: list[tuple[str, str]]

    async def career(self, house: House) -> None:
        """The site that anybody reads; a job of another customer's is not there."""
        assert self.app is not None
        there = self.chance.choice((house, self.other(house)))
        path = self.chance.choice(_CAREERS).replace("{slug}", there.hiring.slugs[0])
        async with browser(self.app, house.tenant, headers={"accept": "text/html"}) as anybody:
            answer = await anybody.get(path)
        self._answered(f"career {path}", house, answer)
        for token in (*house.hiring.confidential, *house.hiring.recommended):
            self.watch.expect(token not in answer.text, f"anybody reads of a candidate at {path}")

    async def apply(self, house: House) -> None:
        assert self.app is not None
        token, mobile = _canary(self.chance), _mobile(self.chance)
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
        """A candidate's or an agency's own pages."""
        me = self.chance.choice(house.hiring.guests)
        assert me.client is not None
        path = self.chance.choice(me.paths)
        answer = await me.client.get(path, headers={"accept": "text/html"})
        self._answered(f"portal-{me.kind} {path}", house, answer)
        if answer.status_code != 503:
            allowed = answer.status_code == 200 or path == "/portal/onboarding"
            self.watch.expect(allowed, f"a guest's own {path} answers {answer.status_code}")
            if path == "/agency":
                self.watch.expect(me.token in answer.text, "an agency does not find whom it brought")
        self._of_nobody_else(path, house, me, answer)

    async def foreign_guest(self, house: House) -> None:
        """Every route of guests, asked for with ids that are another guest's, here or at another customer's."""
        kind, method, route = self.chance.choice(self._guest_routes)
        me = self.chance.choice([one for one in house.hiring.guests if one.kind == kind])
        assert me.client is not None
        there = self.chance.choice((house, self.other(house)))
        they = self.chance.choice([one for one in there.hiring.guests if one is not me])
        path = with_ids(route, they.ids, self.chance, they)
        answer = await me.client.request(method, path, data=form_of(they), headers=self._accept())
        self._told(f"foreign-guest {method} {path}", house, there, answer)
        refused = answer.status_code in (400, 403, 404, 409, 413, 422, 503)
        self.watch.expect(refused, f"{method} {path} of another guest answers {answer.status_code}")
        self._of_nobody_else(path, house, me, answer)

    async def foreign_act(self, house: House) -> None:
        """Whatever staff may change, asked for with ids of another customer's: nothing there is to be changed."""
        there = self.other(house)
        method, route = self.chance.choice(self._staff_acts)
        they = self.chance.choice(there.hiring.guests)
        path = self._filled(route, there)
        client = house.clients[self.chance.choice(("admin", "hr", "employee"))]
        headers = self._accept() | {"idempotency-key": str(new_id())}
        if path.startswith("/api/"):
            answer = await client.request(method, path, json=form_of(they), headers=headers)
        else:
            answer = await client.request(method, path, data=form_of(they), headers=headers)
        self._told(f"foreign-act {method} {path}", house, there, answer)

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
        self._told(f"other-candidate {path}", house, there, answer)
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

    def _told(self, where: str, house: House, there: House, answer: httpx.Response) -> None:
        """The answer to somebody who asked for what is ``there``: it may repeat the address and no more."""
        said, headers = answer.text, dict(answer.headers)
        # as they are now: jobs come and go while the answer is waited for
        for asked in {str(thing) for thing in there.ids}.intersection(where.split("/")):
            said = said.replace(asked, "")
            if "location" in headers:  # the way in leads back here
                headers["location"] = headers["location"].replace(asked, "")
        self._answered(where, house, httpx.Response(answer.status_code, headers=headers, text=said))

    def _of_nobody_else(self, path: str, house: House, me: Visitor | None, answer: httpx.Response) -> None:
        for one in house.hiring.guests:
            seen = one is not me and one.token in answer.text
            self.watch.expect(not seen, f"a guest reads of another at {path}")


def with_ids(route: str, ids: list[UUID], chance: random.Random, they: Visitor) -> str:
    """The address with the ids of ``they`` in its braces: by name, else any of theirs."""
    parts = []
    for part in route.split("/"):
        name = part.strip("{}").partition(":")[0]
        known = str(getattr(they, name, chance.choice(ids))) if name.endswith("_id") else "decline"
        parts.append(known if part.startswith("{") else part)
    return "/".join(parts)


def form_of(they: Visitor) -> dict[str, str]:
    """What somebody might send who knows all ids of ``they``."""
    known = {name: str(value) for name, value in vars(they).items() if name.endswith("_id")}
    return known | {"slot": known.get("slot_id", ""), "reason": "x", "act": "send", "score": "1"}
