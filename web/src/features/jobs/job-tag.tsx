import type { Job, JobKind } from "../../api/types";
import { Tag } from "../../ui/feedback";

const TITLES: Record<JobKind, string> = {
  propose: "Reading observations",
  suggest: "Thinking of suggestions",
  train: "Training",
  reindex: "Rebuilding the vectors",
  upkeep: "Keeping the profile in order",
};

export function jobTitle(job: Job): string {
  return TITLES[job.kind] ?? job.kind;
}

export function JobTag({ job }: { job: Job }) {
  if (job.state === "succeeded") return <Tag tone="good">done</Tag>;
  if (job.state === "failed") return <Tag tone="bad">failed</Tag>;
  if (job.state === "running") return <Tag>{Math.round(job.progress * 100)} %</Tag>;
  return <Tag>{job.state}</Tag>;
}
