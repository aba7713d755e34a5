"""Proving the book: `Book.verify` only reads, reports each wrong row, and repairs nothing.

Each check compares within one SQL statement, so within one snapshot: verifying may go on beside
writers. The kinds of fault, and what their subject names:

- ``incomplete-transaction``: lines are missing, too many, or without their header.
- ``unbalanced-transaction``: the lines do not sum to zero.
- ``altered-transaction``: a header and its entries contradict one another, a reversal is not the
  exact contrary of its original, a settlement does not move what its hold's part says, or a
  record is no longer what was sealed.
- ``altered-entry``: the balance after an entry is not the one before plus its amount.
- ``missing-version``: an account's entries have a gap, or the last ones are gone.
- ``time-backwards``: an entry was recorded before the one before it.
- ``clock-ahead``: something is recorded at an instant that is yet to come.
- ``drifted-balance``: a balance row differs from the account's last entry, or is not there; or it
  is older than what was done last to the account or a hold on it; or it calls a version overridden
  that is not the last one for which a person is named.
- ``account-not-open``: a posting or hold on an account that was frozen or closed at the time,
  other than what settles a hold made before.
- ``drifted-account``: an account's name, limits or status are not those last decided.
- ``altered-account``: what was done to an account does not follow from what was before, or has no
  transaction, or a transaction of that sort has no account.
- ``altered-period``: a closed period has no transaction, or the other way round, or the book counts
  other than there are.
- ``altered-book``: the book's own row is not one, or not of this version.
- ``drifted-pair``: what was added up between two accounts is not what the entries come to, or the
  version up to which an account's were added up is none.
- ``drifted-held``: what a balance row or the working set says is held differs from the holds.
- ``drifted-backdated``: the note of what was recorded on another day than its own is wrong.
- ``altered-hold``: the parts of a hold do not go on from one another.
- ``hold-overdrawn``: more was settled of a hold than was left of it.
- ``double-settle``: a hold was resolved after its end, or settled by what is none of its parts.
- ``double-reversal``: a transaction was reversed twice, or a reversal reversed.
- ``closed-period``: recorded after the period of its effective date had been closed.
- ``drifted-checkpoint``: what a period was closed with is not what its entries sum to.
- ``broken-seal-chain``: a seal does not follow from its leaves and the seal before it.
- ``unsealed-transaction``: it has slipped in behind a seal that should have covered it.
- ``limit-exceeded``: a posting or hold took its account beyond a limit that held at the time.
- ``nonzero-book``: all balances together are not zero.
- ``guard-missing``: a trigger, function or constraint is gone, switched off or replaced.
- ``guard-added``: a trigger, rule, policy, child table or default is not the ledger's own.
- ``unproved``: the fingerprints of an account, of the transactions or of the holds disagree,
  although no single row is found wrong.
- ``unreadable``: the database refused a check, or what the check read is no value of its column, a
  day that is in no calendar for one. The subject names the check, not the row.

Not recomputed is the digest of a request, by which a repeated key is told from another request.
It is of what the caller gave, and that is not all on record: whether the effective date was given
or is the day's, whether a settlement was of so many minutes or of what was left. Nor would it
prove anything: it has no key, so whoever alters a memo can write its digest as well. That neither
has changed is what seals prove, whose leaves cover both.

Not found, in a book that is sealed whole, are alterations of these values. Little hangs on them:

- ``recorded_at`` of a balance row, if it becomes later than what was done last, though not later
  than now. Releasing an expired hold moves it on, too, and leaves no record. All it does is that
  the account's next transaction is recorded after it.
- ``xid`` of a sealed transaction, as long as it stays within the numbers that its seal goes over:
  within a seal, what counts is the order of its leaves. On SQLite it is not used at all. Of a
  transaction in no seal yet it says which seal is the first that may have it: a number below the
  horizon of the last seal is found, and so is one that the server has not come to. One in between
  is no harm, for the next seals go over it as well.
- ``server`` of the book's row. Another server is what a restored book has: so verification remarks
  on it, and does not look for transactions that slipped in behind a seal, until the next seal has
  all that are in none.
"""

from ledger.verification.run import CHECKS, Check, Report, verify

__all__ = ["CHECKS", "Check", "Report", "verify"]
