"""What an administrator fills in for each provider."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from zhiren.i18n import N_


class Field(msgspec.Struct, frozen=True):
    """One setting. ``title`` and ``hint`` are Chinese source texts; a ``secret`` is never shown again."""

    name: str
    title: str
    kind: Literal["text", "secret", "number", "lines", "choice"] = "text"
    required: bool = True
    hint: str = ""
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()


class Form(msgspec.Struct, frozen=True):
    provider: str
    title: str
    fields: tuple[Field, ...]


_AGENT: Final = Field("agent_id", N_("应用的 AgentId"), "number")
FORMS: Final[dict[str, tuple[Form, ...]]] = {
    "mail": (
        Form(
            "smtp",
            N_("邮件服务器（SMTP）"),
            (
                Field("host", N_("服务器"), hint=N_("例如 smtp.exmail.qq.com")),
                Field("port", N_("端口"), "number", default="465"),
                Field(
                    "tls",
                    N_("加密"),
                    "choice",
                    default="wrapped",
                    choices=(
                        ("wrapped", N_("SSL/TLS（多为 465 端口）")),
                        ("start", N_("STARTTLS（多为 587 端口）")),
                        ("unverified", N_("STARTTLS，不验证证书")),
                        ("off", N_("不加密")),
                    ),
                ),
                Field("user", N_("登录名"), required=False),
                Field("password", N_("密码或授权码"), "secret", required=False),
                Field("from", N_("发件人"), hint=N_("地址，或“名称 <地址>”；只写地址时显示公司名")),
                Field(
                    "bounces",
                    N_("退信邮箱"),
                    "secret",
                    required=False,
                    hint=N_("例如 imaps://帐号:密码@imap.example.com/INBOX；从中读出退信，标在消息上"),
                ),
            ),
        ),
    ),
    "sms": (
        Form(
            "aliyun",
            N_("阿里云短信"),
            (
                Field("key_id", "AccessKey ID"),
                Field("key_secret", "AccessKey Secret", "secret"),
                Field("sign", N_("短信签名")),
                Field("template", N_("通用模板代码"), required=False, hint=N_("例如 SMS_123456，只有一个变量 content")),
                Field(
                    "templates",
                    N_("各类通知的模板代码"),
                    "lines",
                    required=False,
                    hint=N_("一行一个，例如 recruiting.interview.invited=SMS_123456；变量名与通知文字里的一样"),
                ),
            ),
        ),
        Form(
            "webhook",
            N_("自有短信网关"),
            (
                Field("url", N_("地址"), hint=N_("收到带签名的 JSON，格式见 docs/settings.md")),
                Field("secret", N_("签名密钥"), "secret", hint=N_("base64，可以带 whsec_")),
            ),
        ),
    ),
    "im": (
        Form(
            "wecom",
            N_("企业微信"),
            (
                Field("corp_id", N_("企业 ID（CorpId）")),
                _AGENT,
                Field("secret", N_("应用的 Secret"), "secret"),
                Field("url", N_("接口地址"), required=False, hint=N_("私有部署才填")),
            ),
        ),
        Form(
            "dingtalk",
            N_("钉钉"),
            (
                Field("app_key", N_("应用的 AppKey")),
                Field("secret", N_("应用的 AppSecret"), "secret"),
                _AGENT,
                Field("url", N_("接口地址"), required=False, hint=N_("私有部署才填")),
            ),
        ),
    ),
}


def form_of(channel: str, provider: str) -> Form | None:
    return next((one for one in FORMS.get(channel, ()) if one.provider == provider), None)
