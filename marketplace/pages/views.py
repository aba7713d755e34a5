"""The blueprint of the pages, each with a module of its own."""

from __future__ import annotations

from flask import Blueprint

from marketplace.pages.conversation import conversation
from marketplace.pages.dashboard import dashboard
from marketplace.pages.first_week import dismiss
from marketplace.pages.landing import landing
from marketplace.pages.listing import listing
from marketplace.pages.offers import offer, offers
from marketplace.pages.school import school
from marketplace.pages.site_files import favicon, old_security_txt, robots, security_txt

blueprint = Blueprint("pages", __name__)

blueprint.add_url_rule("/", view_func=landing)
blueprint.add_url_rule("/robots.txt", view_func=robots)
blueprint.add_url_rule("/favicon.ico", view_func=favicon)
blueprint.add_url_rule("/.well-known/security.txt", view_func=security_txt)
blueprint.add_url_rule("/security.txt", view_func=old_security_txt)
blueprint.add_url_rule("/offers", view_func=offers)
blueprint.add_url_rule("/offers/<int:offer_id>", view_func=offer)
blueprint.add_url_rule("/home", view_func=dashboard)
blueprint.add_url_rule(
    "/first-week/dismiss", "dismiss_first_week", view_func=dismiss, methods=["POST"]
)
blueprint.add_url_rule("/listings/<int:listing_id>", view_func=listing)
blueprint.add_url_rule("/schools/<int:urn>", view_func=school)
blueprint.add_url_rule(
    "/messages/<int:enquiry_id>", view_func=conversation, methods=["GET", "POST"]
)
