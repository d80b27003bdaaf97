"""Two ends of a call in one page, over a line that is late and loses: however they come about, they come together."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser

import zhiren.web
from tests.browser.caller import GRANTED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_SOURCE: Final = Path(zhiren.web.__file__).parent / "assets" / "src" / "meet" / "peer.js"
#: of each one's signals the first ``lost`` never arrive; Anna's end is made anew after ``again_ms``
_CALL: Final = """async ({source, late_ms, lost, again_ms}) => {
  const {Peer} = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
  const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  const ends = {}, said = {anna: 0, bert: 0};
  let made = 0;
  const start = (name, other, polite) => {
    made += 1;
    ends[name] = new Peer({
      id: other, sid: 's', polite, ice: {}, tracks: () => [sound],
      say: (data) => {
        said[name] += 1;
        const text = JSON.stringify(data);
        if (lost[name] >= said[name]) return;
        setTimeout(() => ends[other]?.hear(JSON.parse(text)), late_ms);
      },
    });
  };
  start('anna', 'bert', true);
  start('bert', 'anna', false);
  if (again_ms !== null) setTimeout(() => { ends.anna.close(); start('anna', 'bert', true); }, again_ms);
  // whether a way is found is the browser's affair: here each has to hold what the other one holds
  const name = (said) => /a=ice-ufrag:(\\S+)/.exec(said?.sdp ?? '')?.[1];
  const agree = ({pc: one}, {pc: other}) => one.signalingState === 'stable' && other.signalingState === 'stable'
    && name(one.localDescription) && name(one.localDescription) === name(other.remoteDescription)
    && name(other.localDescription) === name(one.remoteDescription);
  const connections = new Set();
  const until = Date.now() + 30000;
  let well = 0;
  while (Date.now() < until && well < 20) {
    await new Promise((go) => setTimeout(go, 50));
    for (const one of Object.values(ends)) { connections.add(one.pc); if (Date.now() % 1000 < 60) one.mend(); }
    well = agree(ends.anna, ends.bert) && (again_ms === null || made > 2) ? well + 1 : 0;
  }
  return {well: well >= 20, connections: connections.size, said};
}"""
#: no way is ever told to the other, for ``for_s``: how often does each look for ways anew?
_SLOW: Final = """async ({source, for_s}) => {
  const {Peer} = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
  const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  const ends = {}, ways = {anna: new Set(), bert: new Set()};
  const start = (name, other, polite) => {
    ends[name] = new Peer({
      id: other, sid: 's', polite, ice: {}, tracks: () => [sound],
      say: (data) => {
        if (!data.description) return;
        const {type, sdp} = data.description;
        ways[name].add(/a=ice-ufrag:(\\S+)/.exec(sdp)[1]);
        const description = {type, sdp: sdp.replace(/a=candidate:.*\\r\\n/g, '')};
        setTimeout(() => ends[other]?.hear({...data, description}), 100);
      },
    });
  };
  start('anna', 'bert', true);
  start('bert', 'anna', false);
  const states = new Set();
  for (let each = 0; each < for_s; each += 1) {
    await new Promise((go) => setTimeout(go, 1000));
    for (const one of Object.values(ends)) { one.mend(); states.add(one.state); }
  }
  return {anna: ways.anna.size, bert: ways.bert.size, states: [...states]};
}"""
#: the first connection of ``deaf`` is told no way of the other's: only another one can come about
_DEAF: Final = """async ({source, deaf, within_s}) => {
  const {Peer} = await import(URL.createObjectURL(new Blob([source], {type: 'text/javascript'})));
  const sound = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  const ends = {};
  const start = (name, other, polite) => {
    ends[name] = new Peer({
      id: other, sid: 's', polite, ice: {}, tracks: () => [sound],
      say: (data) => {
        const told = {...data};
        if (other === deaf && ends[deaf].pc === first) {
          if (data.candidate !== undefined) return;
          const {type, sdp} = data.description;
          told.description = {type, sdp: sdp.replace(/a=candidate:.*\\r\\n/g, '')};
        }
        setTimeout(() => ends[other]?.hear(JSON.parse(JSON.stringify(told))), 20);
      },
    });
  };
  start('anna', 'bert', true);
  start('bert', 'anna', false);
  const first = ends[deaf].pc;
  // what the deaf one is not told it could still learn from the other's knocking: a firewall, so to say
  ends[deaf === 'anna' ? 'bert' : 'anna'].pc.addIceCandidate = async () => {};
  const states = [];
  for (let each = 0; each < within_s; each += 1) {
    await new Promise((go) => setTimeout(go, 1000));
    for (const one of Object.values(ends)) one.mend();
    const now = Object.values(ends).map((one) => one.state);
    states.push(now.join());
    if (now.every((one) => one === 'connected')) return {another: ends[deaf].pc !== first, states};
  }
  return {another: ends[deaf].pc !== first, states};
}"""


_LOST: Final = ({"anna": 0, "bert": 0}, {"anna": 3, "bert": 0}, {"anna": 0, "bert": 3})


@pytest.mark.parametrize("again_ms", [None, 40, 100, 150, 250, 1500])
async def test_both_ends_come_together(chromium: Browser, again_ms: int | None) -> None:
    async def call(lost: dict[str, int]) -> dict[str, Any]:
        page = await chromium.new_page()
        try:
            given = {"source": _SOURCE.read_text(), "late_ms": 120, "lost": lost, "again_ms": again_ms}
            return {"lost": lost, **await page.evaluate(_CALL, given)}
        finally:
            await page.close()

    for found in await asyncio.gather(*(call(lost) for lost in _LOST)):
        assert found["well"], found
        # neither makes one anew because the other did, and so on
        assert found["connections"] <= 6, found


async def test_a_slow_way_is_given_time(chromium: Browser) -> None:
    """Looking for ways anew throws away what was found so far: done every few seconds, no slow relay is reached."""
    page = await chromium.new_page()
    try:
        found = await page.evaluate(_SLOW, {"source": _SOURCE.read_text(), "for_s": 20})
    finally:
        await page.close()
    assert "connected" not in found["states"], found
    assert 2 <= found["anna"] <= 4, found
    assert 2 <= found["bert"] <= 4, found


@pytest.mark.parametrize("deaf", ["anna", "bert"])
async def test_a_connection_that_finds_no_way_is_replaced(chromium_with_camera: Browser, deaf: str) -> None:
    """Looking again helps a connection that hears of ways; one that does not is given up, whichever end it is."""
    context = await chromium_with_camera.new_context()
    await context.grant_permissions(list(GRANTED))
    page = await context.new_page()
    await page.route("http://127.0.0.1:1/", lambda route: route.fulfill(body="<!doctype html>"))
    await page.goto("http://127.0.0.1:1/")
    try:
        found = await page.evaluate(_DEAF, {"source": _SOURCE.read_text(), "deaf": deaf, "within_s": 90})
    finally:
        await context.close()
    assert found["another"], found
    assert found["states"][-1] == "connected,connected", found
