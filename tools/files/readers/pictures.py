"""What stands beside the picture in a file: its size, when and with what it was taken, where, and what it is called.

Pillow reads heads and EXIF; no picture is ever unpacked. Of HEIC, which it does not know, the EXIF is found by its mark.
"""

from __future__ import annotations

import logging
import re
import struct
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module
from io import BytesIO
from typing import Any

from tools.files.readers.reading import NO_LOADER, UNREADABLE, Reading, UnreadableError

NOT_THE_PICTURE = "(Only what is written beside the picture was read, not the picture.)"
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF")
_PLUGINS = ("JpegImagePlugin", "PngImagePlugin", "TiffImagePlugin", "WebPImagePlugin", "GifImagePlugin")
_FAULTS = (ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError)
_ERRORS = (*_FAULTS, SyntaxError, TypeError, ValueError, struct.error)
_LONGEST = 2_000
_DESCRIPTION, _MAKER, _MODEL, _CHANGED, _ARTIST, _RIGHTS = 0x010E, 0x010F, 0x0110, 0x0132, 0x013B, 0x8298
_EXIF_PART, _GPS_PART = 0x8769, 0x8825
_TAKEN, _OFFSET, _COMMENT, _LENS = 0x9003, 0x9011, 0x9286, 0xA434
_XP_TITLE, _XP_COMMENT, _XP_KEYWORDS = 0x9C9B, 0x9C9C, 0x9C9E
_WORDS = ("Title", "Description", "Comment", "Author", "Copyright", "comment")
"""The texts of a PNG, and the comment of a JPEG or GIF."""
_MOMENT = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d:\d\d(?::\d\d)?)")
_HEIF_SIZE = re.compile(rb"ispe\0\0\0\0(.{4})(.{4})", re.DOTALL)
_HEIF_EXIF = re.compile(rb"Exif\0\0(?=II\*\0|MM\0\*)")
_LARGEST_EXIF = 200_000
_HEADED = (b"\xff\xd8", b"\x89PNG", b"GIF8")
_LARGEST_HEAD = 4_000_000
"""Of these kinds all that is said stands at the beginning; the library keeps as many pieces of it as there are."""


def read_picture(content: bytes) -> Reading:
    """Read what is said about a picture, one line each."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            lines = list(_heif(content) if content[4:8] == b"ftyp" else _known(content))
    except ImportError as error:
        raise UnreadableError(NO_LOADER.format(kind="picture")) from error
    except _ERRORS as error:
        raise UnreadableError(UNREADABLE.format(kind="a picture")) from error
    return Reading("\n".join([*dict.fromkeys(lines), NOT_THE_PICTURE]))


def _pillow() -> Any:
    for name in _PLUGINS:
        import_module(f"PIL.{name}")
    logging.getLogger("PIL").setLevel(logging.CRITICAL + 1)
    image: Any = import_module("PIL.Image")
    # How large it would be does not matter: it is not unpacked.
    image.MAX_IMAGE_PIXELS = None
    return image


def _known(content: bytes) -> Iterator[str]:
    head = content[:_LARGEST_HEAD] if content[:4].startswith(_HEADED) else content
    with _pillow().open(BytesIO(head), formats=_FORMATS) as image:
        kind = "JPEG" if image.format == "MPO" else image.format
        yield f"Picture: {image.width} × {image.height} pixels, {kind}"
        words = dict(image.info)
        # That of a PNG would unpack the picture first, for EXIF may stand behind it.
        yield from _from_exif(_tags(_pillow().Image.getexif(image)))
    for name in _WORDS:
        if text := _plain(words.get(name)):
            yield f"{name.capitalize()}: {text}"


def _heif(content: bytes) -> Iterator[str]:
    sizes = [(int.from_bytes(wide), int.from_bytes(high)) for wide, high in _HEIF_SIZE.findall(content[:_LARGEST_EXIF])]
    if sizes:
        width, height = max(sizes, key=lambda size: size[0] * size[1])
        yield f"Picture: {width} × {height} pixels, HEIF"
    else:
        yield "Picture: HEIF"
    if found := _HEIF_EXIF.search(content):
        exif = _pillow().Exif()
        exif.load(content[found.end() : found.end() + _LARGEST_EXIF])
        yield from _from_exif(_tags(exif))


def _tags(exif: Any) -> Mapping[Any, Any]:
    """All tags in one, those of the place by name."""
    found = {**exif, **exif.get_ifd(_EXIF_PART)}
    return {**found, **{("gps", number): value for number, value in exif.get_ifd(_GPS_PART).items()}}


def _from_exif(tags: Mapping[Any, Any]) -> Iterator[str]:
    if taken := _moment(tags.get(_TAKEN) or tags.get(_CHANGED)):
        zone = _plain(tags.get(_OFFSET))[:6]
        yield f"Taken: {taken}{f' {zone}' if zone else ''}"
    maker, model = _plain(tags.get(_MAKER)), _plain(tags.get(_MODEL))
    if camera := model if maker and model.lower().startswith(maker.lower()) else f"{maker} {model}".strip():
        yield f"Camera: {camera}"
    if lens := _plain(tags.get(_LENS)):
        yield f"Lens: {lens}"
    if place := _place(tags):
        yield f"Place: {place}"
    named = (("Title", _XP_TITLE), ("Description", _DESCRIPTION), ("Comment", _COMMENT), ("Comment", _XP_COMMENT))
    for name, number in (*named, ("Keywords", _XP_KEYWORDS), ("Author", _ARTIST), ("Copyright", _RIGHTS)):
        if text := _plain(tags.get(number), wide=number in {_XP_TITLE, _XP_COMMENT, _XP_KEYWORDS}):
            yield f"{name}: {text}"


def _moment(value: Any) -> str:
    found = _MOMENT.search(_plain(value))
    return f"{found[1]}-{found[2]}-{found[3]} {found[4]}" if found and found[1] != "0000" else ""


def _plain(value: Any, *, wide: bool = False) -> str:
    """A text of a tag in one line, whatever it is in the file."""
    if isinstance(value, tuple) and value and all(isinstance(each, int) and 0 <= each < 256 for each in value):
        value = bytes(value)
    if isinstance(value, bytes):
        value = value[: 2 * _LONGEST]
        if wide:
            value = value.decode("utf-16-le", "replace")
        else:
            value = (value[8:] if value[:8] in {b"ASCII\0\0\0", b"\0" * 8} else value).decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return " ".join(value.replace("\0", " ").split())[:_LONGEST]


def _place(tags: Mapping[Any, Any]) -> str:
    """Where it was taken, in degrees as numbers: north and east are positive."""
    south, latitude, west, longitude = (tags.get(("gps", number)) for number in (1, 2, 3, 4))
    degrees = (_degrees(latitude, south, "S", 90), _degrees(longitude, west, "W", 180))
    return f"{degrees[0]:.5f}, {degrees[1]:.5f}" if degrees[0] is not None and degrees[1] is not None else ""


def _degrees(parts: Any, side: Any, negative: str, most: int) -> float | None:
    if not isinstance(parts, tuple) or not 0 < len(parts) <= 3:
        return None
    found: float = sum(float(part) / 60.0**at for at, part in enumerate(parts))
    if not 0 <= found <= most:
        return None
    return -found if _plain(side).upper() == negative else found
