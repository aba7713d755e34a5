"""Signing in with an account elsewhere, and connecting one."""

from __future__ import annotations

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import sessions
from marketplace.accounts.access import PUBLIC, SIGNED_IN, access, find_current_user
from marketplace.accounts.security_log import SecurityKind, record_apart
from marketplace.accounts.single_sign_on import identities
from marketplace.accounts.single_sign_on.providers import (
    Provider,
    ProviderError,
    all_providers,
    provider_label,
)
from marketplace.accounts.views import enter_or_ask, safe_target
from marketplace.database import db, writes_on_get
from marketplace.errors import NotFound
from marketplace.web.addresses import site_link
from marketplace.web.forms import button_was_pressed

blueprint = Blueprint("single_sign_on", __name__)

_CONFIRMED = "confirmed"
"""In the address of who has just been asked who they are."""
_PURPOSE = "single_sign_on"
"""What the browser's session has while the person is at the provider: for whom, and what next."""


def sign_in_links() -> list[tuple[str, str]]:
    """Return the label and the address of each way to sign in elsewhere."""
    target = safe_target(request.args.get("next"))
    return [
        (provider.label, url_for("single_sign_on.begin", name=name, next=target))
        for name, provider in all_providers().items()
    ]


@blueprint.get("/sign-in/with/<name>")
@access(PUBLIC)
def begin(name: str) -> ResponseReturnValue:
    """Go to the provider to sign in."""
    return _begin(_provider(name), {"next": safe_target(request.args.get("next"))})


@blueprint.get("/account/sign-in-with/<name>/connect")
@access(SIGNED_IN)
def begin_to_connect(name: str) -> ResponseReturnValue:
    """Ask again who the person is, then go to the provider to connect the account there.

    A browser lets no form lead to another site, not by a redirect either (``form-action`` of our
    Content-Security-Policy). So whoever comes from the form that asks gets a page in between.
    """
    if not current_user.confirmed_recently:
        return redirect(url_for("accounts.confirm", next=f"{request.path}?{_CONFIRMED}"))
    provider = _provider(name)
    answer = _begin(provider, {"sign_in_id": current_user.sign_in_id})
    if _CONFIRMED in request.args and isinstance(answer, Response) and answer.location:
        page = make_response(
            render_template(
                "accounts/single_sign_on/going.html", provider=provider, url=answer.location
            )
        )
        page.headers["Refresh"] = f"0; url={answer.location}"
        return page
    return answer


@blueprint.get("/sign-in/with/<name>/answer")
@access(PUBLIC)
@writes_on_get
def finish(name: str) -> ResponseReturnValue:
    """Take the provider's answer: sign in, or connect the account there."""
    provider = _provider(name)
    purpose = session.pop(_PURPOSE, None)
    db.session.rollback()  # no transaction waits for the provider
    try:
        if purpose is None or purpose.get("provider") != name:
            raise ProviderError("the answer does not belong to this browser")
        claims = provider.finish()
    except ProviderError as error:
        return _failed(provider, error)
    if sign_in_id := purpose.get("sign_in_id"):
        user = find_current_user()
        if user is None or user.sign_in_id != sign_in_id:
            return _failed(provider, ProviderError("the session has ended"))
        identities.connect(db.session(), user.person_id, provider, claims)
        flash(f"From now on you can sign in with {provider.label}.", "success")
        return redirect(url_for(".connected"))
    person = identities.person_signing_in(db.session(), provider, claims)
    if person is None:
        record_apart(SecurityKind.SIGN_IN_FAILED, method=provider.name)
        page = render_template(
            "accounts/single_sign_on/not_connected.html", provider=provider, email=claims.email
        )
        return page, 403
    return enter_or_ask(person, sessions.Method.SINGLE_SIGN_ON, target=purpose.get("next"))


@blueprint.get("/account/sign-in-with")
@access(SIGNED_IN)
def connected() -> ResponseReturnValue:
    """Show the accounts elsewhere that open one's own."""
    connected_identities = identities.identities_of(db.session(), current_user.person_id)
    used = {identity.provider for identity in connected_identities}
    providers = all_providers()
    return render_template(
        "accounts/single_sign_on/connected.html",
        identities=[
            (identity, provider_label(identity.provider)) for identity in connected_identities
        ],
        others=[
            (provider.label, url_for(".begin_to_connect", name=name))
            for name, provider in providers.items()
            if name not in used
        ],
    )


@blueprint.post("/account/sign-in-with/<int:identity_id>/disconnect")
@access(SIGNED_IN, recent=True)
def disconnect(identity_id: int) -> ResponseReturnValue:
    """Let an account elsewhere open one's own no longer."""
    if button_was_pressed():
        identities.disconnect(db.session(), current_user.person_id, identity_id)
        flash("It is disconnected.", "success")
    return redirect(url_for(".connected"))


def _begin(provider: Provider, purpose: dict[str, object]) -> ResponseReturnValue:
    session[_PURPOSE] = {"provider": provider.name, **purpose}
    try:
        return provider.begin(site_link("single_sign_on.finish", name=provider.name))
    except ProviderError as error:
        return _failed(provider, error)


def _failed(provider: Provider, error: ProviderError) -> ResponseReturnValue:
    record_apart(SecurityKind.SIGN_IN_FAILED, method=provider.name, reason=str(error)[:60])
    page = render_template("accounts/single_sign_on/failed.html", provider=provider)
    return page, 400


def _provider(name: str) -> Provider:
    provider = all_providers().get(name)
    if provider is None:
        raise NotFound
    return provider
