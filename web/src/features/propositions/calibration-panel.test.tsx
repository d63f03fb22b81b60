import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Calibration, Figures } from "../../api/types";
import { SessionProvider } from "../../app/session";
import { CalibrationPanel } from "./calibration-panel";

const FEW: Figures = { brier: null, calibration_error: null, error_by_chance: null, bins: [] };
const BEFORE: Figures = {
  brier: 0.34,
  calibration_error: 0.3,
  error_by_chance: 0.07,
  bins: [{ low: 0.8, high: 0.9, beliefs: 24, confidence: 0.8, right: 0.5 }],
};
const AFTER: Figures = {
  brier: 0.26,
  calibration_error: 0.05,
  error_by_chance: 0.08,
  bins: [{ low: 0.5, high: 0.6, beliefs: 24, confidence: 0.55, right: 0.5 }],
};

function calibration(ratings: number, raw: Figures, calibrated: Figures): Calibration {
  const overall = { ratings, mean_rating: 0.5, raw, calibrated };
  return { overall, authors: { pattern: overall }, ratings_needed: 20 };
}

async function open(answer: Calibration) {
  localStorage.setItem("idiolect.key", "idk_test");
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(answer)));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SessionProvider>
        <CalibrationPanel />
      </SessionProvider>
    </QueryClientProvider>,
  );
  await userEvent.click(await screen.findByText(/of your ratings/));
}

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

test("too few ratings give no figure, and it says how many there are", async () => {
  await open(calibration(3, FEW, FEW));
  expect(screen.getByText(/You have rated 3 of the 20 propositions/)).toBeVisible();
  expect(screen.queryByRole("table")).toBeNull();
  expect(screen.queryByRole("img")).toBeNull();
});

test("enough ratings give both figures before and after, and the diagram in words", async () => {
  await open(calibration(24, BEFORE, AFTER));
  const cells = screen.getAllByRole("cell").map((cell) => cell.textContent);
  expect(cells).toEqual(["0.34", "0.26", "0.30", "0.05"]);
  expect(
    screen.getByRole("img", {
      name: "How often confidence was right. Before your ratings: 24 at 80 %, 50 % right. After: 24 at 55 %, 50 % right.",
    }),
  ).toBeVisible();
  expect(screen.getByText(/chance alone would show 0.08: nothing speaks against/)).toBeVisible();
});

test("an error beyond chance is said to be one", async () => {
  await open(calibration(24, BEFORE, BEFORE));
  expect(screen.getByText(/chance alone would show 0.07: .* still somewhat off/)).toBeVisible();
});
