"""Every verb that takes an actor refuses the wrong one by itself, without a view in front of it."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import marketplace
from ledger import Override
from marketplace.accounts.actor import Actor
from marketplace.accounts.erasure import erase_person
from marketplace.accounts.models import TrustGrant
from marketplace.accounts.roles import Role
from marketplace.adjustments.figures import figures_now, fingerprint
from marketplace.adjustments.kinds.grant import GRANT
from marketplace.adjustments.service import (
    approve_adjustment,
    propose_adjustment,
    refuse_adjustment,
    withdraw_adjustment,
)
from marketplace.application import Skillbank
from marketplace.audiences.audience import Audience
from marketplace.audiences.groups.service import (
    accept_group,
    change_group,
    decline_group,
    found_group,
    invite_school,
    leave_group,
    take_out,
)
from marketplace.audit.closing.service import close_period, propose_closing, withdraw_closing
from marketplace.audit.export_runs.service import ask_export
from marketplace.audit.seals.service import seal_now
from marketplace.audit.verification.service import ask_verification
from marketplace.calendar.queries import Owner
from marketplace.calendar.school_calendar import Days
from marketplace.calendar.service import add_days, delete_days, import_days
from marketplace.claims.service import approve_claim, refuse_claim
from marketplace.clock import today
from marketplace.confidential.service import (
    decline_help,
    introduce,
    pass_over,
    promise_help,
)
from marketplace.conversations.queries import get_enquiry
from marketplace.conversations.service import ask, begin_enquiry, open_enquiry, write
from marketplace.errors import NotAllowed, NotFound
from marketplace.exchanges.corrections.models import CorrectionState
from marketplace.exchanges.corrections.service import (
    agree_to_correction,
    ask_correction,
    ask_network,
    decline_correction,
    hold_back_at_limit,
    let_through_limit,
    withdraw_correction,
)
from marketplace.exchanges.disputes.again import ask_again
from marketplace.exchanges.disputes.models import Ruling
from marketplace.exchanges.disputes.rulings import (
    Decision,
    open_for_school,
    require_impartial,
    rule,
    why_not_impartial,
)
from marketplace.exchanges.disputes.second_person import (
    await_second_person,
    rule_by_two,
    turn_down_ruling,
)
from marketplace.exchanges.disputes.service import (
    accept_offer,
    add_statement,
    answer_dispute,
    make_offer,
    open_dispute,
    withdraw_dispute,
)
from marketplace.exchanges.frozen.service import let_payment_through
from marketplace.exchanges.models import Exchange, State
from marketplace.exchanges.proposals import amend, propose, propose_in_conversation
from marketplace.exchanges.reviews.service import (
    answer_review,
    decide_review,
    report_review,
    write_review,
)
from marketplace.exchanges.same_person.service import allow_same_person
from marketplace.exchanges.service import agree, cancel, confirm, decline, deliver, send_back
from marketplace.exchanges.within_trust.service import set_within_trust
from marketplace.help.service import dismiss_first_week, set_listed
from marketplace.listings.details import Details
from marketplace.listings.drafts import (
    delete_draft,
    get_draft,
    list_drafts,
    post_draft,
    save_draft,
)
from marketplace.listings.lasting import mark_met, renew_listing
from marketplace.listings.moderation.service import decide, report_listing
from marketplace.listings.service import (
    change_listing,
    post_listing,
    reopen_listing,
    withdraw_listing,
)
from marketplace.listings.tariff.queries import FIRST_RATES
from marketplace.listings.tariff.service import change_tariff
from marketplace.matching.service import ask_about_offers, ask_several
from marketplace.members.factor_resets import reset_factors, why_no_reset
from marketplace.members.failing_addresses import (
    note_failure,
    try_address_again,
    try_colleague_again,
)
from marketplace.members.invitations import (
    invite,
    invite_to_network,
    may_give_trust_roles,
    resend,
    revoke,
)
from marketplace.members.network_people import (
    find_network_person,
    network_people,
    remove_from_network,
)
from marketplace.members.service import change_roles, school_to_manage, send_password_link
from marketplace.members.trust_roles import (
    find_trust_colleague,
    remove_trust_role,
)
from marketplace.network.proposals import (
    approve_succession,
    propose_succession,
    refuse_succession,
)
from marketplace.network.service import (
    bring_school_in,
    freeze_school,
    leaving_of,
    let_school_leave,
    unfreeze_school,
)
from marketplace.profiles.evidence.service import (
    add_evidence,
    change_evidence,
    remove_evidence,
)
from marketplace.profiles.experts.service import (
    change_expertise,
    share_expertise,
    suggest_expertise,
    take_back,
    withdraw_suggestion,
)
from marketplace.profiles.parts.models import PartKind
from marketplace.profiles.parts.service import write_part
from marketplace.profiles.photographs.pictures import read_picture
from marketplace.profiles.photographs.service import (
    Words,
    add_photograph,
    change_photograph,
    move_photograph,
    remove_photograph,
)
from marketplace.saved_searches.criteria import SavedCriteria
from marketplace.saved_searches.models import AlertFrequency
from marketplace.saved_searches.service import change_search, delete_search, save_search
from marketplace.schools.models import School, Trust
from marketplace.search.own_topics.service import (
    add_topic,
    bring_topic_back,
    change_topic,
    retire_topic,
)
from marketplace.search.own_words.service import add_word, take_word_away, take_word_out
from marketplace.settings import Policy
from marketplace.support.service import begin_support, end_support
from marketplace.term_clock.service import answer
from tests.marketplace.accounts.factories import PersonFactory, actor_for, staff
from tests.marketplace.accounts.second_factors.factories import with_authenticator
from tests.marketplace.adjustments.factories import proposed as proposed_adjustment
from tests.marketplace.audiences.factories import founded
from tests.marketplace.audiences.factories import invited as invited_into
from tests.marketplace.audit.factories import proposed_closing
from tests.marketplace.calendar.factories import told
from tests.marketplace.claims.factories import waiting_claim
from tests.marketplace.confidential.factories import asked as asked_in_confidence
from tests.marketplace.confidential.factories import promised
from tests.marketplace.exchanges.corrections.factories import beyond_limit, corrected_to
from tests.marketplace.exchanges.factories import (
    answered_dispute,
    brought_to,
    stuck_exchange,
    terms,
)
from tests.marketplace.exchanges.frozen.factories import frozen_delivery
from tests.marketplace.exchanges.reviews.factories import shown_review
from tests.marketplace.exchanges.same_person.factories import trust_administrator
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import draft, drafted, posted
from tests.marketplace.members.factories import invited
from tests.marketplace.network.factories import (
    close,
    joined_school,
    operator,
    proposed_succession,
)
from tests.marketplace.profiles.factories import (
    evidenced,
    photographed,
    picture_file,
    piece,
    said,
    shared,
    suggested,
)
from tests.marketplace.saved_searches.factories import saved_search
from tests.marketplace.schools.factories import SchoolFactory
from tests.marketplace.search.own_words.factories import own_word

WHO = ("without permission", "another school", "network", "no roles")
"""Staff of the right school without the permission, staff of a third school with it, staff of the
network without the permission, and staff of the right school who have lost every role."""

# For each in WHO what the verb raises; "may" where that actor is not a wrong one.
ALL_MAY = "NotAllowed may NotAllowed NotAllowed"
OWN_LISTING = "NotAllowed NotFound NotFound NotAllowed"
PARTY = "NotAllowed NotFound NotAllowed NotAllowed"
OWN_GROUP = "NotAllowed NotFound NotFound NotAllowed"
# Every role at a school may ask and write.
ANY_ROLE = "may may NotAllowed NotAllowed"
NETWORK = "NotAllowed NotAllowed NotAllowed NotAllowed"
EXPECTED: dict[Callable[..., Any], str] = {
    post_listing: ALL_MAY,
    change_listing: OWN_LISTING,
    withdraw_listing: OWN_LISTING,
    reopen_listing: OWN_LISTING,
    renew_listing: OWN_LISTING,
    mark_met: OWN_LISTING,
    save_draft: ALL_MAY,
    post_draft: ALL_MAY,
    get_draft: PARTY,
    delete_draft: PARTY,
    # Everybody at a school sees that there are drafts.
    list_drafts: "may may NotAllowed may",
    report_listing: ANY_ROLE,
    decide: NETWORK,
    change_tariff: NETWORK,
    add_days: OWN_LISTING,
    import_days: OWN_LISTING,
    delete_days: OWN_LISTING,
    answer: ALL_MAY,
    begin_enquiry: ANY_ROLE,
    ask: ANY_ROLE,
    write: "may NotFound NotAllowed NotAllowed",
    ask_several: "may NotFound NotAllowed NotAllowed",
    ask_about_offers: ANY_ROLE,
    # A saved search is its person’s own.
    save_search: ANY_ROLE,
    change_search: "NotFound NotFound NotAllowed NotAllowed",
    delete_search: "NotFound NotFound NotAllowed NotAllowed",
    propose: ALL_MAY,
    propose_in_conversation: PARTY,
    amend: PARTY,
    agree: PARTY,
    decline: PARTY,
    cancel: PARTY,
    deliver: PARTY,
    send_back: PARTY,
    confirm: PARTY,
    write_review: PARTY,
    answer_review: PARTY,
    report_review: ANY_ROLE,
    decide_review: NETWORK,
    open_dispute: PARTY,
    ask_again: PARTY,
    answer_dispute: PARTY,
    add_statement: PARTY,
    make_offer: PARTY,
    accept_offer: PARTY,
    withdraw_dispute: PARTY,
    open_for_school: NETWORK,
    rule: NETWORK,
    await_second_person: NETWORK,
    rule_by_two: "NotAllowed NotAllowed may NotAllowed",
    turn_down_ruling: "NotAllowed NotAllowed may NotAllowed",
    allow_same_person: NETWORK,
    set_within_trust: NETWORK,
    # Everyone at a school says it of themselves; another school's colleague is not found.
    write_part: ALL_MAY,
    add_evidence: ALL_MAY,
    change_evidence: PARTY,
    remove_evidence: PARTY,
    add_photograph: ALL_MAY,
    change_photograph: PARTY,
    move_photograph: PARTY,
    remove_photograph: PARTY,
    share_expertise: ANY_ROLE,
    suggest_expertise: "NotAllowed NotFound NotAllowed NotAllowed",
    change_expertise: "NotFound NotFound NotAllowed NotAllowed",
    take_back: "NotFound NotFound NotAllowed NotAllowed",
    withdraw_suggestion: "NotAllowed NotFound NotAllowed NotAllowed",
    let_payment_through: NETWORK,
    ask_correction: PARTY,
    agree_to_correction: PARTY,
    decline_correction: PARTY,
    withdraw_correction: PARTY,
    ask_network: PARTY,
    # The network decides as two people; an auditor is one of them where there is one operator.
    let_through_limit: "NotAllowed NotAllowed may NotAllowed",
    hold_back_at_limit: "NotAllowed NotAllowed may NotAllowed",
    school_to_manage: PARTY,
    change_roles: PARTY,
    send_password_link: PARTY,
    invite: PARTY,
    resend: PARTY,
    revoke: PARTY,
    invite_to_network: "NotAllowed NotAllowed NotAllowed NotAllowed",
    network_people: "NotAllowed NotAllowed NotAllowed NotAllowed",
    find_network_person: "NotAllowed NotAllowed NotAllowed NotAllowed",
    remove_from_network: "NotAllowed NotAllowed NotAllowed NotAllowed",
    find_trust_colleague: PARTY,
    remove_trust_role: PARTY,
    # Everyone decides for themselves.
    set_listed: "may may may may",
    dismiss_first_week: ALL_MAY,
    reset_factors: PARTY,
    try_colleague_again: PARTY,
    try_address_again: NETWORK,
    note_failure: NETWORK,
    bring_school_in: NETWORK,
    # They carry out what an operator, or an auditor in the same way, has approved.
    freeze_school: NETWORK,
    unfreeze_school: NETWORK,
    let_school_leave: NETWORK,
    propose_adjustment: NETWORK,
    # An auditor may decide, but only where there is no second operator.
    approve_adjustment: NETWORK,
    refuse_adjustment: NETWORK,
    withdraw_adjustment: NETWORK,
    propose_succession: NETWORK,
    # An auditor may decide, but only where there is no second operator.
    approve_succession: NETWORK,
    refuse_succession: NETWORK,
    # An operator erases others; everyone else themselves only.
    erase_person: "NotAllowed NotAllowed NotAllowed NotAllowed",
    # The network here is an auditor.
    ask_verification: "NotAllowed NotAllowed may NotAllowed",
    ask_export: "NotAllowed NotAllowed may NotAllowed",
    seal_now: NETWORK,
    propose_closing: "NotAllowed NotAllowed may NotAllowed",
    close_period: "NotAllowed NotAllowed may NotAllowed",
    withdraw_closing: "NotAllowed NotAllowed may NotAllowed",
    add_topic: NETWORK,
    change_topic: NETWORK,
    retire_topic: NETWORK,
    bring_topic_back: NETWORK,
    add_word: NETWORK,
    take_word_away: NETWORK,
    take_word_out: NETWORK,
    begin_support: "NotAllowed NotAllowed NotAllowed NotAllowed",
    end_support: PARTY,
    open_enquiry: "may NotFound NotAllowed NotAllowed",
    found_group: ALL_MAY,
    change_group: OWN_GROUP,
    invite_school: OWN_GROUP,
    take_out: OWN_GROUP,
    accept_group: PARTY,
    decline_group: PARTY,
    leave_group: PARTY,
    promise_help: PARTY,
    decline_help: PARTY,
    introduce: PARTY,
    pass_over: PARTY,
    approve_claim: "NotAllowed NotAllowed NotAllowed NotAllowed",
    refuse_claim: "NotAllowed NotAllowed NotAllowed NotAllowed",
}
JUDGES = {may_give_trust_roles, why_no_reset, why_not_impartial, require_impartial}
"""What only says whether an actor may."""
MODULES = (".service", ".proposals", ".invitations", ".trust_roles", ".erasure")
MODULES += (".factor_resets", ".failing_addresses", ".network_people", ".rulings")
MODULES += (".again", ".second_person", ".drafts", ".lasting")
"""Where verbs are."""


def verbs() -> set[Callable[..., Any]]:
    """Every public function of ``MODULES`` that takes an actor."""
    functions = set()
    for module in pkgutil.walk_packages(marketplace.__path__, "marketplace."):
        if module.name.endswith(MODULES):
            for name, function in inspect.getmembers(import_module(module.name)):
                if (
                    inspect.isfunction(function)
                    and function.__module__ == module.name
                    and not name.startswith("_")
                    and inspect.signature(function).parameters.get("actor") is not None
                ):
                    functions.add(function)
    return functions


class Calls:
    """Each verb with things on which the right actor could do it, and the wrong actors."""

    def __init__(self, session: Session) -> None:
        self.count = count_of_each(session)
        ours, partner = joined_school(), joined_school()
        us, them = actor_for(ours), actor_for(partner)
        head = staff(ours, Role.ADMINISTRATOR)
        stranger = actor_for(joined_school(), Role.COORDINATOR, Role.ADMINISTRATOR)
        auditor = PersonFactory(roles=[(Role.AUDITOR, None)])
        self.wrong = {
            "without permission": actor_for(ours, Role.FINANCE),
            "another school": stranger,
            "network": Actor(auditor.id, auditor.name, frozenset({Role.AUDITOR})),
            "no roles": Actor(us.person_id, us.person_name, frozenset(), ours.urn, ours.name),
        }
        listing, withdrawn, of_partner = posted(us), posted(us), posted(them)
        withdraw_listing(session, us, withdrawn)
        ending = posted(us, details=Details(expires_on=today()))
        request, saved_draft = posted(us, kind="request"), drafted(us)
        inset = Days("inset", "Training", today() + timedelta(days=7), today() + timedelta(days=7))
        # Ours provides where it was asked, and receives where it confirms.
        exchange = {state: brought_to(state, us, them) for state in State}
        received = brought_to(State.DELIVERED, them, us)
        received_and_paid = brought_to(State.CONFIRMED, them, us, minutes=120)
        to_put_right, put_right_by_us = (
            session.get_one(Exchange, corrected_to(CorrectionState.ASKED, *pair).exchange_id)
            for pair in ((us, them), (them, us))
        )
        at_limit = beyond_limit(us, them)
        beyond = corrected_to(
            CorrectionState.BEYOND_LIMIT, *(actor_for(joined_school()) for _ in range(2))
        )
        theirs, answered, offered = (
            brought_to(State.DISPUTED, us, them, minutes=60) for _ in range(3)
        )
        ours_to_withdraw = brought_to(State.DISPUTED, them, us, minutes=60)
        answer_dispute(session, us, answered, minutes=60, text="An hour.", version=4)
        make_offer(session, them, offered, minutes=60, version=4)
        policy, key = Policy(), "the key of a form"
        search = saved_search(us)
        delivery = {"minutes": 60, "on_date": today(), "note": "", "policy": policy, "version": 2}
        member = staff(ours, Role.MEMBER)
        colleague = {"name": "Jo", "email": "jo@example.org", "roles": {Role.MEMBER}}
        invitation = invited(ours, "al@example.org")
        trust = Trust(name="Trust")
        session.add(trust)
        session.flush()
        session.get_one(School, ours.urn).trust_id = trust.id
        session.add(
            TrustGrant(
                person_id=head.id,
                trust_id=trust.id,
                role=Role.TRUST_ADMINISTRATOR,
                granted_at=datetime.now(UTC),
            )
        )
        own_expertise = shared(us)
        review = shown_review(us, them)
        of_others = shown_review(them, actor_for(joined_school()))
        own_evidence, own_photograph = evidenced(us).id, photographed(us).id
        words = Words("Our choir", "", Audience())
        suggestion = suggested(actor_for(ours, Role.ADMINISTRATOR), member.id)
        runs = operator()
        group, invites_us = founded(us, them), (founded(them), founded(them))
        for one in invites_us:
            invited_into(them, one, us)
        access = begin_support(session, runs, ours.urn, "To help.", idempotency_key=key)
        self.arguments: dict[Callable[..., Any], tuple[tuple[Any, ...], dict[str, Any]]] = {
            post_listing: ((draft(),), {"idempotency_key": key}),
            change_listing: ((listing, draft(title="Theirs")), {"version": 1}),
            withdraw_listing: ((listing,), {}),
            reopen_listing: ((withdrawn,), {}),
            renew_listing: ((ending,), {}),
            mark_met: ((request, "part", "Theirs"), {}),
            save_draft: (({"title": ["Half"]},), {"draft_id": None, "idempotency_key": key}),
            post_draft: ((draft(),), {"draft_id": None, "idempotency_key": key}),
            get_draft: ((saved_draft.id,), {}),
            delete_draft: ((saved_draft.id,), {}),
            list_drafts: ((), {}),
            report_listing: ((of_partner, "wrong", ""), {}),
            decide: ((of_partner, "hide", "So."), {"version": 1}),
            change_tariff: ((FIRST_RATES, "So."), {"version": 0}),
            add_days: ((Owner(ours.urn), inset), {}),
            import_days: ((Owner(ours.urn), [inset]), {}),
            delete_days: ((Owner(ours.urn), told(us).id), {}),
            answer: (("yes",), {}),
            begin_enquiry: ((of_partner,), {}),
            ask: ((of_partner, "May we?"), {"idempotency_key": key}),
            write: (
                (get_enquiry(session, exchange[State.PROPOSED].enquiry_id, us), "Hello."),
                {"idempotency_key": key},
            ),
            ask_several: (
                (posted(us, kind="request"), [of_partner.id], "May we?"),
                {"idempotency_key": key},
            ),
            ask_about_offers: (([of_partner.id], "May we?"), {"idempotency_key": key}),
            save_search: (
                (SavedCriteria("phonics"), "Phonics", AlertFrequency.DAILY),
                {"idempotency_key": key},
            ),
            change_search: ((search, "Reading", AlertFrequency.OFF), {"version": 1}),
            delete_search: ((search,), {}),
            propose: ((of_partner, terms(), policy), {"idempotency_key": key}),
            propose_in_conversation: (
                (get_enquiry(session, exchange[State.AGREED].enquiry_id, us), terms(), policy),
                {"idempotency_key": key},
            ),
            amend: ((exchange[State.PROPOSED], terms(minutes=60), policy), {"version": 1}),
            agree: ((exchange[State.PROPOSED],), {"version": 1}),
            decline: ((exchange[State.PROPOSED], "No."), {"version": 1}),
            cancel: ((exchange[State.AGREED], "No."), {"version": 2}),
            deliver: ((exchange[State.AGREED],), delivery),
            send_back: ((received, "No."), {"version": 3}),
            confirm: ((received,), {"version": 3}),
            write_review: ((exchange[State.CONFIRMED],), {"again": "yes", "effect": ""}),
            answer_review: ((review, "Thank you."), {}),
            report_review: ((review, "It is not so."), {}),
            decide_review: ((of_others, "hide", "So."), {"version": 1}),
            open_dispute: ((received,), {"minutes": 60, "text": "An hour.", "version": 3}),
            answer_dispute: ((theirs,), {"minutes": 60, "text": "An hour.", "version": 4}),
            add_statement: ((answered,), {"text": "An hour.", "version": 5}),
            make_offer: ((theirs,), {"minutes": 60, "version": 4}),
            accept_offer: ((offered,), {"version": 5}),
            withdraw_dispute: ((ours_to_withdraw, "No."), {"version": 4}),
            allow_same_person: ((True,), {}),
            set_within_trust: ((), {"free": True}),
            write_part: ((PartKind.CONTACT, "Words", Audience()), {"version": 0}),
            add_evidence: ((piece(),), {"idempotency_key": key}),
            change_evidence: ((own_evidence, piece(title="New")), {"version": 1}),
            remove_evidence: ((own_evidence,), {}),
            add_photograph: (
                (read_picture(picture_file()), words),
                {"people_agreed": True, "idempotency_key": key},
            ),
            change_photograph: ((own_photograph, words), {"version": 1}),
            move_photograph: ((own_photograph,), {"up": True}),
            remove_photograph: ((own_photograph,), {}),
            share_expertise: ((said(),), {"idempotency_key": key}),
            suggest_expertise: ((member.id, said()), {"idempotency_key": key}),
            change_expertise: ((own_expertise, said()), {"version": 1}),
            take_back: ((own_expertise,), {}),
            withdraw_suggestion: ((suggestion,), {}),
            let_payment_through: ((frozen_delivery().id, "It was given before."), {}),
            ask_correction: (
                (received_and_paid,),
                {"minutes": 60, "reason": "An hour.", "policy": policy, "version": 4},
            ),
            agree_to_correction: ((to_put_right,), {"version": 5}),
            decline_correction: ((to_put_right, "No."), {"version": 5}),
            withdraw_correction: ((put_right_by_us,), {"version": 5}),
            ask_network: ((at_limit,), {"version": 5}),
            let_through_limit: ((beyond.id,), {"override": Override("two people", "Both agree.")}),
            hold_back_at_limit: ((beyond.id, "No."), {}),
            school_to_manage: ((ours.urn,), {}),
            send_password_link: ((ours.urn, member.id), {}),
            invite: ((ours.urn,), colleague),
            resend: ((ours.urn, invitation.id), {}),
            invite_to_network: (
                (),
                {"name": "Jo", "email": "net@example.org", "roles": {Role.AUDITOR}},
            ),
            network_people: ((), {}),
            find_network_person: ((auditor.id,), {}),
            remove_from_network: ((auditor.id,), {}),
            revoke: ((ours.urn, invitation.id), {}),
            find_trust_colleague: ((ours.urn, head.id, Role.TRUST_ADMINISTRATOR), {}),
            remove_trust_role: ((ours.urn, head.id, Role.TRUST_ADMINISTRATOR), {}),
            change_roles: (
                (ours.urn, member.id, frozenset({Role.FINANCE})),
                {"seen": frozenset({Role.MEMBER})},
            ),
            erase_person: ((member.id,), {}),
            try_colleague_again: ((ours.urn, member.id), {}),
            try_address_again: (("jo@example.org",), {}),
            note_failure: ((1,), {}),
            set_listed: ((True,), {}),
            dismiss_first_week: ((), {}),
            begin_support: ((ours.urn, "To help."), {"idempotency_key": key}),
            end_support: ((access,), {}),
            open_enquiry: ((listing, partner.urn), {}),
            found_group: (
                (),
                {"name": "Hub", "purpose": "To help.", "idempotency_key": key},
            ),
            change_group: ((group,), {"name": "Hub", "purpose": "To help.", "version": 1}),
            invite_school: ((group, joined_school().urn), {}),
            take_out: ((group, partner.urn), {}),
            accept_group: ((invites_us[0],), {}),
            decline_group: ((invites_us[1],), {}),
            leave_group: ((founded(us),), {}),
            promise_help: ((asked_in_confidence(them, us).id,), {}),
            decline_help: ((asked_in_confidence(them, us).id,), {}),
            introduce: ((promised(us, them).id, "Hello."), {"idempotency_key": key}),
            pass_over: ((promised(us, them).id,), {}),
            approve_claim: ((waiting_claim(SchoolFactory()).id, "Asked.", policy), {}),
            refuse_claim: ((waiting_claim(SchoolFactory()).id, "No."), {}),
        }
        with_authenticator(bursar := staff(ours, Role.FINANCE))
        self.arguments[reset_factors] = ((ours.urn, bursar.id), {})
        closed, paused, outside = joined_school(), joined_school(), SchoolFactory()
        close(closed)
        freeze_school(session, runs, paused.urn, "No answer.")
        waiting = proposed_succession()
        closing = proposed_closing(session, operator())
        leaving = joined_school()
        plan = leaving_of(session, leaving)
        to_propose, to_approve = answered_dispute(), answered_dispute()
        to_decide, ruled = (
            session.get_one(Exchange, dispute.exchange_id)
            for dispute in (answered_dispute(), answered_dispute(giver=us, taker=them))
        )
        stuck, decision = stuck_exchange(), Decision(Ruling.PAY, 60, 0, "So it was.")
        rule(session, operator(), ruled, decision, version=5)
        await_second_person(session, operator(), to_approve.id, 1)
        grant, own_grant = proposed_adjustment(), proposed_adjustment(runs)
        self.arguments |= {
            bring_school_in: ((outside.urn, policy), {}),
            freeze_school: ((partner.urn, "No answer."), {}),
            unfreeze_school: ((paused.urn,), {}),
            let_school_leave: (
                (leaving.urn,),
                {"reason": "They asked.", "heir_urn": None, "seen": plan.fingerprint},
            ),
            open_for_school: (
                (stuck, stuck.provider_urn),
                {"minutes": 60, "text": "An hour.", "version": 3},
            ),
            rule: ((to_decide, decision), {"version": 5}),
            ask_again: ((ruled,), {"minutes": 120, "text": "No.", "version": 6}),
            await_second_person: ((to_propose.id, 2), {}),
            rule_by_two: (
                (to_approve.id, decision),
                {"proposed_by_id": 1, "override": Override("two people", "So it was.")},
            ),
            turn_down_ruling: ((to_approve.id,), {}),
            propose_succession: ((closed.urn, outside.urn), {}),
            approve_succession: ((waiting.id, policy), {}),
            refuse_succession: ((waiting.id,), {}),
            propose_adjustment: (
                (GRANT, partner.urn),
                {
                    "details": {"minutes": 60, "source": "issuance"},
                    "reason": "They helped.",
                    "evidence": "They wrote so.",
                    "evidence_source": "E-mail of 3 June",
                    "idempotency_key": key,
                },
            ),
            approve_adjustment: (
                (grant.id,),
                {"seen": fingerprint(figures_now(session, grant))},
            ),
            refuse_adjustment: ((grant.id,), {"reason": "No."}),
            withdraw_adjustment: ((own_grant.id,), {}),
            ask_verification: ((), {"thorough": False}),
            ask_export: (("csv", {}, 1), {}),
            seal_now: ((), {}),
            propose_closing: ((date(2025, 12, 31), "Nothing is open."), {}),
            close_period: ((closing.id,), {}),
            withdraw_closing: ((closing.id,), {}),
            add_topic: (("Robotics",), {"idempotency_key": key}),
            change_topic: (
                ("music",),
                {"name": "Music", "group": "pastoral", "version": 0, "idempotency_key": key},
            ),
            retire_topic: (("drama",), {"idempotency_key": key}),
            bring_topic_back: (("pe",), {"idempotency_key": key}),
            add_word: (("Rapid phonics",), {"same_as": "phonics", "idempotency_key": key}),
            take_word_away: ((own_word(runs).id,), {}),
            take_word_out: (("deaf",), {"topic": "send"}),
        }
        roles = frozenset({Role.ADMINISTRATOR, Role.TRUST_ADMINISTRATOR})
        administrator = Actor(head.id, head.name, roles, ours.urn)
        self.right = {
            verb: administrator
            if ".members." in verb.__module__
            else runs
            if ".network." in verb.__module__
            or ".adjustments." in verb.__module__
            or verb.__module__.endswith(".rulings")
            else us
            for verb in EXPECTED
        }
        self.right |= {
            erase_person: runs,
            allow_same_person: trust_administrator(trust.id, us),
            set_within_trust: trust_administrator(trust.id, us),
            suggest_expertise: administrator,
            withdraw_suggestion: administrator,
            let_through_limit: runs,
            let_payment_through: runs,
            hold_back_at_limit: runs,
            await_second_person: runs,
            rule_by_two: runs,
            turn_down_ruling: runs,
            invite_to_network: runs,
            network_people: runs,
            try_address_again: runs,
            note_failure: runs,
            find_network_person: runs,
            remove_from_network: runs,
            begin_support: runs,
            end_support: administrator,
            approve_claim: runs,
            refuse_claim: runs,
            ask_verification: runs,
            ask_export: runs,
            seal_now: runs,
            decide: runs,
            decide_review: runs,
            change_tariff: runs,
            propose_closing: runs,
            close_period: runs,
            withdraw_closing: runs,
            add_topic: runs,
            change_topic: runs,
            retire_topic: runs,
            bring_topic_back: runs,
            add_word: runs,
            take_word_away: runs,
            take_word_out: runs,
        }

    def rows(self, session: Session) -> dict[str, int]:
        """How many rows each table has."""
        return dict([tuple(row) for row in session.execute(self.count)])

    def do(self, session: Session, verb: Callable[..., Any], actor: Actor) -> str:
        """Call ``verb`` as ``actor`` and take it back; the name of what it raised, or "may"."""
        arguments, named = self.arguments[verb]
        savepoint = session.begin_nested()
        try:
            verb(session, actor, *arguments, **named)
        except (NotAllowed, NotFound) as refusal:
            session.flush()
            return type(refusal).__name__
        finally:
            if savepoint.is_active:
                self.rows_after = self.rows(session)
                savepoint.rollback()
        return "may"


def count_of_each(session: Session) -> sa.TextClause:
    """The question how many rows each table has, the ledger's too.

    It takes longer to put together than to answer.
    """
    tables = sa.inspect(session.connection()).get_table_names()
    return sa.text(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables))


def test_every_verb_that_takes_an_actor_is_in_the_table() -> None:
    assert verbs() == set(EXPECTED) | JUDGES


def test_every_verb_refuses_every_wrong_actor_and_writes_nothing(app: Skillbank) -> None:
    outcomes = {}
    with saved(app) as session:
        calls = Calls(session)
        session.commit()
        before = calls.rows(session)
        for verb in EXPECTED:
            by_actor = []
            for who in WHO:
                by_actor.append(calls.do(session, verb, calls.wrong[who]))
                if by_actor[-1] != "may":
                    assert calls.rows_after == before, (verb.__name__, who)
            outcomes[verb] = " ".join(by_actor)
            assert calls.do(session, verb, calls.right[verb]) == "may", verb.__name__
    assert outcomes == EXPECTED


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR])
def test_a_role_at_a_school_does_nothing_without_the_school(role: Role) -> None:
    with pytest.raises(NotAllowed, match="Only a school can do this"):
        Actor(1, "Jo", frozenset({role})).school()
