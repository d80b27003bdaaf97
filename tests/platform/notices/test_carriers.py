"""SMS, IM and push, each against a peer that checks what its vendor would."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.platform.notices.conftest import CODE, INVITED, VALUES, Drain, Post, somebody
from tests.platform.notices.peers import (
    AliyunPeer,
    Browser,
    DingTalkPeer,
    GatewayPeer,
    PushService,
    WeComPeer,
    serving,
)
from zhiren.ids import new_id
from zhiren.notices.models import ChannelSetting, Subscription
from zhiren.notices.providers import Parcel, Place, Refused, TryLater
from zhiren.notices.providers.browsers import known_service, new_keys
from zhiren.notices.providers.im import DingTalk, Tokens, WeCom, cut
from zhiren.notices.providers.outward import Outward
from zhiren.notices.providers.push import WebPushes
from zhiren.notices.providers.sms import AliyunSms, GatewaySms, aliyun_signed, read_templates
from zhiren.notices.schemas import Content
from zhiren.notices.service import carriers
from zhiren.settings import Settings

INSIDE = Outward(inside=True)


def parcel(address: str = "13800000001", *, link: str = "", **changes: Any) -> Parcel:
    content = Content("面试邀请", "请于 14:00 参加面试", link, "查看" if link else "", values={"when": "14:00"})
    values: dict[str, Any] = {
        "id": new_id(),
        "kind": "test.interview.invited",
        "company": "某某公司",
        "recipient": "王小明",
        "locale": "zh_CN",
        "address": address,
        "content": content,
        "link": link,
    }
    return Parcel(**values | changes)


@pytest.fixture
def gateway() -> Iterator[GatewayPeer]:
    with serving(GatewayPeer()) as found:
        yield found


@pytest.fixture
def aliyun() -> Iterator[AliyunPeer]:
    with serving(AliyunPeer()) as found:
        yield found


@pytest.fixture
def wecom() -> Iterator[WeComPeer]:
    with serving(WeComPeer()) as found:
        yield found


@pytest.fixture
def dingtalk() -> Iterator[DingTalkPeer]:
    with serving(DingTalkPeer()) as found:
        yield found


@pytest.fixture
def pushes() -> Iterator[PushService]:
    with serving(PushService()) as found:
        yield found


# ---- SMS


async def test_a_gateway_is_told_who_we_are(gateway: GatewayPeer) -> None:
    one = parcel(link="https://a.example/x")
    receipt = await GatewaySms(INSIDE, gateway.url + "/send", gateway.secret).send(one)
    assert receipt.external_id == "sms-1"
    assert gateway.sent == [
        {
            "id": str(one.id),
            "to": "13800000001",
            "text": "请于 14:00 参加面试 https://a.example/x",
            "kind": one.kind,
            "values": {"when": "14:00"},
        }
    ]
    with pytest.raises(Refused, match=r"login_refused"):
        await GatewaySms(INSIDE, gateway.url, base64.b64encode(b"wrong").decode()).send(one)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [((429, {}), TryLater), ((503, {}), TryLater), ((302, {}), Refused), ((400, {}), Refused), ((204, b""), None)],
)
async def test_what_a_gateway_answers(gateway: GatewayPeer, answer: Any, outcome: type[Exception] | None) -> None:
    gateway.trouble.append(answer)
    sms = GatewaySms(INSIDE, gateway.url, gateway.secret)
    if outcome is None:
        assert (await sms.send(parcel())).external_id == ""
    else:
        with pytest.raises(outcome):
            await sms.send(parcel())


def test_aliyun_s_own_example_of_a_signature() -> None:
    """The documents' worked example (SendSms, GET, XML)."""
    query = {
        "Action": "SendSms",
        "Format": "XML",
        "OutId": "123",
        "PhoneNumbers": "15300000001",
        "SignName": "阿里云短信测试专用",
        "TemplateCode": "SMS_71390007",
        "TemplateParam": '{"customer":"test"}',
    }
    signed = aliyun_signed(
        query,
        "testId",
        "testSecret",
        now=datetime(2017, 7, 12, 2, 42, 19, tzinfo=UTC),
        nonce="45e25e9b-0a6f-4070-8c85-2956eda1b466",
        method="GET",
    )
    assert signed["Signature"] == "zJDF+Lrzhj/ThnlvIToysFRq6t4="


async def test_aliyun_sends_by_template(aliyun: AliyunPeer) -> None:
    given = {
        "url": aliyun.url + "/",
        "key_id": "testId",
        "key_secret": "testSecret",
        "sign": "知人",
        "template": "SMS_0",
        "templates": "test.interview.invited=SMS_7\n",
    }
    sms = AliyunSms(INSIDE, given)
    assert (await sms.send(parcel("+8613800000001"))).external_id == "biz-1"
    await sms.send(parcel(kind="test.other.thing"))
    first, second = aliyun.sent
    assert (first["PhoneNumbers"], first["SignName"], first["TemplateCode"]) == ("13800000001", "知人", "SMS_7")
    assert json.loads(first["TemplateParam"]) == {"when": "14:00"}
    assert (second["TemplateCode"], json.loads(second["TemplateParam"])) == (
        "SMS_0",
        {"content": "请于 14:00 参加面试"},
    )
    with pytest.raises(Refused, match="recipient_refused"):
        await sms.send(parcel("no number"))
    aliyun.trouble.append((200, {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发小时级流控"}))
    with pytest.raises(TryLater, match="busy"):
        await sms.send(parcel())
    aliyun.trouble.append((200, {"Code": "isv.AMOUNT_NOT_ENOUGH", "Message": "账户余额不足"}))
    with pytest.raises(TryLater, match="misconfigured"):
        await sms.send(parcel())
    with pytest.raises(TryLater, match="misconfigured"):
        await AliyunSms(INSIDE, given | {"key_secret": "wrong"}).send(parcel())


def test_lines_that_map_no_template_are_refused() -> None:
    assert read_templates(" a.b = SMS_1 \n\n") == {"a.b": "SMS_1"}
    with pytest.raises(ValueError, match="SMS_2"):
        read_templates("a.b=SMS_1\nSMS_2")


def test_an_installation_s_sms_address() -> None:
    assert carriers.read_sms_url("https://:a%2Bb@gw.example:8443/send?x=1") == (
        "webhook",
        {"url": "https://gw.example:8443/send?x=1", "secret": "a+b"},
    )
    name, given = carriers.read_sms_url("aliyun://id:key@dysmsapi.aliyuncs.com?sign=%E7%9F%A5%E4%BA%BA&template=SMS_1")
    assert (name, given["key_id"], given["sign"], given["url"]) == (
        "aliyun",
        "id",
        "知人",
        "https://dysmsapi.aliyuncs.com/",
    )
    with pytest.raises(ValueError, match="secret"):
        carriers.read_sms_url("https://gw.example/send")


# ---- IM


async def test_wecom_gets_a_card_or_a_text(wecom: WeComPeer) -> None:
    im = WeCom(INSIDE, {"url": wecom.url, "corp_id": "ww1", "secret": "s3cret", "agent_id": "1000002"}, Tokens())
    assert (await im.send(parcel("zhangsan", link="https://a.example/x"))).external_id == "msg-1"
    assert (await im.send(parcel("mobile:13800000001"))).external_id == "msg-2"
    card, text = wecom.sent
    assert card["textcard"]["url"] == "https://a.example/x"
    assert text["text"]["content"] == "面试邀请\n请于 14:00 参加面试"
    assert {one["enable_duplicate_check"] for one in wecom.sent} == {1}
    assert wecom.tokens_given == 1
    wecom.revoke()
    assert (await im.send(parcel("zhangsan"))).external_id == "msg-3"
    assert wecom.tokens_given == 2
    long = msgspec.structs.replace(parcel().content, subject="题" * 200, body="文" * 2000)
    await im.send(parcel("zhangsan", content=long))
    await im.send(parcel("zhangsan", content=msgspec.structs.replace(long, action="查看"), link="https://a.example/x"))


async def test_wecom_s_refusals(wecom: WeComPeer) -> None:
    given = {"url": wecom.url, "corp_id": "ww1", "secret": "s3cret", "agent_id": "1000002"}
    im = WeCom(INSIDE, given, Tokens())
    for address in ("nobody", "mobile:13900000000"):
        with pytest.raises(Refused, match="unknown_person"):
            await im.send(parcel(address))
    for code, problem in ((-1, "busy"), (45009, "busy"), (60020, "misconfigured")):
        wecom.trouble.append((200, {"errcode": code, "errmsg": "x"}))
        with pytest.raises(TryLater, match=problem):
            await im.send(parcel("zhangsan"))
    wecom.trouble.append((200, b"<html>"))
    with pytest.raises(TryLater, match="busy"):
        await im.send(parcel("zhangsan"))
    for wrong in ({"secret": "no"}, {"agent_id": "7"}):
        with pytest.raises(TryLater, match="misconfigured"):
            await WeCom(INSIDE, given | wrong, Tokens()).send(parcel("zhangsan"))


async def test_dingtalk_gets_a_work_notification_once(dingtalk: DingTalkPeer) -> None:
    given = {"url": dingtalk.url, "app_key": "ding1", "secret": "s3cret", "agent_id": "1000002"}
    im = DingTalk(INSIDE, given, Tokens())
    one = parcel("mobile:13800000001", link="https://a.example/x")
    assert (await im.send(one)).external_id == "1001"
    assert (await im.send(one)).external_id == ""  # said to be there already
    card = dingtalk.sent[0]["msg"]["action_card"]
    assert (card["single_url"], card["single_title"]) == ("https://a.example/x", "查看")
    dingtalk.revoke()
    await im.send(parcel("zhangsan"))
    assert dingtalk.tokens_given == 2
    with pytest.raises(Refused, match="unknown_person"):
        await im.send(parcel("nobody"))
    dingtalk.trouble.append((200, {"errcode": 143103, "errmsg": "QPM"}))
    with pytest.raises(TryLater, match="busy"):
        await im.send(parcel("zhangsan"))


def test_texts_are_cut_between_characters() -> None:
    assert cut("知人", 6) == "知人"
    assert cut("知人知人", 10) == "知人…"


# ---- push


def test_the_test_s_own_browser_opens_the_standard_s_example() -> None:
    """RFC 8291, appendix A."""

    def raw(text: str) -> bytes:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    private = ec.derive_private_key(int.from_bytes(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")), ec.SECP256R1())
    body = raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    assert Browser(private, raw("BTBZMqHH6r4Tts7J_aSIgg")).open(body) == b"When I grow up, I want to be a watermelon"


async def test_a_push_is_encrypted_for_its_browser(pushes: PushService) -> None:
    keys, browser = new_keys(), Browser()
    provider = WebPushes(INSIDE, keys, "hr@zhiren.example")
    here = Place(new_id(), pushes.url + "/one", **browser.keys)
    gone = Place(new_id(), pushes.url + "/gone", **Browser().keys)
    broken = Place(new_id(), pushes.url + "/three", "nonsense", "x")
    one = parcel("", link="https://a.example/x", places=(gone, here, broken))
    receipt = await provider.send(one)
    assert set(receipt.gone) == {gone.id, broken.id}
    asked = next(each for each in pushes.asked if each.path == "/one")
    assert json.loads(browser.open(asked.body)) == {
        "id": str(one.id),
        "title": "面试邀请",
        "body": "请于 14:00 参加面试",
        "url": "https://a.example/x",
    }
    assert (asked.headers["topic"], asked.headers["urgency"]) == (one.id.hex, "normal")
    scheme, _blank, rest = asked.headers["authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (scheme, given["k"]) == ("vapid", keys["key"])
    claims = jwt.decode(given["t"], keys["public"], algorithms=["ES256"], audience="http://127.0.0.1")
    assert claims["sub"] == "mailto:hr@zhiren.example"
    with pytest.raises(Refused, match="no_device") as refused:
        await provider.send(parcel("", places=(gone,)))
    assert refused.value.gone == (gone.id,)
    pushes.trouble.append((429, b""))
    with pytest.raises(TryLater):
        await provider.send(parcel("", places=(here,)))
    long = Content("题" * 900, "文" * 9000)
    await provider.send(parcel("", places=(here,), content=long))


def test_only_push_services_are_called() -> None:
    assert known_service("https://fcm.googleapis.com/fcm/send/abc")
    assert known_service("https://web.push.apple.com/abc")
    assert not known_service("https://fcm.googleapis.com.evil.example/x")
    assert not known_service("http://fcm.googleapis.com/x")
    assert not known_service("https://fcm.googleapis.com:8443/x")
    assert not known_service("http://169.254.169.254/latest")
    assert not known_service("http://127.0.0.1:9/x")
    assert known_service("http://127.0.0.1:9/x", "push.example 127.0.0.1")


# ---- the way out


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "file:///etc/passwd"])
async def test_a_customer_s_address_may_not_lead_inside(url: str) -> None:
    with pytest.raises(Refused, match="misconfigured"):
        await Outward().request("GET", url)


async def test_an_answer_has_an_end(gateway: GatewayPeer) -> None:
    gateway.trouble.append((200, b"x" * 300_000))
    with pytest.raises(TryLater, match="busy"):
        await INSIDE.request("GET", gateway.url)


# ---- through the house


async def configured(post: Post, channel: str, provider: str, given: dict[str, str]) -> None:
    async def write(ctx: Any) -> None:
        ctx.session.add(ChannelSetting(channel=channel, provider=provider, settings=given))

    await post.in_tenant(write)


async def test_channels_nobody_carries_are_left_out_where_another_reaches(
    post: Post, drain: Drain, settings: Settings
) -> None:
    both = await post.send(INVITED, to=somebody(mobile="13800000001"), values=VALUES)
    assert set(both) == {"inapp", "mail", "sms"}
    alone = await post.send(CODE, to=somebody(mail="", mobile="13800000001"), values={"code": "1"})
    await drain(settings)
    assert [(await post.row(one)).state for one in both.values()] == ["sent", "waiting", "skipped"]
    assert (await post.row(alone["sms"])).state == "waiting"


async def test_people_at_rest_are_left_alone(
    post: Post, drain: Drain, settings: Settings, gateway: GatewayPeer
) -> None:
    await configured(post, "sms", "webhook", {"url": gateway.url, "secret": gateway.secret})
    now = datetime.now(UTC)
    rest = {"from": f"{(now.hour - 1) % 24:02}:00", "until": f"{(now.hour + 2) % 24:02}:00", "zone": "UTC"}
    await configured(post, "quiet", "", rest)
    anywhere = msgspec.structs.replace(settings, provider_networks="any")
    calm = await post.send(INVITED, to=somebody(mail="", mobile="13800000001"), values=VALUES)
    urgent = await post.send(CODE, to=somebody(mail="", mobile="13800000001"), values={"code": "4711"})
    await drain(anywhere)
    assert [one["text"] for one in gateway.sent] == ["验证码 4711"]
    assert (await post.row(urgent["sms"])).state == "sent"
    waits = await post.row(calm["sms"])
    assert waits.state == "queued"
    assert waits.due_at is not None
    assert waits.due_at.astimezone(UTC).hour == (now.hour + 2) % 24


async def test_a_customer_s_gateway_inside_is_not_called(
    post: Post, drain: Drain, settings: Settings, gateway: GatewayPeer
) -> None:
    await configured(post, "sms", "webhook", {"url": gateway.url, "secret": gateway.secret})
    sent = await post.send(CODE, to=somebody(mail="", mobile="13800000001"), values={"code": "1"})
    await drain(msgspec.structs.replace(settings, provider_networks="public"))
    assert (await post.row(sent["sms"])).problem == "notices.misconfigured"
    assert gateway.asked == []


async def test_a_browser_that_is_gone_is_forgotten(
    post: Post, drain: Drain, settings: Settings, pushes: PushService
) -> None:
    user = new_id()
    browser = Browser()

    async def subscribe(ctx: Any) -> None:
        for path, keys in (("/here", browser.keys), ("/gone", Browser().keys)):
            row = Subscription(channel="push", recipient_key=f"user:{user}", address=pushes.url + path, keys=keys)
            ctx.session.add(row)

    await post.in_tenant(subscribe)
    await configured(post, "push", "vapid", new_keys())
    await configured(post, "quiet", "", {"from": "00:00", "until": "00:00"})
    sent = await post.send(INVITED, to=somebody(kind="user", id=user, mail=""), values=VALUES, link="/x")
    assert set(sent) == {"inapp", "push"}
    await drain(settings)
    assert (await post.row(sent["push"])).state == "sent"
    assert json.loads(browser.open(pushes.asked[0].body))["title"].endswith("后端工程师")

    from zhiren.notices import repository

    left = await post.in_tenant(lambda ctx: repository.subscriptions(ctx.session, f"user:{user}"))
    assert len(left) == 1
