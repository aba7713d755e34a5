"""The pages of notifications: the list, one of them, preferences, and ending e-mails."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.accounts.access import PUBLIC, SIGNED_IN, access
from marketplace.accounts.ledger_actor import NETWORK
from marketplace.application import keep
from marketplace.database import db
from marketplace.errors import NotFound
from marketplace.notifications import preferences as choices
from marketplace.notifications import queries, service
from marketplace.notifications.catalogue import KINDS
from marketplace.notifications.forms import preferences_form
from marketplace.notifications.models import Notification
from marketplace.notifications.presenters import notification_row
from marketplace.notifications.queries import Told
from marketplace.notifications.recipients import RolesOf
from marketplace.notifications.unsubscribing import Subscription
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("notifications", __name__)


@blueprint.get("/notifications")
@access(SIGNED_IN)
def ours() -> ResponseReturnValue:
    """Show what the person was told, the latest first."""
    unread_only = request.args.get("show") == "unread"
    after = request.args.get("after", "")
    page = queries.list_notifications(
        db.session(), current_user.person_id, unread_only=unread_only, after=after
    )
    show = "unread" if unread_only else None
    return render_template(
        "notifications/ours.html",
        rows=[notification_row(told) for told in page.rows],
        tabs=[
            ("All", url_for(".ours"), not unread_only),
            ("Unread", url_for(".ours", show="unread"), unread_only),
        ],
        unread_only=unread_only,
        first_page=not after,
        next_url=url_for(".ours", show=show, after=page.next) if page.next else None,
    )


@blueprint.post("/notifications/read")
@access(SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Mark every notification as read."""
    if button_was_pressed():
        service.mark_all_read(db.session(), current_user.person_id)
        flash("All notifications are marked as read.", "success")
    return redirect(url_for(".ours"))


@blueprint.get("/notifications/<int:notification_id>")
@access(SIGNED_IN)
def follow(notification_id: int) -> ResponseReturnValue:
    """Go where a notification leads, or offer to act for the school that it is of.

    That it has been opened is noted apart, because this request only reads.
    """
    notification = service.get_own(db.session(), notification_id, current_user.person_id)
    told = _with_words(notification)
    if told.kind.permission is None or notification.school_urn == current_user.actor.urn:
        if notification.read_at is None:
            keep(lambda database: service.mark_read(database, notification_id))
        return redirect(told.kind.target(told.notice).path())
    _membership_key(notification)
    return render_template(
        "notifications/switch.html",
        told=told,
        open_url=url_for(".switch_and_open", notification_id=notification_id),
    )


@blueprint.post("/notifications/<int:notification_id>")
@access(SIGNED_IN)
def switch_and_open(notification_id: int) -> ResponseReturnValue:
    """Act for the school that a notification is of, and go where it leads."""
    notification = service.get_own(db.session(), notification_id, current_user.person_id)
    told = _with_words(notification)
    if not button_was_pressed():
        return redirect(url_for(".ours"))
    if told.kind.permission is not None:
        session["acting"] = _membership_key(notification)
    service.mark_read(db.session(), notification_id)
    return redirect(told.kind.target(told.notice).path())


@blueprint.route("/account/notifications", methods=["GET", "POST"])
@access(SIGNED_IN)
def preferences() -> ResponseReturnValue:
    """Choose how often one is told of what by e-mail, and at which hours not."""
    person_id = current_user.person_id
    roles = RolesOf(db.session(), person_id)
    kinds = [kind for kind in KINDS if kind.may_be_changed and roles.concern(kind)]
    form = preferences_form(
        kinds,
        choices.frequencies_of(db.session(), person_id),
        choices.quiet_hours_of(db.session(), [person_id]).get(person_id),
    )
    if form.validate_on_submit():
        choices.choose_frequencies(db.session(), person_id, form.frequencies())
        choices.choose_quiet_hours(db.session(), person_id, form.hours())
        flash("Your choice is saved.", "success")
        return redirect(url_for(".preferences"))
    page = render_template(
        "notifications/preferences.html",
        form=form,
        always=[kind.label for kind in KINDS if not kind.may_be_changed],
    )
    return page, form.status


@blueprint.route("/notifications/unsubscribe/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def unsubscribe(token: str) -> ResponseReturnValue:
    """End e-mails of one kind with one click, signed in or not (RFC 8058).

    The token is what allows it: mail programs send the POST by themselves, without a session and
    without a token against forged posts.
    """
    subscription = Subscription.of_token(db.session(), token)
    if subscription is None:
        raise NotFound
    if request.method == "POST":
        subscription.end(db.session())
    return render_template(
        "notifications/unsubscribe.html",
        label=subscription.label,
        ended=request.method == "POST",
    )


def _with_words(notification: Notification) -> Told:
    told = queries.with_words(db.session(), [notification])
    if not told:
        raise NotFound
    return told[0]


def _membership_key(notification: Notification) -> str:
    """The key of the membership as which the person was told.

    Raises:
        NotFound: if they do not hold it any more.
    """
    urn = notification.school_urn
    key = NETWORK if urn is None else f"school:{urn}"
    if key not in {membership.key for membership in current_user.memberships}:
        raise NotFound
    return key
