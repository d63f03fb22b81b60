import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import type { Message } from "../../api/types";
import { SessionProvider } from "../../app/session";
import type { Turn } from "./thread";
import { TurnView } from "./turn-view";

const BASE: Message = {
  id: "u1",
  parent_id: null,
  role: "user",
  text: "Any ideas for dinner?",
  state: "done",
  position: 0,
  acted: {},
  created_at: "2026-03-02T10:00:00Z",
};
const TURN: Turn = {
  user: BASE,
  replies: [
    { ...BASE, id: "a", role: "assistant", text: "Soup." },
    { ...BASE, id: "b", role: "assistant", text: "- Bread\n- Soup", position: 1 },
  ],
  choice: null,
};

function show(status: number, answer: object) {
  localStorage.setItem("idiolect.key", "idk_test");
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)));
    return new Response(JSON.stringify(answer), { status });
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SessionProvider>
        <MemoryRouter>
          <TurnView turn={TURN} conversationId="cnv_1" isLast />
        </MemoryRouter>
      </SessionProvider>
    </QueryClientProvider>,
  );
  return sent;
}

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

test("the key 2 picks the second draft and the page says what that did", async () => {
  const sent = show(201, { id: "c", preference_id: "p", preferences: 12, preferences_needed: 40 });
  await userEvent.keyboard("2");
  expect(sent).toEqual([{ candidate_ids: ["a", "b"], verdict: "picked", picked_id: "b" }]);
  expect(await screen.findByText("Choice 12 of 40 before your next adapter.")).toBeVisible();
  expect(screen.getByText("your choice")).toBeVisible();
});

test("a tie has no winner, and the page says that nothing is learned from it", async () => {
  const sent = show(201, { id: "c", preference_id: null, preferences: 12, preferences_needed: 40 });
  await userEvent.keyboard("=");
  expect(sent).toEqual([{ candidate_ids: ["a", "b"], verdict: "tie", picked_id: null }]);
  expect(await screen.findByText(/nothing to learn/)).toBeVisible();
});

test("a refused choice shows the reason, the hint and a way to try again", async () => {
  show(409, { detail: "This was chosen already.", hint: "Reload the conversation." });
  await userEvent.click(screen.getAllByRole("button", { name: /This one/ })[0] as HTMLElement);
  expect(await screen.findByText("This was chosen already.")).toBeVisible();
  expect(screen.getByText("Reload the conversation.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
});
