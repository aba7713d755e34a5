"""What becomes of a file that somebody chose as a picture: drawn anew, or refused in words."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from marketplace.errors import Refusal
from marketplace.profiles.photographs.pictures import (
    ANIMATED,
    BROKEN,
    LARGEST_FILE,
    LONGEST_SIDE,
    NO_PICTURE,
    SMALL_SIDE,
    TOO_LARGE,
    TOO_MANY_PIXELS,
    TOO_SMALL,
    read_picture,
)
from tests.marketplace.profiles.factories import picture_file

SECRET = b"51.5014N-SECRET"
RED, BLUE = (254, 0, 0), (0, 0, 254)


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: where, by whom, with what, and how it was held."""
    said = Image.Exif()
    said[0x0112] = orientation
    said[0x010F] = said[0x8298] = SECRET.decode()
    said.get_ifd(0x8825)[29] = SECRET.decode()
    return said


def png_of(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG that says that it is so large; its rows may be all that is missing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def moving(form: str) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue")]
    frames[0].save(file, form, save_all=True, append_images=frames[1:])
    return file.getvalue()


def drawn(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(read_picture(data).full))
    image.load()
    return image


def is_about(point: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(point, tuple)
    return all(abs(one - other) < 40 for one, other in zip(point, colour, strict=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_each_kind_of_picture_becomes_webp_in_two_sizes(form: str) -> None:
    picture = read_picture(picture_file(form, (2400, 1200)))
    full, small = (Image.open(io.BytesIO(one)) for one in (picture.full, picture.small))
    assert (full.format, small.format) == ("WEBP", "WEBP")
    assert full.size == (picture.width, picture.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    assert small.size == (SMALL_SIDE, SMALL_SIDE // 2)
    assert is_about(full.getpixel((100, 100)), RED)
    assert is_about(full.getpixel((LONGEST_SIDE - 100, 100)), BLUE)


def test_nothing_that_the_file_said_is_kept() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET.decode())
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + SECRET
    said = {"exif": exif(), "icc_profile": profile}
    html = b"<html><script>alert(1)</script>" + SECRET
    for data in (
        picture_file("JPEG", comment=SECRET, **said) + html,
        picture_file("WEBP", xmp=SECRET, **said),
        picture_file("PNG", pnginfo=texts, **said) + html,
    ):
        assert SECRET in data
        picture = read_picture(data)
        for kept in (picture.full, picture.small):
            image = Image.open(io.BytesIO(kept))
            assert not image.getexif()
            assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
            assert SECRET not in kept
            assert b"script" not in kept


def test_a_picture_is_turned_as_the_camera_was_held() -> None:
    turned = drawn(picture_file("JPEG", exif=exif(orientation=6)))
    assert turned.size == (240, 320)
    # What was at the left is at the top.
    assert is_about(turned.getpixel((120, 20)), RED)
    assert is_about(turned.getpixel((120, 300)), BLUE)


def test_pictures_of_odd_colours_are_drawn() -> None:
    for mode in ("L", "1", "P", "CMYK", "LA", "RGBA"):
        file = io.BytesIO()
        ground = Image.new(mode, (300, 300))
        ground.save(file, "JPEG" if mode == "CMYK" else "PNG")
        point = drawn(file.getvalue()).getpixel((5, 5))
        # What lets the ground through is white.
        assert is_about(point, (255,) * 3 if mode in ("LA", "RGBA", "CMYK") else (0,) * 3), mode


def test_a_phones_two_pictures_in_one_file_are_its_first() -> None:
    file = io.BytesIO()
    first = Image.open(io.BytesIO(picture_file()))
    first.save(file, "MPO", save_all=True, append_images=[Image.new("RGB", (320, 240), "green")])
    assert Image.open(io.BytesIO(file.getvalue())).format == "MPO"
    assert is_about(drawn(file.getvalue()).getpixel((20, 20)), RED)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", NO_PICTURE),
        (b"Just words", NO_PICTURE),
        (b"<!DOCTYPE html><script>alert(1)</script>", NO_PICTURE),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', NO_PICTURE),
        (b"%PDF-1.7", NO_PICTURE),
        (b"\xff\xd8\xff\xe0", NO_PICTURE),
        (picture_file("GIF"), NO_PICTURE),
        (picture_file("TIFF"), NO_PICTURE),
        (picture_file("BMP"), NO_PICTURE),
        (picture_file("JPEG")[:-400], BROKEN),
        (picture_file("PNG")[:-60], BROKEN),
        (picture_file("WEBP")[:-60], BROKEN),
        (png_of(300, 300), BROKEN),
        (moving("PNG"), ANIMATED),
        (moving("WEBP"), ANIMATED),
        (png_of(9000, 9000), TOO_MANY_PIXELS),
        (png_of(60_000, 60_000), TOO_MANY_PIXELS),
        (picture_file("PNG", (1000, 20)), TOO_SMALL),
        (b"x" * (LARGEST_FILE + 1), TOO_LARGE),
    ],
)
def test_what_is_no_good_picture_is_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_picture(data)
    assert refusal.value.message == f"Picture: {why}"
    assert refusal.value.field == "picture"
