"""The e-mails that a school's people got for it, for its administrators and the operator."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor
from marketplace.database import db
from marketplace.mail.presenters import delivery_row
from marketplace.mail.queries import deliveries_of_school
from marketplace.members import service
from marketplace.members.failing_addresses import failing_colleagues, try_colleague_again
from marketplace.members.views import MANAGE, blueprint
from marketplace.web.forms import button_was_pressed


@blueprint.get("/schools/<int:urn>/e-mails")
@access(MANAGE)
def emails(urn: int) -> ResponseReturnValue:
    """Show whose addresses take no e-mail, and what was sent for the school, the newest first."""
    session = db.session()
    school = service.school_to_manage(session, current_actor(), urn)
    page = deliveries_of_school(session, urn, after=request.args.get("after", ""))
    return render_template(
        "members/emails.html",
        school=school,
        failing=failing_colleagues(session, urn),
        emails=page.map(delivery_row).rows,
        next_url=url_for(".emails", urn=urn, after=page.next) if page.next else None,
    )


@blueprint.post("/schools/<int:urn>/people/<int:person_id>/address-works")
@access(MANAGE, recent=True)
def address_works(urn: int, person_id: int) -> ResponseReturnValue:
    """Let e-mails be sent to a colleague's address again."""
    if button_was_pressed():
        if try_colleague_again(db.session(), current_actor(), urn, person_id):
            flash("The next e-mails are sent to the address again.", "success")
        else:
            flash("The address works: nothing has changed.", "info")
    return redirect(url_for(".emails", urn=urn))
