import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { SquarePen, Trash2 } from "lucide-react";
import { NavLink, useNavigate } from "react-router";
import { useClient } from "../../app/session";
import { Button, IconButton } from "../../ui/button";
import { ErrorNote, Skeleton } from "../../ui/feedback";
import { Time } from "../../ui/time";

export function ConversationList({ onOpen }: { onOpen?: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery({
    queryKey: ["conversations"],
    queryFn: client.conversations,
  });
  const remove = useMutation({
    mutationFn: client.deleteConversation,
    onSuccess: async (_, id) => {
      await queries.invalidateQueries({ queryKey: ["conversations"] });
      if (window.location.pathname.endsWith(id)) navigate("/chat");
    },
  });

  return (
    <nav aria-label="Conversations" className="flex h-full flex-col gap-3 p-3">
      <Button
        onClick={() => {
          navigate("/chat");
          onOpen?.();
        }}
      >
        <SquarePen size={15} aria-hidden /> New conversation
      </Button>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {remove.error && <ErrorNote error={remove.error} />}
      {!data && !error && <Skeleton lines={5} />}
      <ul className="min-h-0 flex-1 space-y-0.5 overflow-y-auto">
        {data?.items.map((conversation) => (
          <li key={conversation.id} className="group relative">
            <NavLink
              to={`/chat/${conversation.id}`}
              onClick={() => onOpen?.()}
              className={({ isActive }) =>
                clsx(
                  "block rounded-lg px-3 py-2 pr-10 text-sm",
                  isActive ? "bg-sunken font-medium" : "hover:bg-sunken",
                )
              }
            >
              <span className="block truncate">{conversation.title || "New conversation"}</span>
              <span className="text-xs text-quiet">
                <Time at={conversation.updated_at} />
              </span>
            </NavLink>
            <IconButton
              label={`Delete “${conversation.title}”`}
              className="absolute top-2 right-1 opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
              onClick={() => {
                if (window.confirm(`Delete “${conversation.title}” and its messages?`)) {
                  remove.mutate(conversation.id);
                }
              }}
            >
              <Trash2 size={15} />
            </IconButton>
          </li>
        ))}
      </ul>
    </nav>
  );
}
