import type { GateVerdict } from "../../api/types";
import { Tag } from "../../ui/feedback";

const percent = (share: number) => `${Math.round(share * 100)} %`;
const signed = (share: number) => `${share > 0 ? "+" : ""}${Math.round(share * 100)}`;

/** The gate's comparison on held-out choices: base against adapter, and the interval between. */
export function GateFigure({ gate }: { gate: GateVerdict }) {
  return (
    <section aria-label="Gate" className="mt-3 rounded-xl border border-line bg-surface p-4">
      <div className="flex flex-wrap items-center gap-3">
        <h3 className="text-sm font-semibold">Held-out choices it agrees with</h3>
        {gate.promoted ? <Tag tone="good">passed</Tag> : <Tag tone="bad">not promoted</Tag>}
      </div>
      <div className="mt-3 space-y-2 text-sm">
        <Bar label="Plain model" share={gate.base} isMain={false} />
        <Bar label="Your adapter" share={gate.adapter} isMain />
      </div>
      <p className="mt-3 text-xs text-quiet">
        Difference {signed(gate.difference)} points, 95 % interval {signed(gate.interval[0])} to{" "}
        {signed(gate.interval[1])}. It passes when the whole interval is above zero.
      </p>
    </section>
  );
}

function Bar({ label, share, isMain }: { label: string; share: number; isMain: boolean }) {
  return (
    <div className="grid grid-cols-[6.5rem_1fr_3rem] items-center gap-3">
      <span className="text-quiet">{label}</span>
      <div className="h-3 overflow-hidden rounded-full bg-sunken">
        <div
          className={isMain ? "h-full bg-accent" : "h-full bg-quiet/50"}
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <span className="text-right tabular-nums">{percent(share)}</span>
    </div>
  );
}
