"""Somebody in a video call, and what really reaches them: measured in their browser, not asked of our page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.browser.window import Window, window

#: a camera that shows a moving picture and a microphone that beeps, both without asking; connections may go over the
#: loopback interface, so that a call comes about whatever network the machine has, or none
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)
#: granted for good, as people do: without it Chromium hides addresses behind names that it asks the network for
GRANTED = ("camera", "microphone")
#: keeps hold of every connection the page makes; the page knows nothing of it
_LISTEN = """
  window.calls = [];
  const Made = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Made {
    constructor(...options) { super(...options); this.offers = 0; window.calls.push(this); }
    restartIce() { this.offers += 1; super.restartIce(); }
  };
"""
_MEASURE = """async () => {
  const found = {frames: 0, energy: 0, bytes: 0, pairs: [], pictures: []};
  for (const call of window.calls) {
    if (call.connectionState === 'closed') continue;
    const stats = await call.getStats();
    for (const one of stats.values()) {
      if (one.type === 'inbound-rtp' && one.kind === 'video') found.frames += one.framesDecoded ?? 0;
      if (one.type === 'inbound-rtp' && one.kind === 'audio') {
        found.energy += one.totalAudioEnergy ?? 0;
        found.bytes += one.bytesReceived ?? 0;
      }
      if (one.type === 'transport' && one.selectedCandidatePairId) {
        const pair = stats.get(one.selectedCandidatePairId);
        const ends = [pair.localCandidateId, pair.remoteCandidateId];
        found.pairs.push(ends.map((id) => stats.get(id)?.candidateType));
      }
    }
  }
  for (const video of document.querySelectorAll('.zm-tile:not([data-own]) video')) {
    const canvas = document.createElement('canvas');
    canvas.width = 64; canvas.height = 48;
    const pen = canvas.getContext('2d');
    if (video.videoWidth) pen.drawImage(video, 0, 0, 64, 48);
    const points = [...pen.getImageData(0, 0, 64, 48).data];
    found.pictures.push(points.reduce((sum, value, at) => (sum * 31 + value * (at % 7 + 1)) % 1000003, 7));
  }
  return found;
}"""
#: how far each connection came, and what it has found of ways
_STATE = """async () => Promise.all(window.calls.map(async (call) => {
  const found = {};
  for (const one of (await call.getStats()).values()) {
    if (!one.type.startsWith('candidate') && !one.type.endsWith('candidate')) continue;
    const kind = `${one.type} ${one.candidateType ?? one.state}`;
    found[kind] = (found[kind] ?? 0) + 1;
  }
  const name = (said) => /a=ice-ufrag:(\\S+)/.exec(said?.sdp ?? '')?.[1];
  return [call.connectionState, call.iceConnectionState, call.iceGatheringState, call.signalingState,
    name(call.localDescription), name(call.remoteDescription), call.offers ?? 0, found];
}))"""


@dataclass(frozen=True)
class Sample:
    """What has arrived so far: decoded frames, energy of sound (RFC 6464 units x seconds), and the pictures now."""

    frames: int
    energy: float
    bytes: int
    pairs: list[list[str]]
    pictures: list[int]


@dataclass
class Caller:
    window: Window

    @property
    def page(self) -> Page:
        return self.window.page

    async def measure(self) -> Sample:
        return Sample(**await self.page.evaluate(_MEASURE))

    async def join(self) -> None:
        await self.page.locator('[data-act="join"]').click()

    async def let_in(self, name: str) -> None:
        await self.page.locator(".zm-knock", has_text=name).get_by_role("button").click()

    async def _found_nothing(self) -> bool:
        """Connections there are, and the browser has found no way for any of them, not even of its own machine."""
        ways = [one[-1] for one in await self.page.evaluate(_STATE) if one[0] != "closed"]
        return bool(ways) and not any(key.startswith("local-candidate") for found in ways for key in found)

    async def sees_and_hears(
        self, *, within_s: float = 90, frames: int = 10, people: int = 1, still: int = 0
    ) -> Sample:
        """Until in two seconds pictures of ``people`` others move and sound is heard; ``still`` are shown and send no
        picture. Raises AssertionError."""
        now = asyncio.get_running_loop().time
        deadline, begun, anew = now() + within_s, now(), False
        before = after = await self.measure()
        while now() < deadline:
            await asyncio.sleep(2)
            if not anew and now() > begun + 25 and await self._found_nothing():
                # Chromium's, and not ours: people are told to load the page anew, and do
                anew = True
                await self.page.reload()
                await expect(self.page.locator('[data-act="join"]')).to_be_enabled()
                await self.join()
            before, after = after, await self.measure()
            shown = len(after.pictures) == len(before.pictures) == people + still
            moving = [now != then for now, then in zip(after.pictures, before.pictures, strict=False)]
            if (
                shown
                and sum(moving) >= people
                and after.frames >= before.frames + frames
                and after.energy > before.energy
            ):
                return after
        how = await self.page.evaluate(_STATE)
        raise AssertionError(f"no moving picture or no sound within {within_s} s: {before} -> {after}; {how}")


async def listen(found: Window) -> None:
    """What pages opened in this window send and receive can be measured; it has camera and microphone."""
    await found.page.context.grant_permissions(list(GRANTED))
    await found.page.add_init_script(_LISTEN)


@asynccontextmanager
async def caller(
    browser: Browser, url: str, path: str, cookies: dict[str, str], **options: Any
) -> AsyncIterator[Caller]:
    """Somebody's window at the door of the room; ``options`` are those of ``window``."""
    async with window(browser, url, cookies=cookies, **options) as found:
        await listen(found)
        await found.page.goto(path)
        await expect(found.page.locator('[data-act="join"]')).to_be_enabled()
        yield Caller(found)
