import { Popover } from "radix-ui";
import { Link } from "react-router";
import type { Acted } from "../../api/types";
import { Meter } from "../../ui/feedback";

/** What acted on a reply: propositions, system message, model and adapter. */
export function WhyThisAnswer({ acted }: { acted: Acted }) {
  const memories = acted.memories ?? [];
  return (
    <Popover.Root>
      <Popover.Trigger className="rounded-lg px-2 py-1 text-xs text-quiet hover:bg-sunken hover:text-ink">
        Why this answer
        {memories.length > 0 && ` · ${memories.length} known`}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          collisionPadding={12}
          className="z-40 max-h-[70vh] w-[min(26rem,calc(100vw-1.5rem))] overflow-y-auto rounded-2xl border border-line bg-surface p-5 text-sm shadow-lg"
        >
          <h3 className="font-serif text-lg">Why this answer</h3>
          <section className="mt-3" aria-label="Propositions used">
            {memories.length === 0 ? (
              <p className="text-quiet">
                {acted.personalized === false
                  ? "Personalization was off for this message."
                  : "Nothing known about you bore on this."}
              </p>
            ) : (
              <ul className="space-y-3">
                {memories.map((memory) => (
                  <li key={memory.id}>
                    <Link to={`/you/${memory.id}`} className="hover:text-accent hover:underline">
                      {memory.text}
                    </Link>
                    <Meter label="Confidence" value={memory.confidence} />
                  </li>
                ))}
              </ul>
            )}
          </section>
          <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-t border-line pt-3 text-xs">
            <dt className="text-quiet">Model</dt>
            <dd className="min-w-0 break-words">{acted.model ?? "unknown"}</dd>
            <dt className="text-quiet">Adapter</dt>
            <dd>{acted.adapter ?? "none"}</dd>
          </dl>
          {acted.system && (
            <details className="mt-3 text-xs">
              <summary className="cursor-pointer text-quiet">System message</summary>
              <pre className="mt-2 whitespace-pre-wrap rounded-lg bg-sunken p-3 font-sans">
                {acted.system}
              </pre>
            </details>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
