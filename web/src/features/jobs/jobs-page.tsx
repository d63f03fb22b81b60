import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Play } from "lucide-react";
import { Link, useNavigate, useParams } from "react-router";
import type { Job } from "../../api/types";
import { useClient } from "../../app/session";
import { Button } from "../../ui/button";
import { EmptyNote, ErrorNote, Skeleton } from "../../ui/feedback";
import { Time } from "../../ui/time";
import { AdapterList } from "./adapter-list";
import { JobPanel } from "./job-panel";
import { JobTag, jobTitle } from "./job-tag";

export default function JobsPage() {
  const { jobId } = useParams();
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ["jobs"],
    queryFn: client.jobs,
    refetchInterval: (query) => (query.state.data?.items.some(isActive) ? 2_000 : 15_000),
  });
  const shown = jobId ?? data?.items.find((job) => job.kind === "train")?.id ?? data?.items[0]?.id;

  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto max-w-5xl px-4 py-8">
        <div className="flex items-start justify-between gap-4 max-sm:flex-col">
          <div className="min-w-0">
            <h1 className="font-serif text-2xl">Runs and adapters</h1>
            <p className="mt-1 text-quiet">
              Your choices train an adapter. It goes live only when it beats the plain model on
              choices it has not seen.
            </p>
          </div>
          <StartTraining />
        </div>
        {error && (
          <div className="mt-6">
            <ErrorNote error={error} onRetry={() => void refetch()} />
          </div>
        )}
        {!data && !error && (
          <div className="mt-6">
            <Skeleton lines={6} />
          </div>
        )}
        {data?.items.length === 0 && (
          <div className="mt-6">
            <EmptyNote title="No runs yet">
              Choose between two drafts in the chat; with enough choices you can train here.
            </EmptyNote>
          </div>
        )}
        {data && data.items.length > 0 && (
          <div className="mt-8 grid gap-8 md:grid-cols-[15rem_1fr]">
            <nav aria-label="Runs" className="max-h-64 overflow-y-auto md:max-h-none">
              <ul className="space-y-0.5">
                {data.items.map((job) => (
                  <JobRow key={job.id} job={job} isShown={job.id === shown} />
                ))}
              </ul>
            </nav>
            {shown && <JobPanel key={shown} id={shown} />}
          </div>
        )}
        <AdapterList />
      </div>
    </main>
  );
}

export function isActive(job: Job): boolean {
  return job.state === "queued" || job.state === "running";
}

function JobRow({ job, isShown }: { job: Job; isShown: boolean }) {
  return (
    <li>
      <Link
        to={`/runs/${job.id}`}
        aria-current={isShown ? "true" : undefined}
        className={clsx(
          "flex items-center justify-between gap-3 rounded-lg px-3 py-2 text-sm",
          isShown ? "bg-sunken" : "hover:bg-sunken",
        )}
      >
        <span className="min-w-0">
          <span className="block truncate font-medium">{jobTitle(job)}</span>
          <span className="text-xs text-quiet">
            <Time at={job.created_at} />
          </span>
        </span>
        <JobTag job={job} />
      </Link>
    </li>
  );
}

function StartTraining() {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: client.startTraining,
    onSuccess: (job) => {
      void queries.invalidateQueries({ queryKey: ["jobs"] });
      navigate(`/runs/${job.id}`);
    },
  });
  return (
    <div className="flex flex-col items-end gap-2">
      <Button
        look="primary"
        className="shrink-0"
        onClick={() => start.mutate()}
        disabled={start.isPending}
      >
        <Play size={15} aria-hidden /> Train an adapter
      </Button>
      {start.error && <ErrorNote error={start.error} />}
    </div>
  );
}
