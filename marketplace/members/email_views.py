"""The e-mails that a school's people got for it, for the administrator."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.access import access, current_actor
from marketplace.database import db
from marketplace.mail.presenters import STATE_TAGS
from marketplace.mail.queries import deliveries_of_school, find_failing
from marketplace.members import service
from marketplace.members.views import MANAGE, blueprint

PAGE = 50


@blueprint.get("/schools/<int:urn>/e-mails")
@access(MANAGE)
def emails(urn: int) -> ResponseReturnValue:
    """Show whose addresses take no e-mail, and what was sent for the school, the newest first."""
    database = db.session()
    school = service.school_to_manage(database, current_actor(), urn)
    colleagues = {person.email: person for person in service.colleagues_of(database, urn)}
    page = deliveries_of_school(database, urn, after=request.args.get("after", ""), limit=PAGE)
    return render_template(
        "members/emails.html",
        school=school,
        failing=[(row, colleagues[row.address]) for row in find_failing(database, colleagues)],
        emails=page.rows,
        tags=STATE_TAGS,
        next_url=url_for(".emails", urn=urn, after=page.next) if page.next else None,
    )
