import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { TrainingMetrics } from "../../api/types";
import { useClient } from "../../app/session";

const RECONNECT_MS = 2_000;

/** A job's metrics so far, growing as it runs; goes on from the last event after a lost line. */
export function useJobMetrics(id: string): TrainingMetrics[] {
  const client = useClient();
  const queries = useQueryClient();
  const [metrics, setMetrics] = useState<TrainingMetrics[]>([]);

  useEffect(() => {
    const controller = new AbortController();
    let lastEventId: string | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;

    async function follow() {
      try {
        for await (const { id: eventId, event, data } of client.jobEvents(
          id,
          controller.signal,
          lastEventId,
        )) {
          lastEventId = eventId ?? lastEventId;
          if (event === "metrics") {
            const point = JSON.parse(data) as TrainingMetrics;
            // A resumed run repeats the steps since its checkpoint: the newer value stands.
            setMetrics((old) => [...old.filter((other) => other.step < point.step), point]);
          } else if (event === "state" || event === "progress") {
            void queries.invalidateQueries({ queryKey: ["job", id] });
          }
        }
        void queries.invalidateQueries({ queryKey: ["job", id] });
        void queries.invalidateQueries({ queryKey: ["jobs"] });
        void queries.invalidateQueries({ queryKey: ["adapters"] });
      } catch {
        if (!controller.signal.aborted) timer = setTimeout(follow, RECONNECT_MS);
      }
    }

    void follow();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [client, id, queries]);

  return metrics;
}
