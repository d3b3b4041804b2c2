"""XML read as a stream: records come one at a time, and no more than one is ever held."""

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException, DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden

from app.domain.imports.readers.entries import Entry, Format, Unreadable
from app.domain.imports.readers.files import DAMAGE, head, opened

LARGEST_RECORD = 10_000_000
"""Bytes between two records."""
_DEEPEST = 100
_MOST_FACTS = 100
_LONGEST_FACT = 2_000
_CHUNK = 1 << 20

Row = Callable[[Element, dict[str, str]], dict[str, Any] | str]


class _Metered:
    """A file that refuses to be read on and on without a record in it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.since_record = 0

    def read(self, size: int = _CHUNK, /) -> bytes:
        """The next bytes. Raises Unreadable."""
        if self.since_record > LARGEST_RECORD:
            raise Unreadable(f"An item is larger than {LARGEST_RECORD // 1_000_000} MB.")
        content = self._file.read(size)
        self.since_record += len(content)
        return content


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _depth_of(depths: dict[str, int], root: Element) -> int:
    if _local(root.tag) not in depths:
        raise Unreadable(f"The outermost element is <{_local(root.tag)[:60]}>, which is none of this format.")
    return depths[_local(root.tag)]


def _records(file: _Metered, depths: dict[str, int]) -> Iterator[Element]:
    """Elements that stand in as many others as the root's name has in `depths`; each is forgotten once it was seen."""
    open_elements: list[Element] = []
    wanted = 0
    for event, element in ElementTree.iterparse(file, events=("start", "end")):
        if event == "start":
            wanted = wanted or _depth_of(depths, element)
            open_elements.append(element)
            if len(open_elements) > _DEEPEST:
                raise Unreadable(f"Elements are nested more than {_DEEPEST} deep.")
            continue
        open_elements.pop()
        if len(open_elements) == wanted:
            yield element
            file.since_record = 0
        if len(open_elements) <= wanted:
            element.clear()
            if open_elements:
                open_elements[-1].remove(element)


def records(path: Path, depths: dict[str, int]) -> Iterator[Element]:
    """Elements of a file that stand in as many others as `depths` has for the name of its root.

    Raises Unreadable, OSError.
    """
    try:
        with opened(path) as file:
            yield from _records(_Metered(file), depths)
    except ElementTree.ParseError as error:
        line, column = error.position
        raise Unreadable(f"The file is not well-formed XML (line {line}, column {column + 1}).") from None
    except (EntitiesForbidden, DTDForbidden, ExternalReferenceForbidden):
        raise Unreadable("The file declares entities, which are not read.") from None
    except DAMAGE:
        raise Unreadable("The archive is damaged.") from None
    except (DefusedXmlException, ValueError, LookupError):  # an encoding that does not exist, or does not fit
        raise Unreadable("The file is not well-formed XML: its encoding cannot be read.") from None


def opening(path: Path) -> list[str]:
    """Names (with namespaces) of the elements that begin in the first bytes of a file; none where it is no XML."""
    names = []
    try:
        for _, element in ElementTree.iterparse(BytesIO(head(path)), events=("start",)):
            names.append(element.tag)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        pass  # it breaks off after the first bytes, or earlier
    return names


def looks_like_xml(path: Path) -> bool:
    """Whether a file says of itself that it is XML. Raises OSError."""
    return head(path).lstrip().startswith(b"<?xml")


def said(element: Element, *names: str) -> str:
    """The words of the first child with one of these names (in their order) that has any."""
    for name in names:
        for child in element:
            if _local(child.tag) == name and (words := "".join(child.itertext()).strip()):
                return words
    return ""


def said_all(element: Element, *steps: str) -> list[str]:
    """The words of all children at the end of a path of names."""
    found = [element]
    for step in steps:
        found = [child for one in found for child in one if _local(child.tag) == step]
    return [words for one in found if (words := "".join(one.itertext()).strip())]


def markup(element: Element, *names: str) -> str:
    """As `said`, but with the elements that stand in the child: HTML that nobody escaped."""
    for name in names:
        for child in element:
            if _local(child.tag) == name and (words := _inner(child).strip()):
                return words
    return ""


def _inner(element: Element) -> str:
    for inner in element.iter():
        inner.tag = _local(inner.tag)
    shown = (ElementTree.tostring(child, encoding="unicode") for child in element)
    return (element.text or "") + "".join(shown)


def _read(path: Path, items: set[str], depths: dict[str, int], row: Row) -> Iterator[Entry]:
    about: dict[str, str] = {}
    number = 0
    try:
        for element in records(path, depths):
            name = _local(element.tag)
            if name in items:
                number += 1
                found = row(element, about)
                yield Entry(number, found, None) if isinstance(found, dict) else Entry(number, None, found)
            elif len(about) < _MOST_FACTS and (words := "".join(element.itertext()).strip()):
                about.setdefault(name, words[:_LONGEST_FACT])
    except Unreadable as refusal:
        yield Entry(number + 1, None, f"{refusal} From here on nothing could be read.", breaks_off=True)


def _count(path: Path, items: set[str]) -> int:
    """About how many items: their ends, counted without parsing."""
    count = 0
    try:
        with opened(path) as file:
            while chunk := file.read(_CHUNK):
                count += sum(chunk.count(f"</{item}>".encode()) for item in items)
    except DAMAGE:
        return count + 1
    return count


def xml_format(recognises: Callable[[Path], bool], items: set[str], depths: dict[str, int], row: Row) -> Format:
    """A format of XML whose `items` stand in as many elements as `depths` has for the root's name.

    `row(item, about)` answers an item as a row, or the sentence why it is none; `about` is what stands beside the
    items, by name.
    """
    return Format(recognises, partial(_count, items=items), partial(_read, items=items, depths=depths, row=row))
