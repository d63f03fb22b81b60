import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Adapter } from "../../api/types";
import { useClient } from "../../app/session";
import { Button } from "../../ui/button";
import { ErrorNote, Tag } from "../../ui/feedback";
import { Time } from "../../ui/time";

const STATES: Record<string, string> = {
  generated: "candidate",
  activated: "live",
  archived: "superseded",
};

export function AdapterList() {
  const client = useClient();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: ["adapters"], queryFn: client.adapters });
  const settle = () => {
    void queries.invalidateQueries({ queryKey: ["adapters"] });
    void queries.invalidateQueries({ queryKey: ["status"] });
  };
  const promote = useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string | undefined }) =>
      client.promoteAdapter(id, reason),
    onSettled: settle,
  });
  const rollBack = useMutation({ mutationFn: client.rollBackAdapter, onSettled: settle });
  const failure = promote.error ?? rollBack.error;
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data || data.items.length === 0) return null;
  const hasLive = data.items.some((adapter) => adapter.state === "activated");

  function askAndPromote(adapter: Adapter) {
    let reason: string | undefined;
    if (!adapter.card.gate?.promoted) {
      const given = window.prompt("This adapter did not pass the gate. Why should it go live?");
      if (!given) return;
      reason = given;
    }
    promote.mutate({ id: adapter.id, reason });
  }

  return (
    <section className="mt-12">
      <div className="flex items-center justify-between gap-4">
        <h2 className="font-serif text-xl">Adapters</h2>
        {hasLive && <Button onClick={() => rollBack.mutate()}>Roll back</Button>}
      </div>
      {failure && (
        <div className="mt-3">
          <ErrorNote error={failure} />
        </div>
      )}
      <ul className="mt-3 divide-y divide-line">
        {data.items.map((adapter) => (
          <li key={adapter.id} className="flex flex-wrap items-center gap-x-6 gap-y-2 py-4 text-sm">
            <div className="min-w-0 flex-1">
              <p className="font-medium">
                Version {adapter.version}{" "}
                <Tag tone={adapter.state === "activated" ? "good" : "plain"}>
                  {STATES[adapter.state] ?? adapter.state}
                </Tag>
                {adapter.stale && (
                  <>
                    {" "}
                    <Tag tone="bad">stale</Tag>
                  </>
                )}
              </p>
              {adapter.stale && <p className="text-xs text-danger">Stale: {adapter.stale}.</p>}
              <p className="text-xs text-quiet">
                <Time at={adapter.created_at} /> · {adapter.card.preferences?.train ?? "?"} choices
                to learn from, {adapter.card.preferences?.held_out ?? "?"} held out ·{" "}
                <code>{adapter.serving_name}</code>
              </p>
            </div>
            {adapter.card.gate && (
              <p className="tabular-nums text-quiet">
                {Math.round(adapter.card.gate.base * 100)} % →{" "}
                <span className="font-medium text-ink">
                  {Math.round(adapter.card.gate.adapter * 100)} %
                </span>
              </p>
            )}
            {adapter.state !== "activated" && (
              <Button onClick={() => askAndPromote(adapter)}>Promote</Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
