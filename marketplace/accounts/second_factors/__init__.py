"""Second factors: authenticator apps, passkeys and recovery codes, and when one is asked for.

A person who has a factor proves it after the password (`half_way`, `sign_in_views`), or signs in
with a passkey alone, which counts as both. Roles that must have one are led to set one up
(`marketplace.accounts.access`). Before changes to people, money policy and security a person is
asked again who they are (`confirming`). `pages` adds all of it to the application.
"""
