"""Secrets in ordinary text: found by their form and replaced by what they were.

Only well-known forms are masked: what has no form (a password shown without a label) stays.
Where a form has a checksum (card numbers, IBANs) it is computed, so that order and phone numbers
stay readable; where it has none, masking too much is the lesser harm.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Finder = Callable[[str], Iterator[tuple[int, int]]]
"""Gives the (start, end) of each secret of one form, from left to right, without overlap."""


@dataclass(frozen=True, slots=True)
class _Form:
    """What secrets of one class look like.

    Attributes:
        secret: what the mask calls them.
        signs: of which one at least stands, in small letters, in any text that has such a secret;
            empty where there is no such sign. Looking for these costs next to nothing.
        find: gives the places of all in a text.
    """

    secret: str
    signs: tuple[str, ...]
    find: Finder


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and how many of each class were masked."""

    text: str
    counts: dict[str, int]


def redact(text: str) -> Redacted:
    """Replaces every secret by ``[masked: <class>]``; masking a masked text changes nothing."""
    counts: Counter[str] = Counter()
    # Patterns of any case take Turkish's two other letters for an i, and casefold does not.
    folded = text.replace("\u0130", "i").replace("\u0131", "i").casefold()
    for form in _FORMS:
        if form.signs and not any(sign in folded for sign in form.signs):
            continue
        pieces, end = [], 0
        for start, stop in form.find(text):
            pieces += [text[end:start], f"[masked: {form.secret}]"]
            end = stop
            counts[form.secret] += 1
        text = "".join([*pieces, text[end:]])
    return Redacted(text, dict(counts))


def redact_fields(fields: Mapping[str, str | None]) -> tuple[dict[str, str | None], dict[str, int]]:
    """Redacts several texts by name; the counts are added up."""
    clean: dict[str, str | None] = {}
    counts: Counter[str] = Counter()
    for name, text in fields.items():
        redacted = Redacted("", {}) if text is None else redact(text)
        clean[name] = None if text is None else redacted.text
        counts.update(redacted.counts)
    return clean, dict(counts)


def _form(*parts: str, flags: re.RegexFlag = re.NOFLAG) -> Finder:
    pattern = re.compile("".join(parts), flags)
    group = "secret" if "secret" in pattern.groupindex else 0
    return lambda text: (found.span(group) for found in pattern.finditer(text))


def _any_case(*parts: str) -> Finder:
    return _form(*parts, flags=re.IGNORECASE)


_IS = r"""["'`]?[ \t]*(?:=>|:=|[:=])[ \t]*["'`]?(?!\[masked: )"""
_VALUE = r"""[^\s"'`]"""
_HAS_DIGIT = rf"(?={_VALUE}{{0,60}}[0-9])"  # bounded, or long texts of one kind take minutes
_KEY_LABEL = (
    r"(?:api[_ -]?key|secret[_ -]?(?:access[_ -]?)?key|client[_ -]?secret|access[_ -]?token|"
    r"auth[_ -]?token)"
)
_PRIVATE_KEY = r"[A-Z ]{0,30}PRIVATE KEY[A-Z ]{0,10}-{2,5}"

_CODE = (
    r"(?<![\w.,-])(?P<secret>[0-9]{3}[- ][0-9]{3}|[A-Z]-[0-9]{4,8}|[0-9]{4,8})(?![\w-]|[.:/,][0-9])"
)
_CODE_NAME = (
    r"\b(?:(?:verification|security|log-?in|sign-?in|access|confirmation|authentication|"
    r"one[- ]time|two-factor|2fa|sms) (?:pass)?code|otp|passcode|one[- ]time (?:password|pin))\b"
)
_NOT_THAT_CODE = "".join(
    rf"(?<!{word} )"
    for word in ("zip", "postal", "post", "area", "error", "exit", "status", "country", "source",
                 "product", "discount", "promo", "voucher", "dialing", "sort", "item", "order")
)  # fmt: skip


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for found in _IBAN.finditer(text):
        # A word in capitals may follow the IBAN, so ever shorter beginnings are tried.
        words = [len(part) for part in re.findall(r" ?[A-Z0-9]+", found[0])]
        for count in range(len(words), 0, -1):
            end = sum(words[:count])
            if _is_iban(found[0][:end].replace(" ", "")):
                yield found.start(), found.start() + end
                break


def _is_iban(text: str) -> bool:
    """ISO 7064 MOD 97-10: the country and check digits go to the end, letters count from 10."""
    moved = text[4:] + text[:4]
    return 15 <= len(text) <= 34 and int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for run in _DIGIT_GROUPS.finditer(text):
        groups = list(re.finditer("[0-9]+", run[0]))
        first = 0
        while first < len(groups):
            last = _end_of_card(groups, first)
            if last is not None:
                yield run.start() + groups[first].start(), run.start() + groups[last].end()
                first = last
            first += 1


def _end_of_card(groups: list[re.Match[str]], first: int) -> int | None:
    """The index of the group that ends a card number which begins with the given group."""
    digits, end = "", None
    for index in range(first, len(groups)):
        digits += groups[index][0]
        if len(digits) > 19:
            break
        if _CARD.fullmatch(digits) and _passes_luhn(digits):
            end = index
        if len(groups[index][0]) < 3:  # rows of small numbers, such as a calendar's, are no card
            break
    return end


def _passes_luhn(digits: str) -> bool:
    """Every second digit from the right is doubled, its digits added: the sum ends in 0."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
# Not the digits behind a decimal point.
_DIGIT_GROUPS = re.compile(r"(?<![0-9])(?<![0-9][.,])[0-9]+(?:[ \u00a0-][0-9]+)*")
# The issuers' prefixes and lengths: Visa, Mastercard, American Express, Diners Club, Discover,
# JCB, UnionPay, Maestro.
_CARD = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|"
    r"27[01][0-9]|2720)[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|"
    r"(?:6011|64[4-9][0-9]|65[0-9]{2}|35(?:2[89]|[3-8][0-9])|62[0-9]{2})[0-9]{12,15}|"
    r"(?:5018|5020|5038|5893|6304|6759|676[1-3])[0-9]{8,15}"
)

# Applied in this order: a form that contains others comes before them.
_FORMS: tuple[_Form, ...] = (
    # Without its end (scrolled out of sight) a private key goes on to the end of the text.
    _Form(
        "private key",
        ("private key",),
        _form(rf"-{{2,5}} ?BEGIN {_PRIVATE_KEY}[\s\S]*?(?:-{{2,5}} ?END {_PRIVATE_KEY}|\Z)"),
    ),
    _Form("token", ("eyj",), _form(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?")),
    _Form(
        "token",
        ("bearer",),
        _any_case(rf"\bbearer[ \t]+(?P<secret>{_HAS_DIGIT}[\w.~+/=-]{{16,}})"),
    ),
    _Form("access key", ("akia", "asia"), _form(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    _Form(
        "access key",
        ("gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_"),
        _form(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,})"),
    ),
    _Form("access key", ("glpat-", "xox"), _form(r"\b(?:glpat-|xox[abprs]-)[\w-]{10,}")),
    _Form(
        "access key",
        ("k_live_", "k_test_"),
        _form(r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}"),
    ),
    _Form("access key", ("sk-",), _form(r"\bsk-(?=[\w-]{0,60}[0-9])[\w-]{16,}")),
    _Form("access key", ("aiza", "idk_"), _form(r"\bAIza[\w-]{35}|\bidk_[A-Za-z0-9]{20,}")),
    _Form(
        "access key",
        ("key", "secret", "token"),
        _any_case(_KEY_LABEL, _IS, rf"(?P<secret>{_HAS_DIGIT}{_VALUE}{{8,}})"),
    ),
    _Form(
        "access key",
        ("_key", "_token", "_secret"),
        _form(
            r"\b[A-Z][A-Z0-9_]{0,40}_(?:KEY|TOKEN|SECRET)",
            _IS,
            rf"(?P<secret>{_HAS_DIGIT}{_VALUE}{{8,}})",
        ),
    ),
    _Form(
        "password",
        ("://",),
        _any_case(r"://[^\s:/@]{1,80}:(?!\[masked: )(?P<secret>[^\s/@]{1,80})@"),
    ),
    _Form(
        "password",
        ("passw", "passphrase", "pwd", "contraseña", "senha", "mot de passe"),
        _any_case(
            r"(?:password|passwd|passphrase|\bpwd|passwort|contraseña|\bsenha|mot de passe)",
            _IS,
            rf"(?P<secret>{_VALUE}+)",
        ),
    ),
    _Form(
        "password",
        ("password ",),
        _any_case(rf"password (?:is|was) (?P<secret>{_HAS_DIGIT}{_VALUE}{{4,}})"),
    ),
    _Form("password", ("pin",), _any_case(r"\bpin", _IS, r"(?P<secret>[0-9]{4,8})\b")),
    _Form(
        "one-time code",
        ("code", "otp", "one time p", "one-time p"),
        _any_case(_CODE_NAME, r"[^0-9\[]{0,40}?", _CODE),
    ),
    _Form(
        "one-time code",
        ("code is", "code:"),
        _any_case(rf"\b{_NOT_THAT_CODE}code(?: is|:)[ \t]*", _CODE),
    ),
    _Form(
        "one-time code",
        (" is your",),
        _any_case(_CODE, r" is your\b[^\n]{0,40}\b(?:code|otp|passcode)\b"),
    ),
    _Form(
        "card code",
        ("cvc", "cvv"),
        _any_case(r"\b(?:cvc|cvv)2?\b[^\w\[]{0,4}(?P<secret>[0-9]{3,4})\b"),
    ),
    _Form("IBAN", (), _ibans),
    _Form("card number", (), _cards),
)
