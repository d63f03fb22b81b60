import { clsx } from "clsx";
import type { ReactNode } from "react";
import { ApiError } from "../api/client";
import { Button } from "./button";

/** What went wrong, what to do next, and a way to try again. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const known = error instanceof ApiError;
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl bg-danger-soft p-4 text-sm"
    >
      <div className="min-w-0 flex-1">
        <p className="font-medium text-danger">
          {known ? error.problem.detail : "Something unexpected happened on this page."}
        </p>
        <p className="text-quiet">{known ? error.problem.hint : "Reload the page."}</p>
      </div>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** Grey lines where text is about to appear. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div aria-busy="true" className="animate-pulse space-y-3">
      <span className="sr-only">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines never change places
          key={line}
          className={clsx("h-4 rounded bg-line", line % 3 === 2 ? "w-2/3" : "w-full")}
        />
      ))}
    </div>
  );
}

/** What stands where there is nothing yet: says what will come and how. */
export function EmptyNote({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-2xl border border-dashed border-line px-6 py-12 text-center">
      <p className="font-serif text-lg">{title}</p>
      {children && <div className="mx-auto mt-2 max-w-prose text-sm text-quiet">{children}</div>}
    </div>
  );
}

/** A share between 0 and 1: its figure in words, and a bar beside it for the eye. */
export function Meter({ label, value }: { label: string; value: number }) {
  const percent = Math.round(value * 100);
  return (
    <span className="flex items-center gap-2 text-xs text-quiet tabular-nums">
      <span aria-hidden className="h-1.5 w-16 overflow-hidden rounded-full bg-line">
        <span className="block h-full rounded-full bg-accent" style={{ width: `${percent}%` }} />
      </span>
      <span>
        <span className="sr-only">{label}: </span>
        {percent} %
      </span>
    </span>
  );
}

/** A small word in a pill, for states. */
export function Tag({
  tone = "plain",
  children,
}: {
  tone?: "plain" | "good" | "bad";
  children: ReactNode;
}) {
  const tones = {
    plain: "bg-sunken text-quiet",
    good: "bg-accent-soft text-accent",
    bad: "bg-danger-soft text-danger",
  };
  return (
    <span
      className={clsx("inline-block rounded-full px-2 py-0.5 text-xs font-medium", tones[tone])}
    >
      {children}
    </span>
  );
}
