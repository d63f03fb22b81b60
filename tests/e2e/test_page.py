"""The page, in a real browser against the real server, walks the main job."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from idiolect.kit.clock import utc_now
from tests.e2e.conftest import Running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(300)]

SHORT = "- Bread\n- Soup"
LONG = (
    "There are a great many things that one could cook on such an evening, and it would be "
    "hard to say which of them is best, because that depends on what is in the house."
)


@pytest.fixture(scope="module", autouse=True)
def _known(running: Running) -> None:
    """What Mara said about herself is brought in and read."""
    now = utc_now()
    said = ["I'm learning the piano.", "I'm vegetarian.", "Please keep your answers short."]
    receipt = running.client.observe(
        [
            {
                "idempotency_key": f"note-{number}",
                "kind": "statement",
                "source": "test",
                "application": "Notes",
                "title": "journal",
                "text": text,
                "trust": "typed",
                "occurred_at": (now - timedelta(hours=number + 1)).isoformat(),
            }
            for number, text in enumerate(said)
        ]
    )
    assert len(receipt.accepted) == 3
    job = running.client.refresh_propositions()
    assert job is not None
    assert running.client.wait_for_job(job["id"])["state"] == "succeeded"


def prefer_short_answers(running: Running, count: int) -> None:
    """Brings choices along: short lists are better than long prose."""
    receipt = running.client.add_preferences(
        [
            {"prompt": f"What shall I cook on day {day}?", "chosen": SHORT, "rejected": LONG}
            for day in range(count)
        ]
    )
    assert receipt["accepted"] == count


def test_the_main_job_from_observation_to_adapter(running: Running, page: Page) -> None:
    prefer_short_answers(running, 60)
    expect(page).to_have_url(f"{running.url}/chat")  # the key is gone from the address

    # What is known stands there with its evidence.
    page.get_by_role("link", name="You").click()
    page.get_by_role("link", name="Mara is learning the piano").click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_text("I'm learning the piano.", exact=True)).to_be_visible()
    panel.get_by_role("button", name="Close").click()

    # Two drafts; the key 1 picks one, and the page says what that did.
    page.get_by_role("link", name="Chat").click()
    page.get_by_label("Message").fill("What piano piece could I learn next?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="This one")).to_have_count(2)
    page.get_by_role("article", name="Draft 1").get_by_text("Why this answer").click()
    expect(page.get_by_role("link", name="Mara is learning the piano.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.get_by_role("status")).to_contain_text("Choice 61.")

    # An adapter is trained, judged and, having won, live.
    page.get_by_role("link", name="Runs").click()
    page.get_by_role("button", name="Train an adapter").click()
    gate = page.get_by_role("region", name="Gate")
    expect(gate).to_contain_text("passed", timeout=180_000)
    expect(page.get_by_role("img", name="Loss from")).to_be_visible()
    expect(page.get_by_text("live", exact=True)).to_be_visible()

    # The next reply is the adapter's.
    page.get_by_role("link", name="Chat").click()
    page.get_by_label("Message").fill("What shall I cook tonight?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="This one")).to_have_count(2)
    page.get_by_role("article", name="Draft 1").get_by_text("Why this answer").click()
    expect(page.locator("dd").filter(has_text="adp_")).to_be_visible()


def test_a_forgotten_proposition_is_gone(running: Running, page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="You").click()
    page.get_by_role("link", name="Mara is vegetarian").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget").click()
    # An open panel hides the list behind it from roles: a link would not count before it is gone.
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="Mara is vegetarian")).to_have_count(0)
    texts = [each["text"] for each in running.client.propositions()["items"]]
    assert "Mara is vegetarian." not in texts


def test_a_wrong_key_is_refused_with_what_to_do(running: Running, page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Key").fill("idk_nobody")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("key")
    page.get_by_label("Key").fill(running.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Message")).to_be_visible()
