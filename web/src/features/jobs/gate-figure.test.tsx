import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { GateVerdict } from "../../api/types";
import { GateFigure } from "./gate-figure";

const GATE = {
  pairs: 13,
  base: 0.25,
  adapter: 0.75,
  difference: 0.5,
  interval: [0.2, 0.8],
  promoted: true,
} as GateVerdict;

test("each bar is as long as its share", () => {
  const { container } = render(<GateFigure gate={GATE} />);
  const widths = [...container.querySelectorAll<HTMLElement>("[style]")].map(
    (bar) => bar.style.width,
  );
  expect(widths).toEqual(["25%", "75%"]);
  expect(screen.getByText("passed")).toBeVisible();
});
