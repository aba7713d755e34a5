"""Who would see something, while it is chosen in a form."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from wtforms import Form as PlainForm

from marketplace.accounts.access import access, current_actor, needs
from marketplace.accounts.roles import Permission
from marketplace.audiences.choosing import own_circles, preview
from marketplace.audiences.forms import AudienceFields
from marketplace.database import db

blueprint = Blueprint("audiences", __name__)


class AudienceQuestion(AudienceFields, PlainForm):
    """The fields of an audience, as they are chosen in a form that has not been sent."""


@blueprint.get("/audiences/who")
@access(needs(Permission.VIEW_LISTINGS, school=True))
def who() -> ResponseReturnValue:
    """Say who would see it, for the script of the form."""
    own = own_circles(db.session(), current_actor())
    form = AudienceQuestion(request.args)
    form.offer_audiences(own, confidential=True)
    answer = preview(db.session(), form.chosen_audience(), own)
    return jsonify(words=answer.words, count=answer.count, missing=answer.missing)
