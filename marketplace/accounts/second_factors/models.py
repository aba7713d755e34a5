"""The tables of second factors."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Base

LONGEST_CREDENTIAL_ID = 1400
"""Characters: an id has up to 1,023 bytes, kept as base64url."""
LONGEST_PASSKEY_NAME = 60


class Authenticator(Base):
    """A person's authenticator app; there is a row only once its first code was right."""

    __tablename__ = "authenticator"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    sealed_secret: Mapped[str] = mapped_column(sa.String(400))
    """Encrypted (see `marketplace.accounts.second_factors.encryption`)."""
    last_step: Mapped[int]
    """The half minute, counted since 1970, of the last code that was used: one works once."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that replaces a lost factor once; the codes of one set share a salt."""

    __tablename__ = "recovery_code"
    __table_args__ = (sa.UniqueConstraint("person_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    salt: Mapped[str] = mapped_column(sa.String(32))
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A passkey: the public half of a key that a device, or a security key, keeps."""

    __tablename__ = "passkey"
    __table_args__ = (sa.CheckConstraint("sign_count >= 0", name="sign_count_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    credential_id: Mapped[str] = mapped_column(sa.String(LONGEST_CREDENTIAL_ID), unique=True)
    user_handle: Mapped[str] = mapped_column(sa.String(100))
    """What devices call the person: random, the same for all passkeys of one person."""
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    """What the device counted at the last use; 0 for the many that do not count."""
    name: Mapped[str] = mapped_column(sa.String(LONGEST_PASSKEY_NAME))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class UsedChallenge(Base):
    """A challenge that a passkey has answered, kept until it would have expired anyway."""

    __tablename__ = "used_challenge"

    challenge_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    used_at: Mapped[datetime] = mapped_column(index=True)
