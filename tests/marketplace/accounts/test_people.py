"""Who may sign in, and what their roles let them do."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.models import RoleGrant
from marketplace.accounts.roles import PERMISSIONS, Permission, Role, may
from marketplace.accounts.service import authenticate, create_person, grant_role
from marketplace.application import Skillbank
from marketplace.database import db
from marketplace.errors import Refusal
from marketplace.schools.models import LocalAuthority, School

PASSWORD = "correct horse battery"


@pytest.fixture
def school(app: Skillbank) -> Iterator[School]:
    with app.app_context():
        db.create_all()
        db.session.add(LocalAuthority(code="355", name="Salford"))
        school = School(
            urn=100000,
            name="St Anne’s",
            search_name="st annes",
            status="open",
            type_name="Academy",
            local_authority_code="355",
        )
        db.session.add(school)
        db.session.commit()
        yield school


def person(email: str = "Jo.Bloggs@Example.org"):
    return create_person(db.session, email=email, name="Jo Bloggs", password=PASSWORD)


def test_a_person_signs_in_whatever_the_case_of_the_address(school: School) -> None:
    created = person()
    assert authenticate(db.session, " JO.BLOGGS@example.org ", PASSWORD) is created


@pytest.mark.parametrize(
    ("email", "password"),
    [("jo.bloggs@example.org", "wrong password!"), ("nobody@example.org", PASSWORD), ("", "")],
)
def test_a_wrong_address_or_password_is_refused(school: School, email: str, password: str) -> None:
    person()
    assert authenticate(db.session, email, password) is None


def test_someone_switched_off_cannot_sign_in(school: School) -> None:
    person().active = False
    assert authenticate(db.session, "jo.bloggs@example.org", PASSWORD) is None


@pytest.mark.parametrize(
    ("email", "name", "password", "message"),
    [
        ("not an address", "Jo", PASSWORD, "is not an e-mail address"),
        ("jo@example.org", "  ", PASSWORD, "Give the person’s name"),
        ("jo@example.org", "Jo", "short", "at least 12 characters"),
        ("jo@example.org", "Jo", "x" * 257, "at most 256 characters"),
    ],
)
def test_a_bad_entry_says_what_to_do(
    school: School, email: str, name: str, password: str, message: str
) -> None:
    with pytest.raises(Refusal, match=message):
        create_person(db.session, email=email, name=name, password=password)


def test_an_address_is_taken_once(school: School) -> None:
    person()
    with pytest.raises(Refusal, match="already here"):
        person("jo.bloggs@EXAMPLE.org")


def test_a_role_is_given_once(school: School) -> None:
    jo = person()
    first = grant_role(db.session, jo, Role.COORDINATOR, school)
    assert grant_role(db.session, jo, Role.COORDINATOR, school) is first


def test_roles_fit_their_place(school: School) -> None:
    jo = person()
    with pytest.raises(Refusal, match="held for the whole network"):
        grant_role(db.session, jo, Role.AUDITOR, school)
    with pytest.raises(Refusal, match="held for a school"):
        grant_role(db.session, jo, Role.MEMBER)
    school.status = "closed"
    with pytest.raises(Refusal, match="is closed"):
        grant_role(db.session, jo, Role.MEMBER, school)


@pytest.mark.parametrize(("role", "at_school"), [("auditor", True), ("member", False)])
def test_the_database_refuses_a_role_in_the_wrong_place(
    school: School, role: str, at_school: bool
) -> None:
    db.session.add(
        RoleGrant(
            person_id=person().id,
            school_urn=school.urn if at_school else None,
            role=role,
            granted_at=datetime.now(UTC),
        )
    )
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_the_table_of_permissions_knows_every_role() -> None:
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        (Role.MEMBER, Permission.ASK, True),
        (Role.MEMBER, Permission.POST_LISTINGS, False),
        (Role.MEMBER, Permission.VIEW_STATEMENT, False),
        (Role.COORDINATOR, Permission.AGREE_EXCHANGES, True),
        (Role.COORDINATOR, Permission.MANAGE_MEMBERS, False),
        (Role.FINANCE, Permission.VIEW_STATEMENT, True),
        (Role.FINANCE, Permission.AGREE_EXCHANGES, False),
        (Role.ADMINISTRATOR, Permission.MANAGE_MEMBERS, True),
        (Role.AUDITOR, Permission.AUDIT_LEDGER, True),
        (Role.AUDITOR, Permission.MANAGE_NETWORK, False),
    ],
)
def test_what_a_role_may_do(role: Role, permission: Permission, allowed: bool) -> None:
    assert may([role], permission) is allowed
