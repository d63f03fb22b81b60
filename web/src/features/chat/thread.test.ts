import type { Choice, Message } from "../../api/types";
import { awaitsChoice, leafOf, visibleTurns } from "./thread";

let clock = 0;

function message(id: string, role: Message["role"], parent: string | null, position = 0): Message {
  clock += 1;
  return {
    id,
    role,
    parent_id: parent,
    position,
    text: id,
    state: "done",
    acted: {},
    created_at: `2026-03-02T10:00:${String(clock % 60).padStart(2, "0")}Z`,
  };
}

function picked(candidates: string[], id: string | null): Choice {
  return {
    id: "cho_1",
    candidate_ids: candidates,
    verdict: id ? "picked" : "tie",
    picked_id: id,
    created_at: "2026-03-02T10:01:00Z",
  };
}

beforeEach(() => {
  clock = 0;
});

test("after a choice the talk goes on under the picked reply", () => {
  const messages = [
    message("u1", "user", null),
    message("a1", "assistant", "u1", 0),
    message("b1", "assistant", "u1", 1),
    message("u2", "user", "b1"),
    message("a2", "assistant", "u2"),
  ];
  const turns = visibleTurns(messages, [picked(["a1", "b1"], "b1")]);
  expect(turns.map((turn) => turn.user.id)).toEqual(["u1", "u2"]);
  expect(leafOf(turns)).toBe("a2");
});

test("two finished drafts without a verdict wait for one", () => {
  const messages = [
    message("u1", "user", null),
    message("b1", "assistant", "u1", 1),
    message("a1", "assistant", "u1", 0),
  ];
  const [turn] = visibleTurns(messages, []);
  if (!turn) throw new Error("no turn");
  expect(turn.replies.map((reply) => reply.id)).toEqual(["a1", "b1"]);
  expect(awaitsChoice(turn)).toBe(true);
  const [judged] = visibleTurns(messages, [picked(["b1", "a1"], null)]);
  if (!judged) throw new Error("no turn");
  expect(awaitsChoice(judged)).toBe(false);
  expect(leafOf([judged])).toBe("a1");
});

test("of edited messages the newest is on the path", () => {
  const messages = [
    message("first", "user", null),
    message("r1", "assistant", "first"),
    message("edited", "user", null),
    message("r2", "assistant", "edited"),
  ];
  expect(visibleTurns(messages, []).map((turn) => turn.user.id)).toEqual(["edited"]);
});

test("a message answered again shows the newest answer", () => {
  const messages = [
    message("u1", "user", null),
    message("old", "assistant", "u1", 0),
    message("new", "assistant", "u1", 0),
  ];
  expect(visibleTurns(messages, [])[0]?.replies.map((reply) => reply.id)).toEqual(["new"]);
});

test("an empty conversation has no turns and no leaf", () => {
  expect(visibleTurns([], [])).toEqual([]);
  expect(leafOf([])).toBeNull();
});
