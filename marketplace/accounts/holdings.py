"""What accounts hold on people, and for how long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from marketplace.accounts import known_devices, throttling
from marketplace.accounts.erasure import FORMER_STAFF, erase_without_role
from marketplace.accounts.models import (
    KnownDevice,
    OneTimeLink,
    Person,
    RoleGrant,
    SecurityEvent,
    SignIn,
    TrustGrant,
)
from marketplace.outbox.models import OutboxEvent
from marketplace.outbox.pruning import KEPT_FOR
from marketplace.privacy import periods
from marketplace.privacy.holdings import Clear, Delete, Holding, Keep, get_holdings
from marketplace.privacy.retention import Rule, get_retention

WHY_THE_LOG_STAYS = (
    "Nobody can change the security log. Its lines have numbers, and go after a year."
)


def init_app(app: Flask) -> None:
    """Register them."""
    get_holdings(app).add(
        Holding(
            "account",
            about="your name, your work e-mail address, when your account was made, and whether"
            " you agreed to be listed",
            column=Person.id,
            shown=(Person.name, Person.email, Person.created_at, Person.listed_at),
            on_erasure=Keep(f"Name and address are replaced: “{FORMER_STAFF}”."),
        ),
        Holding(
            "roles",
            about="your roles: where you hold which one, and since when",
            column=RoleGrant.person_id,
            shown=(RoleGrant.school_urn, RoleGrant.role, RoleGrant.granted_at),
            on_erasure=Delete(),
        ),
        Holding(
            "trusts",
            about="your roles for whole trusts",
            column=TrustGrant.person_id,
            shown=(TrustGrant.trust_id, TrustGrant.role, TrustGrant.granted_at),
            on_erasure=Delete(),
        ),
        Holding(
            "links",
            about="the links that were sent to you, with which you choose a password or confirm"
            " an address",
            column=OneTimeLink.person_id,
            shown=(
                OneTimeLink.created_at,
                OneTimeLink.purpose,
                OneTimeLink.school_urn,
                OneTimeLink.address,
                OneTimeLink.used_at,
            ),
            on_erasure=Delete(),
        ),
        Holding(
            "links for others",
            about="which links you let us send to colleagues",
            column=OneTimeLink.maker_id,
            shown=(OneTimeLink.created_at, OneTimeLink.purpose, OneTimeLink.school_urn),
            on_erasure=Clear((OneTimeLink.maker_id,)),
        ),
        Holding(
            "sign-ins",
            about="the browsers in which you were signed in: when, from which internet address, and"
            " with which browser and system",
            column=SignIn.person_id,
            shown=(
                SignIn.created_at,
                SignIn.last_used_at,
                SignIn.ended_at,
                SignIn.method,
                SignIn.address,
                SignIn.device,
            ),
            on_erasure=Delete(),
        ),
        Holding(
            "known devices",
            about="the browsers in which you have signed in before, with the internet address of"
            " the last time",
            column=KnownDevice.person_id,
            shown=(
                KnownDevice.label,
                KnownDevice.address,
                KnownDevice.created_at,
                KnownDevice.last_used_at,
            ),
            on_erasure=Delete(),
        ),
        # The address and the device of a line are those of the person who acted.
        Holding(
            "security log",
            about="the security log of your account: sign-ins, failed ones too, passwords, links"
            " and roles",
            column=SecurityEvent.person_id,
            shown=(SecurityEvent.occurred_at, SecurityEvent.kind, SecurityEvent.school_urn),
            on_erasure=Keep(WHY_THE_LOG_STAYS),
        ),
        Holding(
            "security log of what you did",
            about="the security log of what you did yourself, with the internet address and the"
            " browser",
            column=SecurityEvent.actor_id,
            shown=(
                SecurityEvent.occurred_at,
                SecurityEvent.kind,
                SecurityEvent.school_urn,
                SecurityEvent.address,
                SecurityEvent.device,
            ),
            on_erasure=Keep(WHY_THE_LOG_STAYS),
        ),
        # The outbox lies below the register, and deletes its events by a job of its own.
        Holding(
            "events",
            about="a note of each thing you did, in numbers, from which others are told of it",
            column=OutboxEvent.actor_id,
            shown=(OutboxEvent.occurred_at, OutboxEvent.type),
            on_erasure=Keep("It holds numbers only, and is deleted within a month or so."),
        ),
    )
    get_retention(app).add(
        Rule(
            "events",
            what="Notes of what was done, from which others are told of it",
            days=KEPT_FOR.days,
            why="One that could not be sent is tried again in that time.",
        ),
        Rule(
            "sign-ins",
            what="Browsers in which you were signed in, after the sign-in was over",
            days=periods.ENDED_SIGN_INS,
            why="You can look up a sign-in that was not yours.",
            purge=delete_sign_ins,
        ),
        Rule(
            "links",
            what="Links that were sent to you, after they ran out",
            days=periods.EXPIRED_INVITATIONS,
            why="We can see what became of one if you ask.",
            purge=delete_links,
        ),
        Rule(
            "known devices",
            what="Browsers in which you have signed in before, after the last time",
            days=periods.KNOWN_DEVICES,
            why="Browsers keep what tells us so for no longer.",
            purge=known_devices.delete_unused,
        ),
        Rule(
            "wrong passwords",
            what="How many wrong passwords were tried, after the last one",
            days=periods.FAILED_TRIES,
            why="By then they slow nobody down any more.",
            purge=throttling.delete_old,
        ),
        Rule(
            "security log",
            what="The security log, after what it tells of",
            days=periods.SECURITY_LOG,
            why="An attack is often noticed months later. Nobody can change the log, or delete from"
            " it before that.",
            purge=delete_security_log,
        ),
        Rule(
            "accounts without a role",
            what="Your account, once you hold no role at a school that is open",
            days=periods.ACCOUNTS_WITHOUT_ROLE,
            why="If you move to another school you carry on with it. After that it is erased.",
            purge=erase_without_role,
        ),
    )


def delete_sign_ins(session: Session, before: datetime) -> int:
    """Delete the sign-ins that were last used before ``before``; return how many.

    All of them are over: none goes on unused for more than a week (``SKILLBANK_SESSION_IDLE``).
    """
    return _delete(session, sa.delete(SignIn).where(SignIn.last_used_at < before))


def delete_links(session: Session, before: datetime) -> int:
    """Delete the links that ran out before ``before``; return how many."""
    return _delete(session, sa.delete(OneTimeLink).where(OneTimeLink.expires_at < before))


def delete_security_log(session: Session, before: datetime) -> int:
    """Delete the lines of the security log from before ``before``; return how many."""
    return _delete(session, sa.delete(SecurityEvent).where(SecurityEvent.occurred_at < before))


def _delete(session: Session, statement: sa.Delete) -> int:
    result = session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, sa.CursorResult)
    return result.rowcount
