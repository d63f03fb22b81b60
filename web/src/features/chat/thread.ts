import type { Choice, Message } from "../../api/types";

/** One exchange on the visible path: what the user said and the reply, or the candidates. */
export interface Turn {
  user: Message;
  replies: Message[];
  choice: Choice | null;
}

/**
 * The visible path through the tree, from its root to its newest leaf.
 * After a choice it goes on under the picked reply, else under the first one.
 */
export function visibleTurns(messages: Message[], choices: Choice[]): Turn[] {
  const children = new Map<string | null, Message[]>();
  for (const message of messages) {
    children.set(message.parent_id, [...(children.get(message.parent_id) ?? []), message]);
  }
  const turns: Turn[] = [];
  let parent: string | null = null;
  for (;;) {
    const user: Message | undefined = (children.get(parent) ?? [])
      .filter((message) => message.role === "user")
      .sort(byTime)
      .at(-1);
    if (!user) return turns;
    const replies = latestGroup(
      (children.get(user.id) ?? []).filter((message) => message.role === "assistant"),
    );
    const choice = choiceAmong(replies, choices);
    turns.push({ user, replies, choice });
    const next = replies.find((reply) => reply.id === choice?.picked_id) ?? replies[0];
    if (!next) return turns;
    parent = next.id;
  }
}

/** The reply that a next message is put under. */
export function leafOf(turns: Turn[]): string | null {
  const last = turns.at(-1);
  if (!last) return null;
  return last.choice?.picked_id ?? last.replies[0]?.id ?? null;
}

/** Whether these replies wait for the user's verdict. */
export function awaitsChoice(turn: Turn): boolean {
  return (
    turn.replies.length === 2 &&
    turn.choice === null &&
    turn.replies.every((reply) => reply.state === "done")
  );
}

function choiceAmong(replies: Message[], choices: Choice[]): Choice | null {
  const shown = new Set(replies.map((reply) => reply.id));
  return choices.find((choice) => choice.candidate_ids.every((id) => shown.has(id))) ?? null;
}

/** Siblings by their place on the screen; when a message was answered again, the newest answer. */
function latestGroup(replies: Message[]): Message[] {
  const group: Message[] = [];
  for (const reply of [...replies].sort(byTime).reverse()) {
    if (group.some((other) => other.position === reply.position)) break;
    group.push(reply);
  }
  return group.sort((one, other) => one.position - other.position);
}

function byTime(one: Message, other: Message): number {
  return one.created_at.localeCompare(other.created_at) || one.id.localeCompare(other.id);
}
