from app.domain.imports.likeness import alike, bands, content_hash, same_job, signature
from tests.domain.imports.rows import BODY


def test_repeats_are_told_by_letters_and_digits_alone():
    assert content_hash("A  b!", "Acme", "x-y") == content_hash("a B", "ACME", "X y")
    assert content_hash("ab", "c", "") != content_hash("a", "bc", "")


def test_nearly_the_same_text_shares_a_band():
    one, other = signature(BODY), signature(BODY.replace("spring", "autumn"))
    assert alike(one, other) and set(bands(one)) & set(bands(other))


def test_another_text_is_another():
    other = "We bake bread at night and sell it at dawn from a red van. We look for somebody who likes both. " * 2
    assert not alike(signature(BODY), signature(other))


def test_a_short_text_has_no_signature():
    assert signature("Call us for a job today") is None


def test_one_job_under_two_titles():
    assert same_job("Senior Bridge Builder", "Senior Bridge Builder (Oslo)")
    assert not same_job("Bridge Builder 2", "Bridge Builder 3")
    assert not same_job("Bridge Builder", "Night Nurse")
