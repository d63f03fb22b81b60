interface Props {
  title: string;
  /** Points in the order of their steps. */
  points: { step: number; value: number }[];
  steps: number;
  /** Fixed ends of the scale, where the measure has them. */
  range?: [number, number];
  format?: (value: number) => string;
}

const WIDTH = 300;
const HEIGHT = 96;
const PAD = 6;

/** One measure over the steps of a run: a line, its smoothed trend, and the last value in words. */
export function Curve({
  title,
  points,
  steps,
  range,
  format = (value) => value.toFixed(3),
}: Props) {
  const values = points.map((point) => point.value);
  const [low, high] = range ?? [Math.min(...values, 0), Math.max(...values, 0.001)];
  const x = (step: number) => PAD + (step / Math.max(steps, 1)) * (WIDTH - 2 * PAD);
  const y = (value: number) =>
    HEIGHT - PAD - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * PAD);
  const path = (series: { step: number; value: number }[]) =>
    series
      .map(
        (point, at) => `${at ? "L" : "M"}${x(point.step).toFixed(1)} ${y(point.value).toFixed(1)}`,
      )
      .join("");
  const last = points.at(-1);
  const trend = smoothed(points);
  return (
    <figure className="rounded-xl border border-line bg-surface p-4">
      <figcaption className="flex items-baseline justify-between text-sm">
        <span className="text-quiet">{title}</span>
        <span className="font-medium whitespace-nowrap tabular-nums">
          {last ? format(trend.at(-1)?.value ?? last.value) : "–"}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={
          last
            ? `${title} from ${format(points[0]?.value ?? last.value)} to ${format(last.value)} over ${last.step} steps`
            : `${title}: no values yet`
        }
        className="mt-2 w-full"
      >
        <line
          x1={PAD}
          x2={WIDTH - PAD}
          y1={HEIGHT - PAD}
          y2={HEIGHT - PAD}
          className="stroke-line"
        />
        <path d={path(points)} className="fill-none stroke-accent opacity-30" strokeWidth="1.5" />
        <path
          d={path(trend)}
          className="fill-none stroke-accent"
          strokeWidth="2"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
      </svg>
    </figure>
  );
}

/** An exponential moving average over about eight steps: single batches are noisy. */
export function smoothed(points: { step: number; value: number }[]) {
  let average: number | null = null;
  return points.map(({ step, value }) => {
    average = average === null ? value : 0.78 * average + 0.22 * value;
    return { step, value: average };
  });
}
