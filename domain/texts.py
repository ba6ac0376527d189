"""Text as people write it, in one form: what looks the same is the same, and nothing in it acts on its surroundings."""

import unicodedata

from domain.errors import Invalid

_LINE_BREAKS = "\n\r\t"
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of the text around it: a name with one of them is shown as another one."""
_MOST_MARKS = 30
"""How many combining marks may follow each other: those of any language are fewer, and composing long runs takes
time that grows with their square."""


def composed(text: str) -> str:
    """The text in Unicode's normal form C: an accent typed after its letter is the letter with the accent.

    Raises:
        Invalid: more marks upon one letter than any language has.
    """
    if text.isascii():
        return text
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MOST_MARKS:
            raise Invalid(f"more than {_MOST_MARKS} accents and marks upon one letter are not allowed in text")
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """A name, a title or a line of an address: composed and stripped; "" if it is blank.

    Raises:
        Invalid: it has a control character (a line break too), one that turns the direction of text, half of a
            surrogate pair, or nothing in it can be seen.
    """
    line = composed(text).strip()
    for character in line:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _DIRECTIONS:
            raise _not_allowed(character)
    if line and all(unicodedata.category(character) in ("Cf", "Cn", "Zs") for character in line):
        raise Invalid("nothing of this text can be seen")
    return line


def long_text(text: str) -> str:
    """Words of any length, with line breaks and tabs: composed and stripped.

    Raises:
        Invalid: it has another control character, or half of a surrogate pair.
    """
    words = composed(text).strip()
    for character in words:
        if character not in _LINE_BREAKS and unicodedata.category(character) in ("Cc", "Cs"):
            raise _not_allowed(character)
    return words


def _not_allowed(character: str) -> Invalid:
    name = "a line break" if character in "\n\r\u2028\u2029" else f"the invisible character U+{ord(character):04X}"
    return Invalid(f"{name} is not allowed here")
