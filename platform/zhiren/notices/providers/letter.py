"""A message as a mail: plain text, the same as small HTML, an invitation where there is one, attachments."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, parseaddr
from typing import Final

from icalendar import Calendar, vCalAddress
from markupsafe import Markup, escape

from zhiren.notices import rules
from zhiren.notices.providers.base import Parcel

_METHOD: Final = re.compile(rb"^METHOD:([A-Z]+)", re.M)
# inline, since mail programs know no style sheets; nothing is fetched from anywhere
_FRAME: Final = Markup(
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{subject}</title></head>'
    '<body style="margin:0;padding:24px 12px;background:#f4f6f6;color:#1f2937;'
    "font:15px/1.7 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei',sans-serif\">"
    '<table role="presentation" align="center" width="100%" style="max-width:560px;margin:0 auto;background:#ffffff;'
    'border:1px solid #e2e8e7;border-radius:8px"><tr><td style="padding:24px">'
    '<p style="margin:0 0 16px;font-weight:600;color:#0f766e">{company}</p>{body}{button}</td></tr></table>'
    "</body></html>"
)
_BUTTON: Final = Markup(
    '<p style="margin:24px 0 8px"><a href="{link}" style="display:inline-block;padding:10px 20px;border-radius:6px;'
    'background:#0f766e;color:#ffffff;text-decoration:none">{action}</a></p>'
    '<p style="margin:0;font-size:13px;color:#64748b;word-break:break-all">{link}</p>'
)
_PARAGRAPH: Final = Markup('<p style="margin:0 0 12px">{}</p>')


def letter(parcel: Parcel, sender: str) -> EmailMessage:
    """The whole mail. ``sender`` is ``name <address>`` or an address, which then speaks in the company's name."""
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2] or parcel.domain
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(name or parcel.company, address)
    mail["To"] = _address(parcel.recipient, parcel.address)
    mail["Subject"] = rules.one_line(parcel.content.subject)
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = rules.message_id(parcel.id, parcel.customer, domain)
    # programs that answer by themselves (RFC 3834) leave this alone
    mail["Auto-Submitted"] = "auto-generated"
    if parcel.unsubscribe:
        mail["List-Unsubscribe"] = f"<{parcel.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_plain(parcel), cte="base64")
    mail.add_alternative(_html(parcel), subtype="html", cte="base64")
    _enclose(mail, parcel, address)
    # last: parts that become containers hand their own Content fields down
    mail["Content-Language"] = language(parcel)
    return mail


def language(parcel: Parcel) -> str:
    return "en" if parcel.locale == "en" else "zh-CN"


def method_of(invitation: bytes) -> str:
    """The METHOD of an iTIP object (RFC 5546). Raises ValueError when it has none."""
    found = _METHOD.search(invitation)
    if found is None:
        raise ValueError("an invitation without METHOD is no iTIP object")
    return found.group(1).decode()


def _address(name: str, address: str) -> Address:
    return Address(display_name=rules.one_line(name), addr_spec=rules.one_line(address))


def _plain(parcel: Parcel) -> str:
    end = f"\n\n{parcel.content.action}：{parcel.link}" if parcel.link else ""
    if parcel.locale == "en":
        end = end.replace("：", ": ")
    return f"{parcel.content.body}{end}\n"


def _html(parcel: Parcel) -> str:
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", parcel.content.body) if part.strip()]
    body = Markup("").join(
        _PARAGRAPH.format(Markup("<br>").join(escape(line) for line in part.split("\n"))) for part in paragraphs
    )
    button = _BUTTON.format(link=parcel.link, action=parcel.content.action) if parcel.link else Markup("")
    return str(
        _FRAME.format(
            lang=language(parcel), subject=parcel.content.subject, company=parcel.company, body=body, button=button
        )
    )


def _answered_to(invitation: bytes, sender: str) -> bytes:
    """An organizer without a mailbox becomes the sender: calendars answer to the organizer, whatever Reply-To says."""
    if b".invalid" not in invitation:
        return invitation
    calendar = Calendar.from_ical(invitation)
    for event in calendar.walk("VEVENT"):
        organizer = event.get("ORGANIZER")
        if isinstance(organizer, vCalAddress) and str(organizer).endswith(".invalid"):
            event["ORGANIZER"] = vCalAddress(f"mailto:{rules.one_line(sender)}", params=dict(organizer.params))
    return bytes(calendar.to_ical())


def _enclose(mail: EmailMessage, parcel: Parcel, sender: str) -> None:
    if parcel.enclosure is None:
        return
    invitation = parcel.enclosure.invitation
    if invitation is not None:
        invitation = _answered_to(invitation, sender)
        # RFC 6047, 2.4: the object is an alternative of the text, its METHOD a parameter of the part
        method = method_of(invitation)
        mail.add_alternative(invitation.decode(), subtype="calendar", params={"method": method}, cte="base64")
        # programs that overlook the part take the file
        mail.add_attachment(invitation, maintype="application", subtype="ics", filename="invite.ics")
    for one in parcel.enclosure.attachments:
        maintype, _slash, subtype = one.media_type.partition("/")
        mail.add_attachment(one.data, maintype=maintype, subtype=subtype, filename=rules.one_line(one.name))
