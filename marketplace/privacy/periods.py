"""How long things are kept, in days: every period that the job ``retention`` enforces.

The UK GDPR wants personal data kept no longer than it is needed (Article 5(1)(e), storage
limitation) and names no periods; each one here says what it follows from. The privacy notice shows
them by itself.
"""

from __future__ import annotations

YEAR = 365

ENDED_SIGN_INS = 90
"""Browsers that were signed in, after the sign-in ended.

A person who is told of a sign-in that was not theirs must be able to look it up; a term is enough.
"""

EXPIRED_INVITATIONS = 30
"""Invitations, claims and one-time links, after they were used or ran out.

Long enough for an administrator to see what became of one.
"""

KNOWN_DEVICES = 400
"""Browsers in which a person has signed in before.

Browsers keep the cookie that tells us so for 400 days at most.
"""

FAILED_TRIES = 3
"""How many wrong passwords were tried. By then they slow nobody down any more."""

ACCOUNTS_WITHOUT_ROLE = 2 * YEAR
"""Accounts of people who hold no role at a school that is open.

Staff move between schools within a school year or two, and then carry on with the same account.
"""

TEXTS_OF_EXCHANGES = 6 * YEAR + 2
"""Messages between schools, and what was written about an exchange.

They are the evidence for an entry in the accounts. Schools keep financial records for six years
(Limitation Act 1980, section 5; Academy trust handbook); two leap days may fall into that time.
"""

SECURITY_LOG = YEAR + 1
"""Lines of the security log.

The National Cyber Security Centre advises to keep logs for six months at least ("Introduction to
logging for security purposes"). The database refuses to delete younger ones than a year; the day
more is for clocks that differ.
"""

TEXTS_OF_EMAILS = 30
"""The texts of e-mails, after they were sent: long enough to see what a person was told.

Those with a link that lets its reader in go as soon as they are sent.
"""

EMAILS = YEAR
"""The log of e-mails, without their texts: whether a person was told is asked within the year."""
