import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Job, JobKind } from "../../api/types";
import { JobOutcome } from "./job-outcome";
import { jobTitle } from "./job-tag";

const KINDS: JobKind[] = ["propose", "suggest", "train", "reindex", "upkeep"];

function job(kind: JobKind, result: Job["result"] = null): Job {
  return { id: "job_1", kind, state: "succeeded", result } as Job;
}

test("every kind of job has a title of its own", () => {
  const titles = KINDS.map((kind) => jobTitle(job(kind)));
  expect(new Set(titles).size).toBe(KINDS.length);
  for (const kind of KINDS) expect(titles).not.toContain(kind);
});

test("a round of suggestions tells what became of the offers", () => {
  const result = { enabled: true, now: 1, later: 0, digest: 4, dropped: 2, unreachable: ["m"] };
  render(<JobOutcome job={job("suggest", result)} />);
  expect(screen.getByText("for the digest").previousSibling).toHaveTextContent("4");
  expect(screen.getByText("for a better moment").previousSibling).toHaveTextContent("0");
  expect(screen.getAllByRole("definition")).toHaveLength(4);
});

test("a round that was turned off says so", () => {
  render(<JobOutcome job={job("suggest", { enabled: false })} />);
  expect(screen.getByText(/turned off/)).toBeVisible();
});

test("upkeep tells what it did and found", () => {
  render(<JobOutcome job={job("upkeep", { active: 12, archived: 3, duplicate_pairs: [] })} />);
  expect(screen.getByText("put to sleep").previousSibling).toHaveTextContent("3");
  expect(screen.getAllByRole("definition")).toHaveLength(2);
});
