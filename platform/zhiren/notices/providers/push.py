"""Push messages to browsers (RFC 8030), encrypted for each (RFC 8291), signed with the customer's key (RFC 8292)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from pydantic import AnyHttpUrl
from webpush import WebPush, WebPushSubscription  # type: ignore[import-untyped]
from webpush.types import WebPushKeys  # type: ignore[import-untyped]

from zhiren.notices.providers.base import Parcel, Place, Receipt, Refused, TryLater
from zhiren.notices.providers.im import cut
from zhiren.notices.providers.outward import Outward, retry_after_s

#: a browser that is off for longer than a day learns it from the bell
TTL_S: Final = 24 * 3600


class WebPushes:
    """The provider ``vapid``. A message is sent when one of the person's browsers' services took it."""

    def __init__(self, outward: Outward, given: Mapping[str, str], contact: str) -> None:
        self._outward = outward
        self._push = WebPush(
            private_key=given["private"].encode(), public_key=given["public"].encode(), subscriber=contact, ttl=TTL_S
        )

    async def send(self, parcel: Parcel) -> Receipt:
        gone, later, taken = [], TryLater("notices.busy"), 0
        for place in parcel.places:
            try:
                taken += await self._one(parcel, place)
            except Refused:
                gone.append(place.id)
            except TryLater as trouble:
                later = trouble
        if taken:
            return Receipt(gone=tuple(gone))
        if len(gone) == len(parcel.places):
            raise Refused("notices.no_device", gone=tuple(gone))
        raise later

    async def _one(self, parcel: Parcel, place: Place) -> int:
        body = json.dumps(payload(parcel), ensure_ascii=False).encode()
        try:
            subscription = WebPushSubscription(
                endpoint=AnyHttpUrl(place.endpoint), keys=WebPushKeys(auth=place.auth, p256dh=place.p256dh)
            )
            message = self._push.get(body, subscription)
        except ValueError as error:
            raise Refused("notices.no_device", "keys") from error
        headers = {
            "ttl": str(TTL_S),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "authorization": message.headers["authorization"],
            "urgency": "high" if parcel.urgent else "normal",
            # a second try takes the place of the first, if the browser has not fetched it yet (RFC 8030, 5.4)
            "topic": parcel.id.hex,
        }
        answer = await self._outward.request("POST", place.endpoint, content=message.encrypted, headers=headers)
        if answer.status in (404, 410):
            raise Refused("notices.no_device", f"HTTP {answer.status}")
        if not 200 <= answer.status < 300:
            raise TryLater("notices.busy", f"HTTP {answer.status}", after_s=retry_after_s(answer))
        return 1


def payload(parcel: Parcel) -> dict[str, str]:
    """What the service worker shows: well under the 3,993 bytes that fit (RFC 8291, 4)."""
    return {
        "id": str(parcel.id),
        "title": cut(parcel.content.subject, 300),
        "body": cut(parcel.content.body, 1500),
        "url": cut(parcel.link, 1000),
    }
