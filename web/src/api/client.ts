import { readEvents, type ServerEvent } from "./sse";
import type {
  Adapter,
  Calibration,
  ChoiceOutcome,
  Conversation,
  ConversationDetail,
  Job,
  Mark,
  Me,
  Page,
  Problem,
  Proposition,
  PropositionDetail,
  Status,
  Verdict,
} from "./types";

/** What the API answered when it could not do what was asked; `hint` says what to do next. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = "ApiError";
  }
}

const UNREACHABLE: Problem = {
  code: "UNREACHABLE",
  title: "No connection",
  status: 0,
  detail: "Idiolect does not answer.",
  hint: "Check that it is running (`make up`), then try again.",
};

/** The API with one key. Every method throws `ApiError`. */
export class Client {
  constructor(private readonly key: string) {}

  me = () => this.get<Me>("/api/me");
  status = () => this.get<Status>("/api/status");

  propositions = (query: string, cursor: string | null) =>
    this.get<Page<Proposition>>(`/api/propositions?${search({ query, cursor, limit: "50" })}`);
  proposition = (id: string) => this.get<PropositionDetail>(`/api/propositions/${id}`);
  correctProposition = (
    id: string,
    change: { text?: string; verdict?: "confirmed" | "rejected" },
  ) => this.send<Proposition>("PATCH", `/api/propositions/${id}`, change);
  rateProposition = (id: string, mark: Mark) =>
    this.send<Proposition>("PUT", `/api/propositions/${id}/rating`, { mark });
  withdrawRating = (id: string) =>
    this.send<Proposition>("DELETE", `/api/propositions/${id}/rating`);
  calibration = () => this.get<Calibration>("/api/calibration");
  /** The statements that would go with one: those that say the same, and what rests on them. */
  wouldBeForgotten = async (id: string) => {
    const scope = { scope: "proposition", id };
    const preview = await this.send<{ statements: string[] }>(
      "POST",
      "/api/forgetting/preview",
      scope,
    );
    return preview.statements;
  };
  forgetProposition = (id: string) =>
    this.send<unknown>("POST", "/api/forgetting", { scope: "proposition", id });
  refreshPropositions = () => this.send<{ job: Job | null }>("POST", "/api/propositions/refresh");

  conversations = () => this.get<Page<Conversation>>("/api/conversations?limit=100");
  conversation = (id: string) => this.get<ConversationDetail>(`/api/conversations/${id}`);
  createConversation = () => this.send<Conversation>("POST", "/api/conversations", {});
  deleteConversation = (id: string) => this.send<void>("DELETE", `/api/conversations/${id}`);

  /** Sends a message; yields `start`, `delta`, `done` and `failed` events until the replies end. */
  reply = (
    conversationId: string,
    body: { text: string; parent_id: string | null; candidates: 1 | 2; personalize: boolean },
    signal: AbortSignal,
  ) => this.stream("POST", `/api/conversations/${conversationId}/messages`, body, signal, null);

  choose = (candidateIds: string[], verdict: Verdict, pickedId: string | null) =>
    this.send<ChoiceOutcome>("POST", "/api/choices", {
      candidate_ids: candidateIds,
      verdict,
      picked_id: pickedId,
    });

  jobs = () => this.get<Page<Job>>("/api/jobs?limit=50");
  job = (id: string) => this.get<Job>(`/api/jobs/${id}`);
  startTraining = () => this.send<Job>("POST", "/api/jobs", { kind: "train" });
  cancelJob = (id: string) => this.send<Job>("POST", `/api/jobs/${id}/cancel`);
  retryJob = (id: string) => this.send<Job>("POST", `/api/jobs/${id}/retry`);
  jobEvents = (id: string, signal: AbortSignal, lastEventId: string | null) =>
    this.stream("GET", `/api/jobs/${id}/events`, undefined, signal, lastEventId);

  adapters = () => this.get<Page<Adapter>>("/api/adapters?limit=50");
  promoteAdapter = (id: string, reason?: string) =>
    this.send<Adapter>("POST", `/api/adapters/${id}/promote`, reason ? { reason } : {});
  rollBackAdapter = () => this.send<Adapter | null>("POST", "/api/adapters/rollback");

  private get<T>(path: string): Promise<T> {
    return this.send<T>("GET", path);
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.request(method, path, body);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }

  private async *stream(
    method: string,
    path: string,
    body: unknown,
    signal: AbortSignal,
    lastEventId: string | null,
  ): AsyncGenerator<ServerEvent> {
    const response = await this.request(method, path, body, signal, {
      Accept: "text/event-stream",
      ...(lastEventId ? { "Last-Event-ID": lastEventId } : {}),
    });
    if (response.body) yield* readEvents(response.body);
  }

  private async request(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers: {
          Authorization: `Bearer ${this.key}`,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(UNREACHABLE);
    }
    if (!response.ok) throw new ApiError(await problemOf(response));
    return response;
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    code: "UNEXPECTED",
    title: response.statusText,
    status: response.status,
    detail: `The server answered ${response.status}.`,
    hint: "Look at the server's log.",
  };
  try {
    return { ...fallback, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return fallback;
  }
}

function search(values: Record<string, string | null>): string {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => !!entry[1]);
  return new URLSearchParams(entries).toString();
}
