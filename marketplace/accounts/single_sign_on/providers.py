"""The providers that the settings name, and what each of them says of a person."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from marketplace.setting_groups import SingleSignOnSettings

TIMEOUT_SECONDS = 10
MICROSOFT = "https://login.microsoftonline.com"
GOOGLE = "https://accounts.google.com"
SIGNATURES = ("RS256", "PS256", "ES256")
"""How an ID token may be signed; what else a provider says it does, even "none", is refused."""
_KEY = "skillbank.single_sign_on"

log = logging.getLogger(__name__)


class ProviderError(Exception):
    """The provider's answer cannot be used: made up, too old, refused by the person, or none."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of the person who signed in there."""

    issuer: str
    subject: str
    email: str
    email_is_verified: bool


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: where it is, who we are there, and when its addresses can be relied on."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str
    says_verified: Callable[[Mapping[str, Any]], bool]
    many_tenants: bool = False
    """Each organisation has an issuer of its own, which is the common one with its number."""

    @property
    def metadata_url(self) -> str:
        """Where the provider describes itself."""
        return f"{self.issuer}/.well-known/openid-configuration"

    def begin(self, redirect_uri: str) -> ResponseReturnValue:
        """Lead the browser to the provider, with a state, a nonce and a PKCE challenge.

        Raises:
            ProviderError: if the provider cannot be reached, or calls itself something else.
        """
        try:
            client = self._client()
            self._refuse_another_issuer(client.load_server_metadata())
            answer: ResponseReturnValue = client.authorize_redirect(redirect_uri)
            return answer
        except (AuthlibBaseError, requests.RequestException, ValueError) as error:
            raise self._failed(error) from error

    def finish(self) -> Claims:
        """Return what the provider says of the person, out of the request that it answers with.

        The library checks the state against the browser's, the code, the signature of the ID
        token, its audience, its age and the nonce.

        Raises:
            ProviderError: if any of that is wrong, or the provider cannot be reached.
        """
        if request.args.get("iss", self.issuer) != self.issuer and not self.many_tenants:
            raise ProviderError("the answer names another issuer")
        try:
            client = self._client()
            metadata = client.load_server_metadata()
            self._refuse_another_issuer(metadata)
            # The library takes the signatures that it accepts from what the provider says.
            metadata["id_token_signing_alg_values_supported"] = list(SIGNATURES)
            token = client.authorize_access_token(claims_options=self._claims_options())
            said = token.get("userinfo") or {}
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError) as e:
            raise self._failed(e) from e
        if not said.get("sub") or not said.get("iss"):
            raise ProviderError("the answer has no subject")
        return Claims(
            issuer=str(said["iss"])[:255],
            subject=str(said["sub"])[:255],
            email=str(said.get("email") or "").strip().lower()[:254],
            email_is_verified=self.says_verified(said),
        )

    def _client(self) -> Any:
        oauth: OAuth = current_app.extensions[_KEY]["oauth"]
        return oauth.create_client(self.name)

    def _refuse_another_issuer(self, metadata: Mapping[str, Any]) -> None:
        """Refuse a provider that describes itself as another one (a mix-up)."""
        if not self.many_tenants and metadata.get("issuer") != self.issuer:
            raise ProviderError("the provider calls itself something else")

    def _claims_options(self) -> dict[str, Any]:
        if not self.many_tenants:
            return {"iss": {"essential": True, "values": [self.issuer]}}

        def is_of_its_tenant(claims: Mapping[str, Any], issuer: str) -> bool:
            return issuer == f"{MICROSOFT}/{claims.get('tid')}/v2.0"

        return {"iss": {"essential": True, "validate": is_of_its_tenant}}

    def _failed(self, error: Exception) -> ProviderError:
        log.warning("Single sign-on with %s failed: %s", self.name, type(error).__name__)
        return ProviderError(type(error).__name__)


def _says_email_verified(claims: Mapping[str, Any]) -> bool:
    return claims.get("email_verified") is True


def _microsoft_owns_domain(claims: Mapping[str, Any]) -> bool:
    """Microsoft repeats whatever address a tenant's administrator wrote, unless this claim is set.

    ``xms_edov`` says that the tenant has proved that it owns the address's domain.
    """
    return claims.get("xms_edov") in (True, 1, "1", "true")


def configured(settings: SingleSignOnSettings) -> dict[str, Provider]:
    """Return the providers that the settings give an identity of ours at, by name."""
    providers = [
        Provider(
            "microsoft",
            "Microsoft",
            f"{MICROSOFT}/{settings.microsoft_tenant}/v2.0",
            settings.microsoft_client_id,
            settings.microsoft_client_secret,
            _microsoft_owns_domain,
            many_tenants=settings.microsoft_tenant in ("organizations", "common"),
        ),
        Provider(
            "google",
            "Google",
            GOOGLE,
            settings.google_client_id,
            settings.google_client_secret,
            _says_email_verified,
        ),
        Provider(
            "dfe",
            "DfE Sign-in",
            settings.dfe_issuer.rstrip("/"),
            settings.dfe_client_id,
            settings.dfe_client_secret,
            _says_email_verified,
        ),
        Provider(
            "other",
            settings.other_label,
            settings.other_issuer.rstrip("/"),
            settings.other_client_id,
            settings.other_client_secret,
            _says_email_verified,
        ),
    ]
    return {provider.name: provider for provider in providers if provider.client_id}


def init_app(app: Flask) -> None:
    """Register every configured provider with the library."""
    providers = configured(app.extensions["skillbank.settings"].single_sign_on)
    oauth = OAuth()
    app.extensions[_KEY] = {"oauth": oauth, "providers": providers}
    oauth.init_app(app)
    for provider in providers.values():
        oauth.register(
            provider.name,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=provider.metadata_url,
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
                "max_redirects": 0,  # a provider's own addresses lead nowhere else
            },
        )


def all_providers() -> dict[str, Provider]:
    """Return the providers of the running application, by name."""
    providers: dict[str, Provider] = current_app.extensions[_KEY]["providers"]
    return providers


def provider_label(name: str) -> str:
    """Return what people call the provider; its name, if the settings no longer have it."""
    provider = all_providers().get(name)
    return provider.label if provider else name
