"""XML as text: whatever people wrote becomes legal in it."""

import re
from xml.sax.saxutils import escape, quoteattr

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to say (https://www.w3.org/TR/xml/#charsets)."""
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def element(name: str, words: object = None, **attributes: object) -> str:
    """An element with text, or an empty one."""
    return _tagged(name, "" if words is None else escape(_legal(words)), attributes)


def holding(name: str, *children: str, **attributes: object) -> str:
    """An element with elements in it."""
    return _tagged(name, "".join(children), attributes)


def cdata(name: str, words: object) -> str:
    """An element with text as it is."""
    return f"<{name}><![CDATA[{_legal(words).replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"


def opening(name: str, **attributes: object) -> str:
    """The start of an element, to be closed by `</name>`."""
    return f"<{name}{_written(attributes)}>"


def _tagged(name: str, inner: str, attributes: dict[str, object]) -> str:
    start = f"<{name}{_written(attributes)}"
    return f"{start}>{inner}</{name}>" if inner else f"{start}/>"


def _written(attributes: dict[str, object]) -> str:
    """`xmlns__dc` is written `xmlns:dc`."""
    return "".join(f" {name.replace('__', ':')}={quoteattr(_legal(value))}" for name, value in attributes.items())


def _legal(words: object) -> str:
    return _ILLEGAL.sub("", str(words))
