"""Jobs as machines read them: schema.org JobPosting and Indeed's XML feed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from markupsafe import Markup

EMPLOYMENT: Final = {
    "full_time": "FULL_TIME",
    "part_time": "PART_TIME",
    "intern": "INTERN",
    "contractor": "CONTRACTOR",
}
_INDEED: Final = {"full_time": "fulltime", "part_time": "parttime", "intern": "internship", "contractor": "contract"}


def description(job: Any) -> str:
    """Duties and requirements as HTML paragraphs."""
    parts = [part.strip() for text in (job.duties, job.requirements, job.benefits) for part in text.split("\n")]
    return "".join(f"<p>{escape(part)}</p>" for part in parts if part)


def posting(job: Any, company: str, site: str) -> Markup:
    """JobPosting as JSON-LD, safe inside a script element. ``baseSalary`` is left out: pay is said in words, or not."""
    data: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": job.title,
        "description": description(job) or escape(job.title),
        "identifier": {"@type": "PropertyValue", "name": company, "value": job.number},
        "datePosted": job.opened_on.isoformat() if job.opened_on else None,
        "validThrough": f"{job.closes_on.isoformat()}T23:59:59+08:00" if job.closes_on else None,
        "employmentType": EMPLOYMENT[job.employment_type],
        "hiringOrganization": {"@type": "Organization", "name": company, "sameAs": site, "logo": f"{site}/site/logo"},
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "streetAddress": job.address or None,
                "addressLocality": job.city,
                "addressCountry": "CN",
            },
        },
        "directApply": True,
        "url": f"{site}/careers/{job.slug}",
    }
    text = json.dumps(_known(data), ensure_ascii=False)
    # a text that ends the script element would end it here too
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _known(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _known(value) for key, value in data.items() if value is not None}
    return data


def indeed(jobs: Sequence[Any], company: str, site: str) -> str:
    """The whole feed; every text in CDATA."""
    body = "\n".join(_indeed(job, company, site) for job in jobs)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<source>\n'
        f"<publisher>{_cdata('zhiren')}</publisher>\n<publisherurl>{_cdata(site)}</publisherurl>\n{body}\n</source>\n"
    )


def _indeed(job: Any, company: str, site: str) -> str:
    fields = {
        "title": job.title,
        "date": f"{job.opened_on.isoformat()}T00:00:00+08:00" if job.opened_on else "",
        "referencenumber": str(job.id),
        "requisitionid": job.number,
        "url": f"{site}/careers/{job.slug}?from=indeed",
        "company": company,
        "city": job.city,
        "country": "CN",
        "description": description(job),
        "salary": job.salary_text,
        "jobtype": _INDEED[job.employment_type],
    }
    inner = "".join(f"<{name}>{_cdata(value)}</{name}>" for name, value in fields.items() if value)
    return f"<job>{inner}</job>"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
