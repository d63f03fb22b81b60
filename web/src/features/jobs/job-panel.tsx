import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { GateVerdict, Job, TrainingMetrics } from "../../api/types";
import { useClient } from "../../app/session";
import { Button } from "../../ui/button";
import { ErrorNote, Skeleton } from "../../ui/feedback";
import { Time } from "../../ui/time";
import { Curve } from "./curve";
import { GateFigure } from "./gate-figure";
import { JobOutcome } from "./job-outcome";
import { JobTag, jobTitle } from "./job-tag";
import { useJobMetrics } from "./use-job-metrics";

export function JobPanel({ id }: { id: string }) {
  const client = useClient();
  const metrics = useJobMetrics(id);
  const {
    data: job,
    error,
    refetch,
  } = useQuery({
    queryKey: ["job", id],
    queryFn: () => client.job(id),
  });
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!job) return <Skeleton lines={6} />;
  return (
    <section aria-label={jobTitle(job)} className="min-w-0">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="font-serif text-xl">{jobTitle(job)}</h2>
        <JobTag job={job} />
        <JobActions job={job} />
      </div>
      <p className="mt-1 text-xs text-quiet">
        <Time at={job.created_at} /> · attempt {job.attempt} of {job.max_attempts} · {job.id}
      </p>
      {job.error && (
        <div className="mt-4 rounded-xl bg-danger-soft p-4 text-sm">
          <p className="font-medium text-danger">{job.error.message}</p>
          <p className="text-quiet">{job.error.hint}</p>
        </div>
      )}
      {job.kind === "train" ? <Training job={job} metrics={metrics} /> : <JobOutcome job={job} />}
    </section>
  );
}

function Training({ job, metrics }: { job: Job; metrics: TrainingMetrics[] }) {
  const steps = metrics.at(-1)?.steps ?? 1;
  const series = (value: (point: TrainingMetrics) => number) =>
    metrics.map((point) => ({ step: point.step, value: value(point) }));
  const gate = job.result?.gate as GateVerdict | undefined;
  return (
    <>
      <div className="mt-5 grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        <Curve title="Loss" points={series((point) => point.loss)} steps={steps} />
        <Curve
          title="Training accuracy"
          points={series((point) => point.accuracy)}
          steps={steps}
          range={[0, 1]}
          format={(value) => `${Math.round(value * 100)} %`}
        />
        <Curve title="Reward margin" points={series((point) => point.margin)} steps={steps} />
      </div>
      {gate && <GateFigure gate={gate} />}
    </>
  );
}

function JobActions({ job }: { job: Job }) {
  const client = useClient();
  const queries = useQueryClient();
  const settle = () => {
    void queries.invalidateQueries({ queryKey: ["job", job.id] });
    void queries.invalidateQueries({ queryKey: ["jobs"] });
  };
  const cancel = useMutation({ mutationFn: () => client.cancelJob(job.id), onSettled: settle });
  const retry = useMutation({ mutationFn: () => client.retryJob(job.id), onSettled: settle });
  const isRunning = job.state === "queued" || job.state === "running";
  const canRetry = job.state === "failed" || job.state === "cancelled";
  return (
    <div className="ml-auto flex items-center gap-2">
      {isRunning && (
        <Button
          onClick={() => cancel.mutate()}
          disabled={cancel.isPending || job.cancel_requested_at !== null}
        >
          {job.cancel_requested_at ? "Stopping" : "Cancel"}
        </Button>
      )}
      {canRetry && <Button onClick={() => retry.mutate()}>Go on</Button>}
      {(cancel.error ?? retry.error) && <ErrorNote error={cancel.error ?? retry.error} />}
    </div>
  );
}
