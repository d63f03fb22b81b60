import type { Job, JobKind } from "../../api/types";

const FIGURES: Record<Exclude<JobKind, "train">, Record<string, string>> = {
  propose: {
    observations: "observations read",
    new: "new propositions",
    merged: "strengthened",
    revised: "revised",
    contradicted: "contradicted",
  },
  suggest: {
    now: "worth an interruption",
    later: "for a better moment",
    digest: "for the digest",
    dropped: "not worth it",
    repeated: "offered before",
  },
  reindex: { vectors: "vectors written" },
  upkeep: {
    active: "active propositions",
    expired: "expired",
    archived: "put to sleep",
    recovered: "woken",
    duplicates: "said twice",
    contradictions: "in contradiction",
    junk: "saying nothing",
  },
};

/** What a run that is done came to, in figures; a training shows its own. */
export function JobOutcome({ job }: { job: Job }) {
  if (job.kind === "train" || !job.result) return null;
  if (job.result.enabled === false) {
    return <p className="mt-5 text-quiet">Suggestions are turned off, so none were made.</p>;
  }
  const result = job.result;
  const figures = Object.entries(FIGURES[job.kind] ?? {}).filter(([name]) => name in result);
  if (figures.length === 0) return null;
  return (
    <dl className="mt-5 flex flex-wrap gap-8">
      {figures.map(([name, label]) => (
        <div key={name}>
          <dd className="font-serif text-2xl tabular-nums">{String(result[name])}</dd>
          <dt className="text-xs text-quiet">{label}</dt>
        </div>
      ))}
    </dl>
  );
}
