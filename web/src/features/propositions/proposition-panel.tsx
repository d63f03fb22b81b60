import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Evidence, Proposition, PropositionDetail } from "../../api/types";
import { useClient } from "../../app/session";
import { Button, IconButton } from "../../ui/button";
import { ErrorNote, Meter, Skeleton } from "../../ui/feedback";
import { Time } from "../../ui/time";
import { RatingButtons } from "./rating-buttons";

export function PropositionPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ["proposition", id],
    queryFn: () => client.proposition(id),
  });
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/25" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-40 flex w-[30rem] max-w-full flex-col overflow-y-auto border-l border-line bg-canvas p-6 shadow-xl"
        >
          <div className="flex items-start justify-between gap-4">
            <Dialog.Title className="font-serif text-xl leading-snug">
              {data?.text ?? "A proposition"}
            </Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label="Close" className="shrink-0">
                <X size={18} />
              </IconButton>
            </Dialog.Close>
          </div>
          {error && (
            <div className="mt-4">
              <ErrorNote error={error} onRetry={() => void refetch()} />
            </div>
          )}
          {!data && !error && (
            <div className="mt-6">
              <Skeleton lines={6} />
            </div>
          )}
          {data && <Detail proposition={data} onClose={onClose} />}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Detail({ proposition, onClose }: { proposition: PropositionDetail; onClose: () => void }) {
  return (
    <>
      <div className="mt-3 flex flex-wrap items-center gap-x-5 gap-y-1 text-xs text-quiet">
        <Meter label="Confidence" value={proposition.confidence} />
        {percent(proposition.raw_confidence) !== percent(proposition.confidence) && (
          <span>{percent(proposition.raw_confidence)} before your ratings</span>
        )}
        <span>fades by half in {days(proposition.half_life_days)}</span>
        <span>version {proposition.version}</span>
      </div>
      {proposition.reasoning && <p className="mt-4 text-sm text-quiet">{proposition.reasoning}</p>}
      <Actions proposition={proposition} onClose={onClose} />
      <section className="mt-7">
        <h3 className="text-sm font-semibold">Evidence</h3>
        {proposition.evidence.length === 0 && (
          <p className="mt-2 text-sm text-quiet">You stated this yourself.</p>
        )}
        <ol className="mt-3 space-y-4">
          {proposition.evidence.map((evidence) => (
            <EvidenceItem
              key={`${evidence.observation_id}:${evidence.quote}`}
              evidence={evidence}
            />
          ))}
        </ol>
      </section>
      {proposition.history.length > 1 && (
        <section className="mt-7">
          <h3 className="text-sm font-semibold">History</h3>
          <ol className="mt-3 space-y-3 border-l border-line pl-4 text-sm">
            {proposition.history.map((revision) => (
              <li key={revision.id}>
                <p>{revision.text}</p>
                <p className="text-xs text-quiet">
                  version {revision.version} · {percent(revision.raw_confidence)} ·{" "}
                  <Time at={revision.recorded_at} />
                </p>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function EvidenceItem({ evidence }: { evidence: Evidence }) {
  return (
    <li className="text-sm">
      {evidence.quote && (
        <blockquote className="border-l-2 border-accent pl-3 break-words">
          {evidence.quote}
        </blockquote>
      )}
      <p className="mt-1 text-xs text-quiet">
        {[evidence.application, evidence.title].filter(Boolean).join(" · ") || evidence.kind} ·{" "}
        <Time at={evidence.occurred_at} />
      </p>
    </li>
  );
}

function Actions({
  proposition,
  onClose,
}: {
  proposition: PropositionDetail;
  onClose: () => void;
}) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<string | null>(null);
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ["propositions"] });
    void queries.invalidateQueries({ queryKey: ["proposition"] });
    void queries.invalidateQueries({ queryKey: ["status"] });
    void queries.invalidateQueries({ queryKey: ["calibration"] });
  };
  // What the user says may make a new version, under an id of its own.
  const follow = (changed: Proposition) => {
    refresh();
    if (changed.id !== proposition.id) navigate(`/you/${changed.id}`, { replace: true });
  };
  const correct = useMutation({
    mutationFn: (text: string) => client.correctProposition(proposition.id, { text }),
    onSuccess: (corrected) => {
      setDraft(null);
      follow(corrected);
    },
  });
  const forget = useMutation({
    mutationFn: async () => {
      const going = (await client.wouldBeForgotten(proposition.id)).map((text) => `• ${text}`);
      if (!window.confirm(`Forget this for good?\n\n${going.join("\n")}`)) return false;
      await client.forgetProposition(proposition.id);
      return true;
    },
    onSuccess: (isGone) => {
      if (!isGone) return;
      refresh();
      onClose();
    },
  });
  const error = correct.error ?? forget.error;

  if (draft !== null) {
    return (
      <form
        className="mt-5 space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          correct.mutate(draft.trim());
        }}
      >
        <label className="block text-sm font-medium" htmlFor="correction">
          What is right?
        </label>
        <textarea
          id="correction"
          rows={3}
          // biome-ignore lint/a11y/noAutofocus: the user has just asked to edit this text
          autoFocus
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          className="w-full rounded-lg border border-line bg-surface px-3 py-2"
        />
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={draft.trim() === "" || correct.isPending}>
            Save
          </Button>
          <Button look="quiet" onClick={() => setDraft(null)}>
            Cancel
          </Button>
        </div>
        {error && <ErrorNote error={error} />}
      </form>
    );
  }
  return (
    <div className="mt-5 space-y-4">
      <RatingButtons proposition={proposition} onRated={follow} />
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setDraft(proposition.text)}>Correct</Button>
        <Button look="danger" disabled={forget.isPending} onClick={() => forget.mutate()}>
          Forget
        </Button>
      </div>
      {error && <ErrorNote error={error} />}
    </div>
  );
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

function days(count: number): string {
  if (count < 1) return `${Math.max(1, Math.round(count * 24))} hours`;
  if (count < 60) return `${Math.round(count)} days`;
  if (count < 730) return `${Math.round(count / 30)} months`;
  return `${Math.round(count / 365)} years`;
}
