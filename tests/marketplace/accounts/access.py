"""Who may open what of signing in and out (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

from tests.marketplace.outcomes import PEOPLE_OURS, PEOPLE_THEIRS

EVERYBODY = "200 200 200 200 200 200 200 200 200"
SIGNED_IN = "200 200 200 200 200 200 200 200 in"
FORM = "422 422 422 422 422 422 422 422 in"
OF_ANOTHER = "404 404 404 404 404 404 404 404 in"

EXPECTED = {
    ("accounts.sign_in", "GET", ""): "302 302 302 302 302 302 302 302 200",
    ("accounts.sign_in", "POST", ""): "422 422 422 422 422 422 422 422 422",
    ("accounts.switch", "POST", ""): "302 302 302 302 302 302 302 302 in",
    ("accounts.sign_out", "POST", ""): "302 302 302 302 302 302 302 302 in",
    ("accounts.forgotten_password", "GET", ""): EVERYBODY,
    ("accounts.forgotten_password", "POST", ""): "422 422 422 422 422 422 422 422 422",
    ("accounts.use_link", "GET", ""): EVERYBODY,
    ("accounts.use_link", "POST", ""): "422 422 422 422 422 422 422 422 422",
    # No provider is set up in these tests, so that each of them is unknown.
    ("single_sign_on.begin", "GET", ""): "404 404 404 404 404 404 404 404 404",
    ("single_sign_on.finish", "GET", ""): "404 404 404 404 404 404 404 404 404",
    ("single_sign_on.begin_to_connect", "GET", ""): "404 404 404 404 404 404 404 404 in",
    ("single_sign_on.connected", "GET", ""): "200 200 200 200 200 200 200 200 in",
    ("single_sign_on.disconnect", "POST", ""): "404 404 404 404 404 404 404 404 401",
    ("accounts.second_step", "GET", ""): "in in in in in in in in in",
    ("accounts.second_step", "POST", ""): "in in in in in in in in in",
    ("accounts.second_step_with_passkey", "POST", ""): "in in in in in in in in in",
    ("accounts.sign_in_with_passkey", "POST", ""): "422 422 422 422 422 422 422 422 422",
    ("accounts.confirm", "GET", ""): "200 200 200 200 200 200 200 200 in",
    ("accounts.confirm", "POST", ""): "422 422 422 422 422 422 422 422 in",
    ("accounts.confirm_with_passkey", "POST", ""): "422 422 422 422 422 422 422 422 in",
    ("accounts.second_factor", "GET", ""): "200 200 200 200 200 200 200 200 in",
    ("accounts.set_up_authenticator", "GET", ""): "200 200 200 200 200 200 200 200 in",
    ("accounts.set_up_authenticator", "POST", ""): "422 422 422 422 422 422 422 422 in",
    ("accounts.remove_authenticator", "POST", ""): "404 404 404 404 404 404 404 404 in",
    ("accounts.recovery_codes_page", "GET", ""): "200 200 200 200 200 200 200 200 in",
    ("accounts.recovery_codes_page", "POST", ""): "200 200 200 200 200 200 200 200 in",
    ("accounts.own_passkeys", "GET", ""): "200 200 200 200 200 200 200 200 in",
    ("accounts.own_passkeys", "POST", ""): "422 422 422 422 422 422 422 422 in",
    ("accounts.remove_passkey", "POST", ""): "404 404 404 404 404 404 404 404 in",
    ("accounts.confirm_address", "GET", ""): EVERYBODY,
    ("accounts.confirm_address", "POST", ""): "302 410 410 410 410 410 410 410 410",
    ("accounts.take_back", "GET", ""): EVERYBODY,
    ("accounts.take_back", "POST", ""): "200 410 410 410 410 410 410 410 410",
    ("accounts.account", "GET", ""): SIGNED_IN,
    ("accounts.name", "GET", ""): SIGNED_IN,
    ("accounts.name", "POST", ""): FORM,
    ("accounts.address", "GET", ""): SIGNED_IN,
    ("accounts.address", "POST", ""): FORM,
    ("accounts.password", "GET", ""): SIGNED_IN,
    ("accounts.password", "POST", ""): FORM,
    ("accounts.signed_in", "GET", ""): SIGNED_IN,
    ("accounts.own_data", "GET", ""): SIGNED_IN,
    ("accounts.end_session", "POST", "ours"): OF_ANOTHER,
    ("accounts.end_session", "POST", "theirs"): OF_ANOTHER,
    ("accounts.end_others", "POST", ""): "302 302 302 302 302 302 302 302 in",
    ("accounts.forget_device", "POST", "ours"): OF_ANOTHER,
    ("accounts.forget_device", "POST", "theirs"): OF_ANOTHER,
    ("accounts.own_emails", "GET", ""): SIGNED_IN,
    ("accounts.own_security", "GET", ""): SIGNED_IN,
    ("accounts.school_security", "GET", "ours"): PEOPLE_OURS,
    ("accounts.school_security", "GET", "theirs"): PEOPLE_THEIRS,
    ("accounts.network_security", "GET", ""): "403 403 403 403 403 403 200 403 in",
}
