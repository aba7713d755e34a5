"""The forms of photographs: a new one, and what is said of one."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, FileField, ValidationError

from marketplace.audiences.choosing import OwnCircles
from marketplace.audiences.forms import AudienceFields
from marketplace.errors import Refusal
from marketplace.profiles.photographs.pictures import (
    LARGEST_FILE,
    TOO_LARGE,
    Picture,
    read_picture,
)
from marketplace.profiles.photographs.service import (
    LONGEST_CAPTION,
    LONGEST_DESCRIPTION,
    Words,
)
from marketplace.web.fields import line, text
from marketplace.web.forms import Form, VersionedForm

CHOOSE_AGAIN = "Choose the picture again: a browser does not keep it when a form comes back."


class PhotographFields(AudienceFields):
    """What is said of a photograph, and to whom it is shown."""

    description = text(
        "What the picture shows",
        most=LONGEST_DESCRIPTION,
        description="For people who cannot see it: who does what, where. Like “Two pupils read to"
        " each other in the library”.",
        render_kw={"rows": 2},
    )
    caption = line(
        "Caption",
        most=LONGEST_CAPTION,
        required=False,
        description="Optional: a few words that everybody reads below the picture.",
    )

    def words(self) -> Words:
        """Return what was filled in, after validation."""
        return Words(self.description.data or "", self.caption.data or "", self.chosen_audience())


class NewPhotographForm(PhotographFields, Form):
    """A new photograph."""

    picture = FileField(
        "Picture",
        description=f"JPEG, PNG or WebP, {LARGEST_FILE // 1024**2} MB at most. We keep the picture"
        " only: place, time and everything else that a camera writes into the file are removed.",
        render_kw={
            "accept": "image/jpeg,image/png,image/webp",
            "data-most-bytes": LARGEST_FILE,
            "data-too-large": TOO_LARGE,
        },
    )
    people_agreed = BooleanField(
        "Everyone who can be recognised in this picture agreed to be shown here; for pupils, their"
        " parents or carers agreed. We will remove it if anyone changes their mind."
    )

    def __init__(self, own: OwnCircles, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_audiences(own)
        self.read: Picture | None = None

    def validate_picture(self, _field: FileField) -> None:
        """Read the file, and draw the picture in it anew."""
        upload = request.files.get("picture")
        if upload is None or not upload.filename:
            raise ValidationError("Picture: choose a file.")
        upload.stream.seek(0)  # A form that a verb refused is read twice.
        try:
            self.read = read_picture(upload.stream.read(LARGEST_FILE + 1))
        except Refusal as refusal:
            raise ValidationError(refusal.message) from refusal

    def validate_people_agreed(self, field: BooleanField) -> None:
        """Ask for the agreement."""
        if not field.data:
            raise ValidationError(
                "Say that the people in the picture agreed. Without that it cannot be shown."
            )

    @property
    def has_to_choose_again(self) -> bool:
        """Whether the picture was good, and is needed again because something else was not."""
        return self.read is not None and bool(self.errors)


class PhotographForm(PhotographFields, VersionedForm):
    """What is said of a photograph that is there."""

    def __init__(self, own: OwnCircles, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_audiences(own)
