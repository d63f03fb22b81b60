import { useQuery } from "@tanstack/react-query";
import type { Calibration, Figures } from "../../api/types";
import { useClient } from "../../app/session";
import { ErrorNote } from "../../ui/feedback";
import { ReliabilityDiagram } from "./reliability-diagram";

/** How far the confidence of propositions is to be trusted, by what the user rated. */
export function CalibrationPanel() {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ["calibration"],
    queryFn: client.calibration,
  });
  if (error) {
    return (
      <div className="mt-4">
        <ErrorNote error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  return (
    <details className="mt-4 rounded-xl border border-line bg-surface px-4 py-3 text-sm">
      <summary className="cursor-pointer text-quiet">
        How far to trust these percentages
        {data && ` · ${data.overall.ratings} of your ratings`}
      </summary>
      {data && <Detail calibration={data} />}
    </details>
  );
}

function Detail({ calibration }: { calibration: Calibration }) {
  const { overall, ratings_needed: needed } = calibration;
  if (overall.ratings < needed) {
    return (
      <p className="mt-3 text-quiet">
        You have rated {overall.ratings} of the {needed} propositions that this needs: with fewer,
        chance would say more than you do. Open a line below and say whether it is true. Each rating
        counts from the first on.
      </p>
    );
  }
  return (
    <div className="mt-4 flex flex-wrap gap-x-8 gap-y-4">
      <ReliabilityDiagram before={overall.raw.bins} after={overall.calibrated.bins} />
      <div className="min-w-56 flex-1 space-y-3">
        <table className="w-full tabular-nums">
          <thead className="text-left text-xs text-quiet">
            <tr>
              <th className="font-normal">0 is best</th>
              <th className="font-normal">before</th>
              <th className="font-normal">after your ratings</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th className="text-left font-normal">Brier score</th>
              <td>{inFigures(overall.raw.brier)}</td>
              <td>{inFigures(overall.calibrated.brier)}</td>
            </tr>
            <tr>
              <th className="text-left font-normal">Calibration error</th>
              <td>{inFigures(overall.raw.calibration_error)}</td>
              <td>{inFigures(overall.calibrated.calibration_error)}</td>
            </tr>
          </tbody>
        </table>
        <p className="text-xs text-quiet">{reading(overall.calibrated)}</p>
        <p className="text-xs text-quiet">
          From {overall.ratings} ratings. What you cared to rate need not be like the rest.
        </p>
      </div>
    </div>
  );
}

/** What the calibration error says, beside what chance alone would show. */
function reading({ calibration_error: error, error_by_chance: chance }: Figures): string {
  if (error === null || chance === null) return "";
  const ofChance = `Of as many ratings, chance alone would show ${inFigures(chance)}`;
  return error <= chance
    ? `${ofChance}: nothing speaks against the percentages.`
    : `${ofChance}: the percentages are still somewhat off.`;
}

function inFigures(value: number | null): string {
  return value === null ? "too few" : value.toFixed(2);
}
