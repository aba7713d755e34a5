"""The outcomes that many routes share, for the access tables of the features.

An outcome is, for each in ``WHO`` (see ``tests.marketplace.test_access``), the status, or "in" for
the way to the sign-in page and "401" for a form that is kept through it. A form that is sent empty
is 422, or 409 where it would be a step on an exchange that nobody saw; what one may not do is 403
before anything is looked for, what one may not see 404.
"""

from __future__ import annotations

AUDITORS = "403 403 403 403 403 403 200 200 in"
EVERYBODY = "200 200 200 200 200 200 200 200 in"
FORM_OF_COORDINATORS = "403 200 403 403 403 200 403 403 in"
FORM_OURS = "403 200 403 403 403 404 403 403 in"
MESSAGES = "200 200 200 200 403 200 403 403 in"
MESSAGES_OF_OTHERS = "404 404 404 404 403 404 403 403 in"
OUR_MESSAGES = "200 200 200 200 403 404 403 403 in"
OUR_PRIVATE = "200 200 200 200 200 404 403 403 in"
PEOPLE_OURS = "403 403 403 200 403 403 200 403 in"
PEOPLE_THEIRS = "403 403 403 404 403 403 200 403 in"
PRESS_OURS = "403 409 403 403 403 404 403 403 401"
PRIVATE_TO_OTHERS = "404 404 404 404 404 404 403 403 in"
SCHOOL_ONLY = "200 200 200 200 200 200 403 403 in"
SEND_OF_COORDINATORS = "403 422 403 403 403 422 403 403 401"
SEND_OURS = "403 422 403 403 403 404 403 403 401"
SEND_THEIRS = "403 404 403 403 403 404 403 403 401"
STEP_OURS = "403 302 403 403 403 404 403 403 in"
STEP_THEIRS = "403 404 403 403 403 404 403 403 in"
