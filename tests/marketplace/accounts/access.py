"""Who may open what of signing in and out (see ``tests.marketplace.test_access``)."""

from __future__ import annotations

EXPECTED = {
    ("accounts.sign_in", "GET", ""): "302 302 302 302 302 302 302 200",
    ("accounts.sign_in", "POST", ""): "422 422 422 422 422 422 422 422",
    ("accounts.switch", "POST", ""): "302 302 302 302 302 302 302 in",
    ("accounts.sign_out", "POST", ""): "302 302 302 302 302 302 302 in",
    ("accounts.use_link", "GET", ""): "200 200 200 200 200 200 200 200",
    ("accounts.use_link", "POST", ""): "422 422 422 422 422 422 422 422",
    # No provider is set up in these tests, so that each of them is unknown.
    ("single_sign_on.begin", "GET", ""): "404 404 404 404 404 404 404 404",
    ("single_sign_on.finish", "GET", ""): "404 404 404 404 404 404 404 404",
    ("single_sign_on.begin_to_connect", "GET", ""): "404 404 404 404 404 404 404 in",
    ("single_sign_on.connected", "GET", ""): "200 200 200 200 200 200 200 in",
    ("single_sign_on.disconnect", "POST", ""): "404 404 404 404 404 404 404 401",
    ("accounts.second_step", "GET", ""): "in in in in in in in in",
    ("accounts.second_step", "POST", ""): "in in in in in in in in",
    ("accounts.second_step_with_passkey", "POST", ""): "in in in in in in in in",
    ("accounts.sign_in_with_passkey", "POST", ""): "422 422 422 422 422 422 422 422",
    ("accounts.confirm", "GET", ""): "200 200 200 200 200 200 200 in",
    ("accounts.confirm", "POST", ""): "422 422 422 422 422 422 422 in",
    ("accounts.confirm_with_passkey", "POST", ""): "422 422 422 422 422 422 422 in",
    ("accounts.second_factor", "GET", ""): "200 200 200 200 200 200 200 in",
    ("accounts.set_up_authenticator", "GET", ""): "200 200 200 200 200 200 200 in",
    ("accounts.set_up_authenticator", "POST", ""): "422 422 422 422 422 422 422 in",
    ("accounts.remove_authenticator", "POST", ""): "404 404 404 404 404 404 404 in",
    ("accounts.recovery_codes_page", "GET", ""): "200 200 200 200 200 200 200 in",
    ("accounts.recovery_codes_page", "POST", ""): "200 200 200 200 200 200 200 in",
    ("accounts.own_passkeys", "GET", ""): "200 200 200 200 200 200 200 in",
    ("accounts.own_passkeys", "POST", ""): "422 422 422 422 422 422 422 in",
    ("accounts.remove_passkey", "POST", ""): "404 404 404 404 404 404 404 in",
}
