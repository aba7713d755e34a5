"""Making a file that a person sent safe: known by its content, drawn anew, nothing else kept."""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from marketplace.errors import Refusal

LARGEST_FILE = 8 * 1024 * 1024
"""The largest file that is taken, in bytes."""
MOST_PIXELS = 25_000_000
"""A small file can hold a vast picture: so much is drawn in memory, and no more."""
LEAST_SIDE = 200
LONGEST_SIDE = 1600
SMALL_SIDE = 480
QUALITY, EFFORT = 82, 2
FORMATS = ("JPEG", "PNG", "WEBP")
"""What is read. The library's readers of other kinds of file are never begun."""
PHONE_FORMAT = "MPO"
"""A JPEG with a second one behind it, as many phones write them: the first is the picture."""
NO_PICTURE = (
    "This file is not a picture that we can read. Choose a JPEG, PNG or WebP file; from other"
    " kinds, such as HEIC, PDF or SVG, save a copy as JPEG first."
)
BROKEN = "This picture is damaged or not complete. Open it, save it again, and choose the new file."
ANIMATED = "This picture moves. Choose one that stands still."
TOO_LARGE = f"This file is too large. Choose one of at most {LARGEST_FILE // 1024**2} MB."
TOO_MANY_PIXELS = (
    f"This picture has too many pixels. Save it smaller: {MOST_PIXELS // 10**6} million at most,"
    " as 5,000 by 5,000."
)
TOO_SMALL = f"This picture is too small. Each side needs {LEAST_SIDE} pixels or more."


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as we drew it: WebP, upright, without anything that the file said besides."""

    full: bytes
    small: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """What tells this picture from every other one."""
        return hashlib.sha256(self.full).hexdigest()


def read_picture(data: bytes) -> Picture:
    """Draw the picture in a file anew, and return it in two sizes.

    Only the colours of its points are taken over, so that place, time, camera, comments, colour
    profiles, previews and whatever stands behind the picture are gone.

    Raises:
        Refusal: if the file is too large, no picture, moves, is damaged, too small or vast.
    """
    if len(data) > LARGEST_FILE:
        raise _refused(TOO_LARGE)
    image = _opened(data)
    if getattr(image, "is_animated", False) and image.format != PHONE_FORMAT:
        raise _refused(ANIMATED)
    if image.width * image.height > MOST_PIXELS:
        raise _refused(TOO_MANY_PIXELS)
    if min(image.size) < LEAST_SIDE:
        raise _refused(TOO_SMALL)
    try:
        drawn = _drawn(image)
    except Exception as error:  # A damaged file makes the readers raise whatever they meet.
        raise _refused(BROKEN) from error
    full = _fitted(drawn, LONGEST_SIDE)
    return Picture(_encoded(full), _encoded(_fitted(full, SMALL_SIDE)), *full.size)


def _refused(why: str) -> Refusal:
    return Refusal(f"Picture: {why}", field="picture")


def _opened(data: bytes) -> Image.Image:
    """The picture by what the file begins with, whatever it is called; only its head is read."""
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _refused(TOO_MANY_PIXELS) from None
    except UnidentifiedImageError:
        raise _refused(NO_PICTURE) from None
    except Exception as error:
        raise _refused(BROKEN) from error


def _drawn(image: Image.Image) -> Image.Image:
    """The points of the picture, upright, on white where it lets the ground through."""
    # A JPEG can be read at a half or a quarter of its size, which saves most of the memory.
    shrink = LONGEST_SIDE / max(image.size)
    image.draft("RGB", (math.ceil(image.width * shrink), math.ceil(image.height * shrink)))
    image.load()
    upright = ImageOps.exif_transpose(image)
    has_ground = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    colours = upright.convert("RGBA" if has_ground else "RGB")
    # A new picture knows nothing of the file: not even what the library has read beside it.
    drawn = Image.new("RGB", colours.size, "white")
    drawn.paste(colours, mask=colours.getchannel("A") if has_ground else None)
    return drawn


def _fitted(drawn: Image.Image, side: int) -> Image.Image:
    fitted = drawn.copy()
    fitted.thumbnail((side, side), Image.Resampling.LANCZOS)
    return fitted


def _encoded(drawn: Image.Image) -> bytes:
    file = io.BytesIO()
    drawn.save(file, "WEBP", quality=QUALITY, method=EFFORT)
    return file.getvalue()
