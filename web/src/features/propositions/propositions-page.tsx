import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { RefreshCw, Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { Proposition } from "../../api/types";
import { useClient } from "../../app/session";
import { Button } from "../../ui/button";
import { EmptyNote, ErrorNote, Meter, Skeleton, Tag } from "../../ui/feedback";
import { Time } from "../../ui/time";
import { CalibrationPanel } from "./calibration-panel";
import { PropositionPanel } from "./proposition-panel";

export default function PropositionsPage() {
  const { propositionId } = useParams();
  const navigate = useNavigate();
  const [query, setQuery] = useState("");
  const sought = useDeferredValue(query.trim());
  const client = useClient();
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    {
      queryKey: ["propositions", sought],
      queryFn: ({ pageParam }) => client.propositions(sought, pageParam),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor,
    },
  );
  const propositions = data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto max-w-3xl px-4 py-8">
        <div className="flex items-start justify-between gap-4 max-sm:flex-col">
          <div className="min-w-0">
            <h1 className="font-serif text-2xl">What Idiolect knows about you</h1>
            <p className="mt-1 text-quiet">
              Each line rests on things that were seen. Open one to read them, say whether it is
              true, correct it or have it forgotten.
            </p>
          </div>
          <Refresh />
        </div>
        <CalibrationPanel />
        <label className="mt-6 flex items-center gap-2 rounded-xl border border-line bg-surface px-3 py-2 focus-within:border-accent">
          <Search size={16} className="text-quiet" aria-hidden />
          <span className="sr-only">Search the propositions</span>
          <input
            type="search"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            placeholder="Search by meaning"
            className="min-w-0 flex-1 bg-transparent outline-none"
          />
        </label>
        <div className="mt-6">
          {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
          {!data && !error && <Skeleton lines={9} />}
          {data && propositions.length === 0 && (
            <EmptyNote title={sought ? "Nothing known about that" : "Nothing yet"}>
              {!sought && (
                <p>
                  Bring in observations with <code>idiolect observe import</code> or start the
                  desktop observer.
                </p>
              )}
            </EmptyNote>
          )}
          <ul className="divide-y divide-line">
            {propositions.map((proposition) => (
              <Row
                key={proposition.id}
                proposition={proposition}
                isOpen={proposition.id === propositionId}
              />
            ))}
          </ul>
          {hasNextPage && (
            <div className="mt-4 text-center">
              <Button onClick={() => void fetchNextPage()} disabled={isFetchingNextPage}>
                Show more
              </Button>
            </div>
          )}
        </div>
      </div>
      {propositionId && <PropositionPanel id={propositionId} onClose={() => navigate("/you")} />}
    </main>
  );
}

function Row({ proposition, isOpen }: { proposition: Proposition; isOpen: boolean }) {
  const count = proposition.evidence_count;
  return (
    <li>
      <Link
        to={`/you/${proposition.id}`}
        className={clsx("-mx-3 block rounded-xl px-3 py-4 hover:bg-sunken", isOpen && "bg-sunken")}
      >
        <span className="block">{proposition.text}</span>
        <span className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-quiet">
          <Meter label="Confidence" value={proposition.confidence} />
          {proposition.private && <Tag>private</Tag>}
          <span>
            {count} {count === 1 ? "piece" : "pieces"} of evidence
          </span>
          {proposition.supported_at && (
            <span>
              last seen <Time at={proposition.supported_at} />
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}

/** Looks at what came in since the last time. */
function Refresh() {
  const client = useClient();
  const queries = useQueryClient();
  const refresh = useMutation({
    mutationFn: client.refreshPropositions,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
  return (
    <div className="flex items-center gap-3">
      {refresh.error && <ErrorNote error={refresh.error} />}
      {refresh.data && (
        <span role="status" className="text-sm text-quiet">
          {refresh.data.job ? (
            <Link className="text-accent underline" to={`/runs/${refresh.data.job.id}`}>
              Reading what is new
            </Link>
          ) : (
            "Nothing new to read"
          )}
        </span>
      )}
      <Button onClick={() => refresh.mutate()} disabled={refresh.isPending}>
        <RefreshCw size={15} aria-hidden /> Update
      </Button>
    </div>
  );
}
