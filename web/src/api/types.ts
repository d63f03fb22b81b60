// The API's nouns as the server sends them. Times are RFC 3339 in UTC.

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Problem {
  code: string;
  title: string;
  status: number;
  detail: string;
  hint: string;
}

export interface Me {
  user: { id: string; name: string };
  key: { id: string; prefix: string; scopes: string[] };
}

export interface Status {
  observations: number;
  propositions: number;
  preferences: number;
  preferences_needed: number;
  jobs_active: number;
  model: { kind: string; name: string; ready: boolean };
  adapter: { id: string; version: number } | null;
}

/** What a user says of a proposition. */
export type Mark = "true" | "partly" | "false" | "private";

export interface Proposition {
  id: string;
  lineage_id: string;
  version: number;
  text: string;
  reasoning: string | null;
  confidence: number;
  raw_confidence: number;
  rating: Exclude<Mark, "private"> | null;
  private: boolean;
  durability: number;
  half_life_days: number;
  state: string;
  evidence_count: number;
  supported_at: string | null;
  recorded_at: string;
}

export interface Evidence {
  observation_id: string;
  quote: string | null;
  application: string | null;
  title: string | null;
  kind: string;
  occurred_at: string;
}

export interface Revision {
  id: string;
  version: number;
  text: string;
  raw_confidence: number;
  recorded_at: string;
  superseded_at: string | null;
}

export interface PropositionDetail extends Proposition {
  evidence: Evidence[];
  history: Revision[];
}

/** Rated propositions of like confidence: how many, mean confidence and mean outcome. */
export interface Bin {
  low: number;
  high: number;
  beliefs: number;
  confidence: number;
  right: number;
}

/** Null, and no bins, while there are too few ratings. */
export interface Figures {
  brier: number | null;
  calibration_error: number | null;
  error_by_chance: number | null;
  bins: Bin[];
}

export interface Reliability {
  ratings: number;
  mean_rating: number | null;
  raw: Figures;
  calibrated: Figures;
}

export interface Calibration {
  overall: Reliability;
  authors: Record<string, Reliability>;
  ratings_needed: number;
}

export interface UsedMemory {
  id: string;
  text: string;
  confidence: number;
  relevance: number;
}

export interface Acted {
  model?: string;
  adapter?: string | null;
  system?: string;
  memories?: UsedMemory[];
  personalized?: boolean;
}

export type MessageState = "streaming" | "done" | "stopped" | "failed";

export interface Message {
  id: string;
  parent_id: string | null;
  role: "user" | "assistant";
  text: string;
  state: MessageState;
  position: number;
  acted: Acted;
  created_at: string;
}

export type Verdict = "picked" | "tie" | "both_bad";

export interface Choice {
  id: string;
  candidate_ids: string[];
  verdict: Verdict;
  picked_id: string | null;
  created_at: string;
}

export interface Conversation {
  id: string;
  title: string;
  created_at: string;
  updated_at: string;
}

export interface ConversationDetail extends Conversation {
  messages: Message[];
  choices: Choice[];
}

export interface ChoiceOutcome {
  id: string;
  preference_id: string | null;
  preferences: number;
  preferences_needed: number;
}

export type JobKind = "propose" | "suggest" | "train" | "reindex" | "upkeep";

export type JobState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface Job {
  id: string;
  kind: JobKind;
  queue: string;
  state: JobState;
  progress: number;
  attempt: number;
  max_attempts: number;
  payload: Record<string, unknown>;
  result: Record<string, unknown> | null;
  error: { code: string; message: string; hint: string } | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  cancel_requested_at: string | null;
}

export interface TrainingMetrics {
  step: number;
  steps: number;
  loss: number;
  accuracy: number;
  margin: number;
  chosen_reward: number;
  rejected_reward: number;
  tokens_per_s: number;
}

export interface GateVerdict {
  base: number;
  adapter: number;
  difference: number;
  interval: [number, number];
  promoted: boolean;
}

export interface Adapter {
  id: string;
  version: number;
  state: string;
  created_at: string;
  serving_name: string;
  /** What it was made from and is no longer there; null while all of it is. */
  stale: string | null;
  card: {
    preferences?: { train: number; held_out: number };
    base?: { name: string; hash: string };
    gate?: GateVerdict;
    [key: string]: unknown;
  };
}
