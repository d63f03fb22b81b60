"""Windows are known by what programs write into titles, not by what pages are about."""

import pytest

from idiolect.usermodel.audit import windows
from idiolect.usermodel.propose.protocols import ObservationView
from tests.usermodel.seeds import view

OURS = (("Idiolect",), ("http://127.0.0.1:8765",))


def window(
    title: str | None, application: str | None = None, url: str | None = None, text: str = "Shown"
) -> ObservationView:
    return view(text, kind="screen", trust="read", title=title, application=application, url=url)


@pytest.mark.parametrize(
    "title",
    [
        "New Incognito Tab - Google Chrome",
        "Knots - Google Chrome (Incognito)",
        "Knots - [InPrivate] - Microsoft\u200b Edge",
        "Knots - InPrivate - Microsoft Edge",
        "Knots \u2014 Mozilla Firefox Private Browsing",
        "Knots - Mozilla Firefox (Private Browsing)",
        "Knots \u2014 Private Browsing",
        "Knots - Brave (Private)",
        "Knoten - Google Chrome (Inkognito)",
        "Knoten \u2014 Mozilla Firefox Privater Modus",
        "N\u0153uds \u2014 Navigation priv\u00e9e de Mozilla Firefox",
        "Nudos - Mozilla Firefox (Navegaci\u00f3n privada)",
        "Nodi \u2014 Mozilla Firefox (Navigazione anonima)",
        "N\u00f3s \u2014 Navega\u00e7\u00e3o Privada Mozilla Firefox",
        "Knopen \u2014 Firefox (Priv\u00e9venster)",
        "W\u0119z\u0142y - Google Chrome (Tryb prywatny)",
        "\u0423\u0437\u043b\u044b \u2014 Mozilla Firefox "
        "(\u041f\u0440\u0438\u0432\u0430\u0442\u043d\u044b\u0439 "
        "\u043f\u0440\u043e\u0441\u043c\u043e\u0442\u0440)",
        "\u7ed3 - Google Chrome\uff08\u65e0\u75d5\u5f0f\uff09",
        "\u7d50\u3073 - Google Chrome (\u30b7\u30fc\u30af\u30ec\u30c3\u30c8)",
        "Knots \u2014 Mozilla Firefox (Preevat Stravaigin)",  # a language that is not listed
    ],
)
def test_private_windows_in_many_languages(title: str) -> None:
    assert windows.is_private(window(title))


@pytest.mark.parametrize(
    "title",
    [
        "What is incognito mode? - Google Chrome",
        "Private browsing - Wikiminster - Mozilla Firefox",
        "How to open a private window in Firefox",
        "Private lessons, harp \u2014 Mozilla Firefox",
        "Knots - Google Chrome (Not Responding)",
        "Knots - Personal - Microsoft\u200b Edge",
        "Mozilla Firefox",
        "Download Mozilla Firefox \u2014 Mozilla Firefox",
        "Opera tickets - Quayside",
        "",
    ],
)
def test_ordinary_windows(title: str) -> None:
    assert not windows.is_private(window(title))


def test_private_browsers_addresses_and_first_pages() -> None:
    assert windows.is_private(window("Knots - Tor Browser"))
    assert windows.is_private(window(None, application="tor browser"))
    assert windows.is_private(window(None, url="about:privatebrowsing"))
    assert windows.is_private(window(None, text="New tab\nYou\u2019ve gone Incognito\nOthers"))
    assert not windows.is_private(window(None, text="She said: you\u2019ve gone incognito again"))


def test_a_screen_without_a_title_is_known_by_its_first_lines() -> None:
    assert windows.is_private(window(None, text="Knots - Google Chrome (Incognito)\nReef knot"))
    far_down = "one\ntwo\nthree\nKnots - Google Chrome (Incognito)"
    assert not windows.is_private(window(None, text=far_down))


@pytest.mark.parametrize(
    "shown",
    [
        window("Passwords.kdbx - KeePassXC", "keepassxc"),
        window(None, "org.keepassxc.KeePassXC"),
        window("My vault | Bitwarden Web Vault - Mozilla Firefox", "firefox"),
        window("Codes", "Google Authenticator"),
        window("Accounts", "firefox", "https://banking.norvane.example/start"),
        window("Accounts", "firefox", "https://www.norvane-bank.example/"),
        window("Welcome to Online Banking - Mozilla Firefox", "firefox"),
        window("Wallet", "firefox", "https://www.paypal.com/home"),
    ],
)
def test_programs_and_sites_that_hold_secrets(shown: ObservationView) -> None:
    assert windows.is_confidential(shown)


@pytest.mark.parametrize(
    "shown",
    [
        window("River bank walks - Mozilla Firefox", "firefox", "https://walks.example/bank"),
        window("Food bank shift", "firefox", "https://foodbank.example/"),
        window("Goalkeeper - Quayside", "firefox"),
        window("Slate", "Slate", "http://[broken"),
        window(None, "firefox", text="Bitwarden\nInbox\nMaps"),  # tabs in the background
    ],
)
def test_names_that_only_look_like_them(shown: ObservationView) -> None:
    assert not windows.is_confidential(shown)


def test_a_bank_s_letter_is_no_bank() -> None:
    letter = view("Hello", kind="message", trust="read", title="Online banking is new - Larkmail")
    assert not windows.is_confidential(letter)


def test_excluded_by_program_title_and_address() -> None:
    shown = window("Salaries 2026 - Grid", "Grid", "https://intra.example/pay/roll?x=1")
    assert windows.is_application(shown, ["grid"])
    assert not windows.is_application(shown, ["gri"])
    assert windows.is_excluded(shown, ["salaries"])
    assert windows.is_excluded(shown, ["https://intra.example/pay/*"])
    assert not windows.is_excluded(shown, ["https://intra.example/pay"[::-1], "*salaries"])


@pytest.mark.parametrize(
    "shown",
    [
        window("Idiolect - Mozilla Firefox"),
        window("Memory \u00b7 Idiolect \u2014 Mozilla Firefox"),
        window("Idiolect"),
        window("Anything", url="http://127.0.0.1:8765/memories"),
        window(None, text="Chat | New tab\n127.0.0.1:8765/chat\nHello"),
    ],
)
def test_our_own_windows(shown: ObservationView) -> None:
    assert windows.is_own(shown, *OURS)


@pytest.mark.parametrize(
    "shown",
    [
        window("Idiolect and dialect - Wikiminster - Mozilla Firefox"),
        window("Anything", url="http://127.0.0.1:3000/"),
        window(None, text="The word idiolect\nmeans one's own language"),
    ],
)
def test_windows_of_others(shown: ObservationView) -> None:
    assert not windows.is_own(shown, *OURS)
