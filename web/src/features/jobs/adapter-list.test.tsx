import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import type { Adapter } from "../../api/types";
import { SessionProvider } from "../../app/session";
import { AdapterList } from "./adapter-list";

const ADAPTER: Adapter = {
  id: "adp_1",
  version: 1,
  state: "archived",
  created_at: "2026-03-02T10:00:00Z",
  serving_name: "adapter:adp_1",
  stale: null,
  card: {},
};

function show(...items: Adapter[]) {
  localStorage.setItem("idiolect.key", "idk_test");
  const page = JSON.stringify({ items, next_cursor: null });
  vi.stubGlobal("fetch", async () => new Response(page));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SessionProvider>
        <AdapterList />
      </SessionProvider>
    </QueryClientProvider>,
  );
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("an adapter that knows what was deleted says so, and no other", async () => {
  const stale = "something it was made from was deleted";
  show({ ...ADAPTER, stale }, { ...ADAPTER, id: "adp_2", version: 2 });
  expect(await screen.findByText(`Stale: ${stale}.`)).toBeVisible();
  expect(screen.getAllByText("stale")).toHaveLength(1);
});
