import type { Bin } from "../../api/types";

const SIZE = 220;
const PAD = 28;
const LARGEST = 13;

const percent = (share: number) => `${Math.round(share * 100)} %`;
const x = (share: number) => PAD + share * (SIZE - 2 * PAD);
const y = (share: number) => SIZE - x(share);

/**
 * How often confidence was right. On the diagonal it says just that; below, it says too much.
 * The larger a dot, the more ratings.
 */
export function ReliabilityDiagram({ before, after }: { before: Bin[]; after: Bin[] }) {
  return (
    <figure>
      <svg
        viewBox={`0 0 ${SIZE} ${SIZE}`}
        role="img"
        aria-label={`How often confidence was right. Before your ratings: ${inWords(before)}. After: ${inWords(after)}.`}
        className="w-full max-w-72"
      >
        <rect
          x={PAD}
          y={PAD}
          width={SIZE - 2 * PAD}
          height={SIZE - 2 * PAD}
          className="fill-none stroke-line"
        />
        <line
          x1={x(0)}
          y1={y(0)}
          x2={x(1)}
          y2={y(1)}
          className="stroke-line"
          strokeDasharray="4 3"
        />
        <Dots bins={before} className="fill-none stroke-quiet" />
        <Dots bins={after} className="fill-accent opacity-75" />
        <text x={SIZE / 2} y={SIZE - 8} textAnchor="middle" className="fill-quiet text-[9px]">
          confidence
        </text>
        <text
          x={-SIZE / 2}
          y={14}
          textAnchor="middle"
          transform="rotate(-90)"
          className="fill-quiet text-[9px]"
        >
          how often right
        </text>
      </svg>
      <figcaption className="mt-1 flex gap-4 text-xs text-quiet">
        <span className="flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-full border border-quiet" /> before
        </span>
        <span className="flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-full bg-accent" /> after your ratings
        </span>
      </figcaption>
    </figure>
  );
}

function Dots({ bins, className }: { bins: Bin[]; className: string }) {
  const total = bins.reduce((sum, bin) => sum + bin.beliefs, 0);
  return bins.map((bin) => (
    <circle
      key={bin.low}
      cx={x(bin.confidence)}
      cy={y(bin.right)}
      r={Math.max(2, LARGEST * Math.sqrt(bin.beliefs / total))}
      className={className}
    />
  ));
}

function inWords(bins: Bin[]): string {
  return bins
    .map((bin) => `${bin.beliefs} at ${percent(bin.confidence)}, ${percent(bin.right)} right`)
    .join("; ");
}
