"""What people change about their own account: name, e-mail address, password, browsers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.accounts import known_devices, one_time_links, sessions
from marketplace.accounts.added_since import remove_added_since
from marketplace.accounts.models import Person
from marketplace.accounts.one_time_links import LIFETIMES, Purpose
from marketplace.accounts.password_resets import in_words, set_password, start_reset
from marketplace.accounts.passwords import is_right
from marketplace.accounts.security_log import SecurityKind, record_security
from marketplace.accounts.service import find_by_email, normalise_email
from marketplace.errors import Refusal
from marketplace.mail.service import mark_working, queue_email
from marketplace.web.addresses import site_link


def change_name(session: Session, person_id: int, name: str) -> bool:
    """Change how a person is called; return whether it was another name."""
    person = session.get_one(Person, person_id)
    name = name.strip()
    if person.name == name:
        return False
    person.name = name
    record_security(session, SecurityKind.NAME_CHANGED, person_id=person_id, actor_id=person_id)
    return True


def change_password(session: Session, person_id: int, password: str, *, sign_in_id: int) -> str:
    """Set a new password, and end every session of the person but ``sign_in_id``.

    Returns:
        The new token of that session: a copy of its cookie is worth nothing any more.

    Raises:
        Refusal: if the password is too short, too long, too easy to guess, or the one they have.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    if is_right(person.password_hash, password):
        raise Refusal("That is the password you have. Choose another one.", field="new_password")
    set_password(session, person, password)
    one_time_links.revoke(session, person_id, Purpose.PASSWORD_RESET, Purpose.ADDRESS_CHANGE)
    leave_everywhere_else(
        session, person_id, sign_in_id=sign_in_id, reason=sessions.EndReason.PASSWORD_CHANGED
    )
    return sessions.rotate(session, sign_in_id)


def ask_for_address(session: Session, person_id: int, email: str) -> str:
    """Send a link to a new address, which becomes the person's once it is opened; return it.

    If the address is another person's, it gets an e-mail that says so, and the caller cannot tell.

    Raises:
        Refusal: if it is not an address, or the one that the person has.
    """
    address = normalise_email(email)
    person = session.get_one(Person, person_id)
    if address == person.email:
        raise Refusal("That is the address you have.", field="email")
    token = one_time_links.make(session, Purpose.ADDRESS_CHANGE, person_id, address=address)
    record_security(
        session, SecurityKind.ADDRESS_CHANGE_ASKED, person_id=person_id, actor_id=person_id
    )
    if find_by_email(session, address) is not None:
        queue_email(session, template="address_taken", to=address, new_address=address)
        return address
    queue_email(
        session,
        template="address_change",
        to=address,
        person_id=person_id,
        secret=True,
        even_if_failing=True,
        name=person.name,
        new_address=address,
        old_address=person.email,
        lasts=in_words(LIFETIMES[Purpose.ADDRESS_CHANGE]),
        link=site_link("accounts.confirm_address", token=token),
    )
    return address


def confirm_address(session: Session, token: str) -> Person | None:
    """Give the person the address that the link was sent to, and tell the address before it.

    Returns:
        ``None`` if the link has been used, has expired, or if another person has the address.
    """
    row = one_time_links.find(session, token, Purpose.ADDRESS_CHANGE)
    if row is None:
        return None
    link, person = row
    old_address = person.email
    if not _move(session, link.address, person) or not one_time_links.use(session, link):
        return None
    mark_working(session, person.email)
    one_time_links.revoke(session, person.id, Purpose.PASSWORD_RESET, Purpose.INVITATION)
    back = one_time_links.make(session, Purpose.ADDRESS_BACK, person.id, address=old_address)
    record_security(session, SecurityKind.ADDRESS_CHANGED, person_id=person.id, actor_id=person.id)
    queue_email(
        session,
        template="address_changed",
        to=old_address,
        person_id=person.id,
        secret=True,
        name=person.name,
        new_address=person.email,
        old_address=old_address,
        when=clock.now(),
        lasts=in_words(LIFETIMES[Purpose.ADDRESS_BACK]),
        link=site_link("accounts.take_back", token=back),
    )
    return person


def take_back(session: Session, token: str) -> Person | None:
    """Give an account back to whoever reads the address that it had before.

    Everyone who is signed in is signed out, the password opens nothing any more, and a link to
    choose a new one goes to that address. Ways back to addresses that the account had later end.
    Second factors and accounts elsewhere that were added after the change go too, and the e-mail
    names them.

    Returns:
        ``None`` if the link has been used, has expired, or if another person has the address.
    """
    row = one_time_links.find(session, token, Purpose.ADDRESS_BACK)
    if row is None:
        return None
    link, person = row
    if not _move(session, link.address, person) or not one_time_links.use(session, link):
        return None
    person.password_hash = None
    one_time_links.revoke(session, person.id, younger_than=link)
    sessions.end_all(session, person.id, sessions.EndReason.REVOKED)
    known_devices.forget_devices(session, person.id)
    record_security(session, SecurityKind.ADDRESS_RESTORED, person_id=person.id, actor_id=person.id)
    start_reset(session, person, removed=remove_added_since(session, person, link.created_at))
    return person


def end_session(session: Session, person_id: int, sign_in_id: int) -> bool:
    """End one session of the person; return whether it was theirs and going on."""
    ended = sessions.end_own(session, person_id, sign_in_id, sessions.EndReason.REVOKED)
    if ended:
        record_security(
            session, SecurityKind.SESSIONS_ENDED, person_id=person_id, actor_id=person_id, number=1
        )
    return ended


def leave_everywhere_else(
    session: Session, person_id: int, *, sign_in_id: int, reason: sessions.EndReason
) -> int:
    """End every session of the person but one, and forget the other devices; count the sessions."""
    number = sessions.end_all(session, person_id, reason, besides=sign_in_id)
    device = known_devices.find_device(session, person_id)
    known_devices.forget_devices(session, person_id, besides=device.id if device else None)
    if number:
        record_security(
            session,
            SecurityKind.SESSIONS_ENDED,
            person_id=person_id,
            actor_id=person_id,
            number=number,
        )
    return number


def forget_device(session: Session, person_id: int, device_id: int) -> bool:
    """Forget one known device of the person; return whether it was theirs."""
    forgotten = known_devices.forget_device(session, person_id, device_id)
    if forgotten:
        record_security(
            session, SecurityKind.DEVICE_FORGOTTEN, person_id=person_id, actor_id=person_id
        )
    return forgotten


def _move(session: Session, address: str | None, person: Person) -> bool:
    """Give the person an address, unless another one has it; return whether they have it now."""
    assert address is not None
    owner = session.scalar(sa.select(Person.id).where(Person.email == address))
    if owner not in (None, person.id):
        return False
    person.email = address
    session.flush()
    return True
