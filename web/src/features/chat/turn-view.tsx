import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ChoiceOutcome, Verdict } from "../../api/types";
import { useClient } from "../../app/session";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/feedback";
import { ReplyCard } from "./reply-card";
import { awaitsChoice, type Turn } from "./thread";

interface Props {
  turn: Turn;
  conversationId: string;
  /** Only the newest turn listens to the keys 1, 2, = and 0. */
  isLast: boolean;
}

export function TurnView({ turn, conversationId, isLast }: Props) {
  const client = useClient();
  const queries = useQueryClient();
  const candidates = turn.replies.map((reply) => reply.id);
  const choose = useMutation({
    mutationFn: ({ verdict, picked }: { verdict: Verdict; picked: string | null }) =>
      client.choose(candidates, verdict, picked),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["conversation", conversationId] });
      void queries.invalidateQueries({ queryKey: ["status"] });
    },
  });
  const isOpen = awaitsChoice(turn) && !choose.isPending && !choose.isSuccess;
  const { mutate } = choose;

  const [first, second] = candidates;
  useEffect(() => {
    if (!isOpen || !isLast || !first || !second) return;
    const verdicts: Record<string, { verdict: Verdict; picked: string | null }> = {
      "1": { verdict: "picked", picked: first },
      "2": { verdict: "picked", picked: second },
      "=": { verdict: "tie", picked: null },
      "0": { verdict: "both_bad", picked: null },
    };
    function onKey(event: KeyboardEvent) {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea");
      const meant = verdicts[event.key];
      if (typing || event.ctrlKey || event.metaKey || event.altKey || !meant) return;
      event.preventDefault();
      mutate(meant);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isOpen, isLast, first, second, mutate]);

  const pickedId = turn.choice?.picked_id ?? choose.variables?.picked ?? null;
  const isPair = turn.replies.length === 2;
  return (
    <section className="space-y-5">
      <div className="ml-auto w-fit max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5">
        <span className="sr-only">You said: </span>
        {turn.user.text}
      </div>
      <div className={isPair ? "grid gap-4 md:grid-cols-2" : undefined}>
        {turn.replies.map((reply, index) => (
          <ReplyCard
            key={reply.id}
            reply={reply}
            {...(isPair ? { shortcut: String(index + 1) } : {})}
            isPicked={isPair && pickedId === reply.id}
            isPassedOver={isPair && pickedId !== null && pickedId !== reply.id}
            {...(isOpen ? { onPick: () => mutate({ verdict: "picked", picked: reply.id }) } : {})}
          />
        ))}
      </div>
      {isOpen && (
        <div className="flex flex-wrap items-center justify-center gap-2 text-sm text-quiet">
          <span className="max-sm:w-full max-sm:text-center">Which is better?</span>
          <Button look="quiet" onClick={() => mutate({ verdict: "tie", picked: null })}>
            Equally good <Key name="=" />
          </Button>
          <Button look="quiet" onClick={() => mutate({ verdict: "both_bad", picked: null })}>
            Both bad <Key name="0" />
          </Button>
        </div>
      )}
      {choose.isError && (
        <ErrorNote
          error={choose.error}
          onRetry={() => choose.variables && mutate(choose.variables)}
        />
      )}
      {choose.data && <Outcome outcome={choose.data} />}
    </section>
  );
}

function Key({ name }: { name: string }) {
  return (
    <kbd className="hidden rounded bg-sunken px-1.5 font-sans text-xs pointer-fine:inline">
      {name}
    </kbd>
  );
}

/** What the vote did. */
function Outcome({ outcome }: { outcome: ChoiceOutcome }) {
  const { preferences, preferences_needed: needed } = outcome;
  const text =
    outcome.preference_id === null
      ? "Noted. Without a winner there is nothing to learn from this pair."
      : preferences < needed
        ? `Choice ${preferences} of ${needed} before your next adapter.`
        : `Choice ${preferences}. There are enough to train an adapter: see Runs.`;
  return (
    <p role="status" className="text-center text-sm text-accent">
      {text}
    </p>
  );
}
