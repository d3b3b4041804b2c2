"""What forms need at the edge: fields of one line, safe ways back."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict

from app.core.errors import Invalid


class Problems(dict[str, str]):
    """Field → sentence; a field without a problem answers the empty sentence."""

    def __missing__(self, name: str) -> str:
        return ""


class Form(FlaskForm):
    """A form of text, whose problems a service can add to."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """A file sent under a text field's name is no answer to it."""
            given = super().wrap_formdata(form, formdata)
            return request.form if isinstance(given, CombinedMultiDict) else given

    def take(self, error: Invalid) -> None:
        """Put a service's complaints beside the fields they speak of."""
        for name, sentence in error.fields.items():
            field = getattr(self, name, None)
            if field is not None:
                field.errors = [*field.errors, sentence]
        if not error.fields:
            self.form_errors.append(error.message)

    @property
    def problems(self) -> Problems:
        """The first problem of every field, by its name."""
        return Problems({name or "form": str(errors[0]) for name, errors in self.errors.items() if errors})


def way_back(default: str = "/") -> str:
    """Where `next` asks to go, if that is a path on this board; `default` otherwise."""
    target = request.values.get("next", "")
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if inside and target.isprintable() else default


def whole_number(text: str, digits: int = 18) -> int | None:
    """The number written in plain digits, at most this many; None where there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def version_given(form: Mapping[str, str]) -> int:
    """The version a change was made against. Raises Invalid where the form carries none."""
    version = whole_number(form.get("version", ""), digits=9)
    if version is None:
        raise Invalid("The form does not say which version it changes. Reload the page.", {"version": "Missing."})
    return version
