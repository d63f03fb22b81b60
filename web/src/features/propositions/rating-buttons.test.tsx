import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Proposition } from "../../api/types";
import { SessionProvider } from "../../app/session";
import { RatingButtons } from "./rating-buttons";

const KNOWN: Proposition = {
  id: "mem_1",
  lineage_id: "mem_1",
  version: 1,
  text: "Mara swims.",
  reasoning: null,
  confidence: 0.8,
  raw_confidence: 0.8,
  rating: null,
  private: false,
  durability: 0.5,
  half_life_days: 14,
  state: "activated",
  evidence_count: 1,
  supported_at: null,
  recorded_at: "2026-03-02T10:00:00Z",
};

function show(proposition: Proposition, status = 200, answer: object = KNOWN) {
  localStorage.setItem("idiolect.key", "idk_test");
  const sent: unknown[] = [];
  const rated: unknown[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    sent.push([init.method, path, init.body ?? null]);
    return new Response(JSON.stringify(answer), { status });
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SessionProvider>
        <RatingButtons proposition={proposition} onRated={(one) => rated.push(one)} />
      </SessionProvider>
    </QueryClientProvider>,
  );
  return { sent, rated };
}

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

test.each(["True", "Partly", "False", "Private"])("%s is sent as a rating", async (label) => {
  const { sent, rated } = show(KNOWN);
  await userEvent.click(screen.getByRole("button", { name: label }));
  expect(sent).toEqual([
    ["PUT", "/api/propositions/mem_1/rating", JSON.stringify({ mark: label.toLowerCase() })],
  ]);
  await vi.waitFor(() => expect(rated).toEqual([KNOWN]));
});

test("what was said is pressed, is not said twice, and can be taken back", async () => {
  const { sent } = show({ ...KNOWN, rating: "partly", private: true });
  const pressed = screen.getAllByRole("button", { pressed: true });
  expect(pressed.map((button) => button.textContent)).toEqual(["Partly", "Private"]);
  await userEvent.click(screen.getByRole("button", { name: "Partly" }));
  expect(sent).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Take back" }));
  expect(sent).toEqual([["DELETE", "/api/propositions/mem_1/rating", null]]);
});

test("nothing said is nothing to take back", () => {
  show(KNOWN);
  expect(screen.queryByRole("button", { name: "Take back" })).toBeNull();
});

test("what went wrong is said", async () => {
  const { rated } = show(KNOWN, 409, { detail: "It was merged.", hint: "Rate the other one." });
  await userEvent.click(screen.getByRole("button", { name: "True" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("It was merged.");
  expect(rated).toEqual([]);
});
