"""Secrets of known forms are masked wherever they stand, and ordinary text is left alone."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.kit.redaction import redact, redact_fields

DIGITS = "0123456789"
ALPHANUMERIC = DIGITS + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
JWT = f"eyJ{'a1' * 10}.eyJ{'b2' * 10}.{'c3' * 10}"
PEM = "-----BEGIN RSA PRIVATE KEY-----\naGFyYm91ciB0aW1l\ndGFibGU=\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Card 4111 1111 1111 1111, thanks", "Card [masked: card number], thanks"),
        ("4111-1111-1111-1111", "[masked: card number]"),
        ("total 12 4111111111111111 04/29", "total 12 [masked: card number] 04/29"),
        ("3782 822463 10005", "[masked: card number]"),
        (
            "5555 5555 5555 4444 and 4242424242424242",
            "[masked: card number] and [masked: card number]",
        ),
        ("Password: hunter2", "Password: [masked: password]"),
        ("pwd=hunter2;user=ana", "pwd=[masked: password]"),
        (
            "P\u0130N: 4321 or p\u0131n: 1234",
            "P\u0130N: [masked: password] or p\u0131n: [masked: password]",
        ),
        ("Pa\u017fsword: hunter2", "Pa\u017fsword: [masked: password]"),
        ('{"password": "hunter2"}', '{"password": "[masked: password]"}'),
        ("DB_PASSWORD='hunter2'", "DB_PASSWORD='[masked: password]'"),
        ("Senha: azul", "Senha: [masked: password]"),
        ("the password is h4rbour", "the password is [masked: password]"),
        ("PIN: 4821", "PIN: [masked: password]"),
        (
            "postgresql://ana:hunter2@db.example/x",
            "postgresql://ana:[masked: password]@db.example/x",
        ),
        ("Your verification code is 482913", "Your verification code is [masked: one-time code]"),
        ("Security code\n\n482 913\n", "Security code\n\n[masked: one-time code]\n"),
        ("482913 is your Parcel login code", "[masked: one-time code] is your Parcel login code"),
        ("G-482913 is your code", "[masked: one-time code] is your code"),
        ("OTP 4821", "OTP [masked: one-time code]"),
        ("code: 4829", "code: [masked: one-time code]"),
        (f"AKIA{'A1' * 8}", "[masked: access key]"),
        (f"ghp_{'a1' * 18}", "[masked: access key]"),
        (f"OPENAI=sk-proj-{'a1' * 12}", "OPENAI=[masked: access key]"),
        (f"sk_live_{'a1' * 12}", "[masked: access key]"),
        (f"xoxb-{'a1' * 8}", "[masked: access key]"),
        ("api_key = 'tide-9f3a77c2d0'", "api_key = '[masked: access key]'"),
        ("export TIDE_SMS_KEY=heron-7Rk3Wm9Tq4", "export TIDE_SMS_KEY=[masked: access key]"),
        ("CVC: 737", "CVC: [masked: card code]"),
        ("CVV2\n737", "CVV2\n[masked: card code]"),
        (f"idk_{'a1' * 20}", "[masked: access key]"),
        ("Authorization: Bearer abcdef0123456789abcdef", "Authorization: Bearer [masked: token]"),
        (f"Authorization: Bearer {JWT}", "Authorization: Bearer [masked: token]"),
        (f"key:\n{PEM}\nend", "key:\n[masked: private key]\nend"),
        (PEM[:50], "[masked: private key]"),
        ("DE89 3704 0044 0532 0130 00", "[masked: IBAN]"),
        ("IBAN PT50000201231234567890154 BIC", "IBAN [masked: IBAN] BIC"),
        ("GB29 NWBK 6016 1331 9268 19 ANA", "[masked: IBAN] ANA"),
    ],
)
def test_a_known_form_is_masked(text: str, masked: str) -> None:
    assert redact(text).text == masked


ORDINARY = """
Order number 302-4471882-9931147 will arrive on Thursday.
Order 2026030212345 confirmed, invoice INV-2026-00417.
Call me at +351 912 345 678 or 00351 21 456 78 90.
Phone (415) 555-2671, extension 4821.
Meeting on 2026-03-02 at 09:30, room 4021.
02/03/2026 14:05:59 build 20260302140559 finished in 4821 ms
The zip code 94103 and the postal code: 1000-205 are on the label.
error code: 1234, exit code 5678, country code 0035
The promo code: 2026 is over.
Tracking 00340434161094015902 and 1Z999AA10123456784
ISBN 978-3-16-148410-0, EAN 4006381333931
Pi is 3.14159265358979323846 and e is 2.718281828459045.
0.4111111111111111 of the vote
Mo Tu We Th Fr Sa Su 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19
4 5 6 7 8 9 10 11 12 13 14 15 16 17
Balance 4,821.00 EUR, 1 234 567 in all, 12 000 000 people
The code review of 2024 and the dress code are on page 1200.
I forgot my password again and changed the password yesterday.
Password managers keep passwords; the password is required.
scikit-learn, sk-learn-contrib-imbalanced-package
git commit 3f786850e387550fdab836ed7e6dc881de23001b
uuid 123e4567-e89b-12d3-a456-426614174000
192.168.1.104:8080 and 2001:db8::ff00:42:8329
The verification took 12 minutes and 450 people came.
Access to the building: code review in room 12.
The bearer of good news arrived.
Flight TP1234 to Porto, seat 14A, booking QX7K2M.
IBAN is short for international bank account number.
DE12 is a road, FR76 another one.
GPS 38.7223 -9.1393, altitude 4821 m
Version 5.23.0, python 3.11.9, 4096 tokens
The secret of the key is patience.
api key: ask Tom
SORT_KEY = lambda row: row.name, cache_key = "users:42"
A CVC is short for card verification code, with 3 digits.
https://shop.example/items/4111?page=1234
Basic authentication: user and realm
""".strip().splitlines()


def test_ordinary_text_is_left_alone() -> None:
    spoiled = [line for line in ORDINARY if redact(line).text != line]
    assert spoiled == [], f"{len(spoiled)} of {len(ORDINARY)} lines"


def test_counts_are_by_class() -> None:
    text = "Password: a\nPassword: b\n4111 1111 1111 1111"
    assert redact(text).counts == {"password": 2, "card number": 1}


def test_fields_keep_their_names_and_share_the_counts() -> None:
    clean, counts = redact_fields({"title": "pwd=x", "url": None, "text": "pwd=y"})
    assert clean == {
        "title": "pwd=[masked: password]",
        "url": None,
        "text": "pwd=[masked: password]",
    }
    assert counts == {"password": 2}


def with_luhn_digit(digits: str) -> str:
    """Tries the ten last digits; the sum of the Luhn check tells the right one.

    For 411111111111111?: doubled are the 1st, 3rd, ... digits: 8 + 7 * 2 = 22; the others give
    7 * 1 = 7; 22 + 7 = 29, so the last digit is 1.
    """
    for last in DIGITS:
        total = 0
        for place, digit in enumerate(reversed(digits + last)):
            value = int(digit) * (1 + place % 2)
            total += value - 9 if value > 9 else value
        if total % 10 == 0:
            return digits + last
    raise AssertionError("one of ten digits always fits")


words = st.text("abc xyz.,;\n", max_size=20)
cards = st.one_of(
    st.text(DIGITS, min_size=14, max_size=14).map(lambda rest: with_luhn_digit("4" + rest)),
    st.text(DIGITS, min_size=13, max_size=13).map(lambda rest: with_luhn_digit("52" + rest)),
)


@given(words, cards, st.sampled_from(["", " ", "-"]), words)
def test_no_card_number_survives(before: str, card: str, separator: str, after: str) -> None:
    shown = separator.join(card[place : place + 4] for place in range(0, 16, 4))
    masked = redact(f"{before} {shown} {after}").text
    assert card not in re.sub(r"\D", "", masked)
    assert masked == f"{before} [masked: card number] {after}"


@given(
    st.sampled_from(["ghp_", "sk-", "sk_live_"]),
    st.text(ALPHANUMERIC, min_size=40, max_size=60).filter(
        lambda body: any(c in DIGITS for c in body)
    ),
    words,
)
def test_no_access_key_survives(prefix: str, body: str, after: str) -> None:
    assert body not in redact(f"x {prefix}{body} {after}").text


@given(
    st.sampled_from(["password", "Password", "PWD", "passwort", "mot de passe"]),
    st.sampled_from([":", "=", ": ", " = ", ' : "']),
    st.text(ALPHANUMERIC + "!#%&()*+-./<>?@[]_{}", min_size=6, max_size=20),
)
def test_no_labeled_password_survives(label: str, sign: str, password: str) -> None:
    assert password not in redact(f"{label}{sign}{password}").text


secrets = st.sampled_from(
    [PEM, JWT, "4111111111111111", "pwd=x1", "OTP 482913", "code: 4829", "PIN=1234"]
)


@given(st.lists(st.one_of(st.text(max_size=30), secrets), max_size=6).map(" ".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = redact(text)
    again = redact(once.text)
    assert again.text == once.text
    assert again.counts == {}


@pytest.mark.parametrize(
    "unit",
    ["1", "1 ", "4111 ", "a", "password", "password: ", "eyJ", "-----BEGIN PRIVATE KEY-----", "://a:",
     "AB12 ", "otp ", "code ", "sk-", "bearer ", "api_key=", "api key ", "A_KEY=",
     "A_", "A-1234", "- "],
)  # fmt: skip
def test_no_text_makes_it_slow(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 5
