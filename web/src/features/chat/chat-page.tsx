import { useQuery, useQueryClient } from "@tanstack/react-query";
import { PanelLeft } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useRef, useState } from "react";
import { useNavigate, useParams } from "react-router";
import type { ConversationDetail } from "../../api/types";
import { useClient } from "../../app/session";
import { IconButton } from "../../ui/button";
import { ErrorNote, Skeleton } from "../../ui/feedback";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { ConversationList } from "./conversation-list";
import { leafOf, visibleTurns } from "./thread";
import { TurnView } from "./turn-view";
import { useReply } from "./use-reply";

export function ChatPage() {
  const { conversationId } = useParams();
  const [isListOpen, setListOpen] = useState(false);
  return (
    <div className="flex h-full">
      <aside className="hidden w-64 shrink-0 border-r border-line bg-sunken/50 lg:block">
        <ConversationList />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <Dialog.Root open={isListOpen} onOpenChange={setListOpen}>
          <Dialog.Trigger asChild>
            <IconButton label="Conversations" className="m-2 shrink-0 lg:hidden">
              <PanelLeft size={17} />
            </IconButton>
          </Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Overlay className="fixed inset-0 z-30 bg-black/30" />
            <Dialog.Content
              aria-describedby={undefined}
              className="fixed inset-y-0 left-0 z-40 w-72 max-w-[85vw] bg-canvas shadow-xl"
            >
              <Dialog.Title className="sr-only">Conversations</Dialog.Title>
              <ConversationList onOpen={() => setListOpen(false)} />
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
        <Talk conversationId={conversationId ?? null} />
      </div>
    </div>
  );
}

function Talk({ conversationId }: { conversationId: string | null }) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { send, stop, isStreaming, error: replyError } = useReply();
  const { data, error, refetch } = useQuery({
    queryKey: ["conversation", conversationId],
    queryFn: () => client.conversation(conversationId ?? ""),
    enabled: conversationId !== null && !isStreaming,
  });
  const [startError, setStartError] = useState<unknown>(null);
  const turns = visibleTurns(data?.messages ?? [], data?.choices ?? []);
  const end = useRef<HTMLDivElement>(null);
  const written = turns.at(-1)?.replies.map((reply) => reply.text) ?? [];

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the text as it grows
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [turns.length, written.join("").length]);

  async function onSend(
    text: string,
    options: { candidates: 1 | 2; personalize: boolean },
  ): Promise<boolean> {
    setStartError(null);
    let id = conversationId;
    if (id === null) {
      try {
        const created = await client.createConversation();
        queries.setQueryData<ConversationDetail>(["conversation", created.id], {
          ...created,
          messages: [],
          choices: [],
        });
        id = created.id;
        navigate(`/chat/${id}`, { replace: true });
      } catch (reason) {
        setStartError(reason);
        return false;
      }
    }
    return send({ conversationId: id, text, parentId: leafOf(turns), ...options });
  }

  return (
    <main className="flex min-h-0 flex-1 flex-col">
      <h1 className="sr-only">{data?.title || "New conversation"}</h1>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-3xl space-y-8 px-4 py-6">
          {conversationId === null && <Welcome />}
          {conversationId !== null && !data && !error && <Skeleton lines={6} />}
          {error && !data && <ErrorNote error={error} onRetry={() => void refetch()} />}
          {conversationId !== null &&
            turns.map((turn, index) => (
              <TurnView
                key={turn.user.id}
                turn={turn}
                conversationId={conversationId}
                isLast={index === turns.length - 1}
              />
            ))}
          {(replyError ?? startError) !== null && <ErrorNote error={replyError ?? startError} />}
          <div ref={end} />
        </div>
      </div>
      <Announcer texts={isStreaming ? written : []} />
      <Composer isStreaming={isStreaming} onSend={onSend} onStop={stop} />
    </main>
  );
}

function Welcome() {
  return (
    <div className="pt-[12vh] text-center">
      <h2 className="font-serif text-2xl">What is on your mind?</h2>
      <p className="mx-auto mt-3 max-w-md text-quiet">
        With two drafts you say which one suits you better. Each choice teaches Idiolect how to
        speak to you.
      </p>
    </div>
  );
}
