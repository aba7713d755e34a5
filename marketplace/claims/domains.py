"""Whether an e-mail address is at a school's own domain, which is the one of its website."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import sqlalchemy as sa
from publicsuffixlist import PublicSuffixList
from sqlalchemy.orm import Session

from marketplace.schools.facts import Status
from marketplace.schools.models import School

SHARING_READ = 200
"""How many schools on one domain are looked at; one is enough to make it shared."""

COMMON_MAIL_DOMAINS = frozenset(
    {
        "aol.com",
        "aol.co.uk",
        "blueyonder.co.uk",
        "btconnect.com",
        "btinternet.com",
        "btopenworld.com",
    }
    | {"fastmail.com", "gmail.com", "gmx.co.uk", "gmx.com", "gmx.net", "googlemail.com"}
    | {
        "hotmail.co.uk",
        "hotmail.com",
        "icloud.com",
        "live.co.uk",
        "live.com",
        "mac.com",
        "mail.com",
    }
    | {"me.com", "msn.com", "ntlworld.com", "orange.net", "outlook.co.uk", "outlook.com"}
    | {"plus.com", "proton.me", "protonmail.com", "rocketmail.com", "sky.com", "talk21.com"}
    | {"talktalk.co.uk", "talktalk.net", "tiscali.co.uk", "virgin.net", "virginmedia.com"}
    | {"yahoo.co.uk", "yahoo.com", "ymail.com", "zoho.com"}
)
"""Anybody can have an address there, so one never shows that a person works at a school."""

WEBSITE_HOSTS = frozenset(
    {"blogspot.com", "facebook.com", "google.com", "jimdo.com", "linkedin.com", "squarespace.com"}
    | {"twitter.com", "weebly.com", "wix.com", "wordpress.com", "x.com", "youtube.com"}
)
"""Many have a website there; whoever has an address there works for the host."""

_OF_PUPILS = frozenset({"learner", "learners", "pupil", "pupils", "stu", "student", "students"})


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What an e-mail address says about who works at a school."""

    email_domain: str
    """The whole domain, as it stands in the address."""
    website_domain: str | None
    """The domain of the school's website; None if the register has no website."""
    is_common: bool = False
    is_same: bool = False
    is_of_host: bool = False
    """Whether it is the domain of a host of websites, or of a council."""
    is_like_pupils: bool = False
    """Whether it has the form of pupils' addresses, who have the school's domain as well."""
    shared_with: tuple[str, ...] = ()
    """The names of other schools, not closed, with a website at the same domain."""

    @property
    def is_own(self) -> bool:
        """Whether the address is at a domain that is the school's, and no other's."""
        doubts = self.is_common or self.is_of_host or self.is_like_pupils or self.shared_with
        return self.is_same and not doubts


def check_address(session: Session, school: School, email: str) -> AddressCheck:
    """Return what ``email`` says about its holder's work at ``school``.

    A sub-domain counts as the domain that was registered: an address @mail.hope.example is at the
    domain of www.hope.example. Under “county.sch.uk” each school has registered its own name. A
    domain that several schools have, such as a trust's or a council's, is nobody's own.
    """
    host = email.rpartition("@")[2].lower()
    domain, own = registered_domain(host), website_domain(school.website)
    is_common = domain in COMMON_MAIL_DOMAINS
    if domain is None or domain != own:
        return AddressCheck(host, own, is_common)
    shared_with = tuple(name for urn, name in schools_at(session, domain) if urn != school.urn)
    is_of_host = domain in WEBSITE_HOSTS or domain.endswith(".gov.uk")
    return AddressCheck(
        email_domain=host,
        website_domain=own,
        is_common=is_common,
        is_same=True,
        is_of_host=is_of_host,
        is_like_pupils=_is_like_pupils(email),
        shared_with=shared_with,
    )


def schools_at(
    session: Session, domain: str, *more: sa.ColumnElement[bool]
) -> list[tuple[int, str]]:
    """Return the URN and name of schools, not closed, whose website is at ``domain``."""
    rows = session.execute(
        sa.select(School.urn, School.name, School.website)
        .where(
            School.website.contains(domain, autoescape=True), School.status != Status.CLOSED, *more
        )
        .order_by(School.name, School.urn)
        .limit(SHARING_READ)
    )
    return [(urn, name) for urn, name, website in rows if website_domain(website) == domain]


def website_domain(website: str | None) -> str | None:
    """Return the registered domain of a website's address, or None."""
    return registered_domain(urlsplit(website).hostname or "") if website else None


def registered_domain(host: str) -> str | None:
    """Return the part of ``host`` that somebody registered, below a public suffix such as co.uk.

    None for a public suffix itself, a number, a name without a dot, or one that is not ASCII.
    """
    host = host.rstrip(".").lower()
    if not host.isascii() or "." not in host or host.replace(".", "").isdigit():
        return None
    domain: str | None = _public_suffixes().privatesuffix(host)
    return domain


def _is_like_pupils(email: str) -> bool:
    """Say whether an address may be a pupil's: “19smithj@…”, “j.smith@pupils.…”.

    Most schools write the year of entry or a number into the addresses of pupils.
    """
    name, _, host = email.rpartition("@")
    return any(char.isdigit() for char in name) or not _OF_PUPILS.isdisjoint(host.split("."))


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()
