import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/client";
import type { ConversationDetail, Message, Problem } from "../../api/types";
import { useClient } from "../../app/session";

interface Request {
  conversationId: string;
  text: string;
  parentId: string | null;
  candidates: 1 | 2;
  personalize: boolean;
}

/** Sends a message and writes the streamed replies into the conversation's cached messages. */
export function useReply() {
  const client = useClient();
  const queries = useQueryClient();
  const running = useRef<AbortController | null>(null);
  const [isStreaming, setStreaming] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const stop = useCallback(() => running.current?.abort(), []);
  useEffect(() => stop, [stop]);

  async function send(request: Request): Promise<boolean> {
    const controller = new AbortController();
    running.current = controller;
    setStreaming(true);
    setError(null);
    const cacheKey = ["conversation", request.conversationId];
    const change = (update: (messages: Message[]) => Message[]) =>
      queries.setQueryData<ConversationDetail>(
        cacheKey,
        (old) => old && { ...old, messages: update(old.messages) },
      );
    try {
      await queries.cancelQueries({ queryKey: cacheKey });
      const events = client.reply(
        request.conversationId,
        {
          text: request.text,
          parent_id: request.parentId,
          candidates: request.candidates,
          personalize: request.personalize,
        },
        controller.signal,
      );
      for await (const { event, data } of events) {
        if (event === "start") {
          const started = JSON.parse(data) as { user_message: Message; replies: Message[] };
          change((messages) => [...messages, started.user_message, ...started.replies]);
        } else if (event === "delta") {
          const delta = JSON.parse(data) as { message_id: string; text: string };
          change((messages) =>
            messages.map((message) =>
              message.id === delta.message_id
                ? { ...message, text: message.text + delta.text }
                : message,
            ),
          );
        } else if (event === "done") {
          const { message: finished } = JSON.parse(data) as { message: Message };
          change((messages) =>
            messages.map((message) => (message.id === finished.id ? finished : message)),
          );
        } else if (event === "failed") {
          throw new ApiError((JSON.parse(data) as { problem: Problem }).problem);
        }
      }
      return true;
    } catch (reason) {
      if (controller.signal.aborted) return true;
      setError(reason);
      return false;
    } finally {
      setStreaming(false);
      void queries.invalidateQueries({ queryKey: cacheKey });
      void queries.invalidateQueries({ queryKey: ["conversations"] });
    }
  }

  return { send, stop, isStreaming, error };
}
