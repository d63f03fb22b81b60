import { useEffect, useState } from "react";

const SENTENCE_END = /[.!?]["')\]]?\s+(?=\S)/g;

/** The text up to its last finished sentence. */
export function finishedSentences(text: string): string {
  let end = 0;
  for (const match of text.matchAll(SENTENCE_END)) end = match.index + match[0].length;
  return text.slice(0, end).trim();
}

/** Reads streamed replies to screen readers by sentence, not by token. */
export function Announcer({ texts }: { texts: string[] }) {
  const [said, setSaid] = useState("");
  const finished = texts
    .map((text, index) =>
      texts.length > 1 && text
        ? `Draft ${index + 1}: ${finishedSentences(text)}`
        : finishedSentences(text),
    )
    .join(" ");
  useEffect(() => {
    if (finished) setSaid(finished);
  }, [finished]);
  return (
    <div aria-live="polite" aria-atomic="false" className="sr-only">
      {said}
    </div>
  );
}
