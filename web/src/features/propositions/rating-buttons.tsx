import { useMutation } from "@tanstack/react-query";
import type { Mark, Proposition } from "../../api/types";
import { useClient } from "../../app/session";
import { Button } from "../../ui/button";
import { ErrorNote } from "../../ui/feedback";

const LABELS: Record<Mark, string> = {
  true: "True",
  partly: "Partly",
  false: "False",
  private: "Private",
};

/** What the user says of a proposition: how far it is true, and whether it is private. */
export function RatingButtons({
  proposition,
  onRated,
}: {
  proposition: Proposition;
  onRated: (rated: Proposition) => void;
}) {
  const client = useClient();
  const rate = useMutation({
    mutationFn: (mark: Mark | null) =>
      mark ? client.rateProposition(proposition.id, mark) : client.withdrawRating(proposition.id),
    onSuccess: onRated,
  });
  const isSaid = (mark: Mark) =>
    mark === "private" ? proposition.private : proposition.rating === mark;
  return (
    <fieldset disabled={rate.isPending}>
      <legend className="text-sm font-semibold">Is this true?</legend>
      <div className="mt-2 flex flex-wrap gap-2">
        {(Object.keys(LABELS) as Mark[]).map((mark) => (
          <Button
            key={mark}
            aria-pressed={isSaid(mark)}
            look={isSaid(mark) ? "primary" : "plain"}
            onClick={() => !isSaid(mark) && rate.mutate(mark)}
          >
            {LABELS[mark]}
          </Button>
        ))}
        {(proposition.rating || proposition.private) && (
          <Button look="quiet" onClick={() => rate.mutate(null)}>
            Take back
          </Button>
        )}
      </div>
      <p className="mt-2 text-xs text-quiet">
        What you say also tells how far other lines from the same source are to be believed. Private
        keeps this one from assistants and from models that others run.
      </p>
      {rate.error && (
        <div className="mt-3">
          <ErrorNote error={rate.error} />
        </div>
      )}
    </fieldset>
  );
}
