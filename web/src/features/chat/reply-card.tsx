import { clsx } from "clsx";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import type { Message } from "../../api/types";
import { Tag } from "../../ui/feedback";
import { WhyThisAnswer } from "./why-this-answer";

interface Props {
  reply: Message;
  /** The key that picks this draft, when it is one of two. */
  shortcut?: string;
  isPicked?: boolean;
  isPassedOver?: boolean;
  onPick?: () => void;
}

export function ReplyCard({ reply, shortcut, isPicked, isPassedOver, onPick }: Props) {
  return (
    <article
      aria-label={shortcut ? `Draft ${shortcut}` : "Reply"}
      className={clsx(
        "flex min-w-0 flex-col",
        shortcut && "rounded-2xl border bg-surface p-4",
        shortcut && (isPicked ? "border-accent" : "border-line"),
        isPassedOver && "opacity-55",
      )}
    >
      <div className="prose flex-1">
        {reply.text ? (
          <Markdown remarkPlugins={[remarkGfm]}>{reply.text}</Markdown>
        ) : (
          reply.state === "streaming" && <Thinking />
        )}
      </div>
      <footer className="mt-3 flex flex-wrap items-center gap-2">
        {reply.state === "stopped" && <Tag>stopped</Tag>}
        {reply.state === "failed" && <Tag tone="bad">failed</Tag>}
        {isPicked && <Tag tone="good">your choice</Tag>}
        {reply.state === "done" && <WhyThisAnswer acted={reply.acted} />}
        {onPick && shortcut && (
          <button
            type="button"
            onClick={onPick}
            className="ml-auto inline-flex items-center gap-2 rounded-lg border border-line px-3 py-1.5 text-sm font-medium hover:border-accent hover:bg-accent-soft hover:text-accent"
          >
            This one{" "}
            <kbd className="hidden rounded bg-sunken px-1.5 font-sans text-xs pointer-fine:inline">
              {shortcut}
            </kbd>
          </button>
        )}
      </footer>
    </article>
  );
}

function Thinking() {
  return (
    <span className="inline-flex gap-1 py-2">
      <span className="sr-only">Writing</span>
      {[0, 150, 300].map((delay) => (
        <span
          key={delay}
          className="size-1.5 animate-bounce rounded-full bg-quiet"
          style={{ animationDelay: `${delay}ms` }}
        />
      ))}
    </span>
  );
}
