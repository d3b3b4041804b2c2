"""Addresses that mail can be sent to, and names that can be read."""

import pytest

from app.core.errors import Invalid
from app.domain.accounts.identity import checked_email, checked_name, email_key, same_mailbox


@pytest.mark.parametrize("address", ["josé@x.example", "ж@bücher.example", "ａda@x.example"])
def test_an_address_no_letter_can_reach_is_refused_with_what_to_do(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_email(address)
    assert refused.value.fields["email"].endswith("before the @. Use another address.")


def test_a_domain_in_any_letters_is_kept_in_them_and_is_one() -> None:
    spellings = ("joe@bücher.example", "joe@xn--bcher-kva.example", "joe@BÜCHER.example")
    assert {checked_email(spelling) for spelling in spellings} == {"joe@bücher.example"}
    assert {email_key(spelling) for spelling in spellings} == {"joe@bücher.example"}
    assert same_mailbox(*spellings[:2])


def test_an_address_taken_before_is_still_found() -> None:
    assert email_key(" José@X.example ") == "josé@x.example"


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u202e\u2800", "x" * 121])
def test_a_name_nobody_can_read_is_none(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_name(name)
    assert refused.value.fields == {"name": "Write your name, in 120 characters at the most."}


def test_a_name_loses_what_nobody_sees_and_keeps_its_letters() -> None:
    assert checked_name(" Rev\u202eiewer\n ") == "Reviewer"
    assert checked_name("می\u200cخواهم") == "می\u200cخواهم"
    assert checked_name("x" * 120 + "\u200b" * 9) == "x" * 120
