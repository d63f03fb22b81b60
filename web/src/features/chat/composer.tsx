import { ArrowUp, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../ui/button";

interface Props {
  isStreaming: boolean;
  onSend: (text: string, options: { candidates: 1 | 2; personalize: boolean }) => Promise<boolean>;
  onStop: () => void;
}

export function Composer({ isStreaming, onSend, onStop }: Props) {
  const [text, setText] = useState("");
  const [twoDrafts, setTwoDrafts] = useState(true);
  const [personalize, setPersonalize] = useState(true);
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    function focusOnSlash(event: KeyboardEvent) {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea");
      if (event.key !== "/" || typing) return;
      event.preventDefault();
      field.current?.focus();
    }
    document.addEventListener("keydown", focusOnSlash);
    return () => document.removeEventListener("keydown", focusOnSlash);
  }, []);

  async function send() {
    const message = text.trim();
    if (!message || isStreaming) return;
    setText("");
    const sent = await onSend(message, { candidates: twoDrafts ? 2 : 1, personalize });
    if (!sent) setText((current) => current || message);
  }

  return (
    <form
      className="mx-auto w-full max-w-3xl px-4 pb-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div className="rounded-2xl border border-line bg-surface p-2 shadow-sm focus-within:border-accent">
        <label htmlFor="message" className="sr-only">
          Message
        </label>
        <textarea
          id="message"
          ref={field}
          rows={1}
          value={text}
          placeholder="Ask anything"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              void send();
            }
          }}
          className="field-sizing-content max-h-48 w-full resize-none bg-transparent px-2 py-1.5 outline-none"
        />
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 pl-2">
          <Toggle label="Two drafts" checked={twoDrafts} onChange={setTwoDrafts} />
          <Toggle label="Personal" checked={personalize} onChange={setPersonalize} />
          {isStreaming ? (
            <Button className="ml-auto" onClick={onStop}>
              <Square size={13} fill="currentColor" aria-hidden /> Stop
            </Button>
          ) : (
            <Button
              type="submit"
              look="primary"
              className="ml-auto size-9 rounded-full! px-0!"
              aria-label="Send"
              disabled={text.trim() === ""}
            >
              <ArrowUp size={17} aria-hidden />
            </Button>
          )}
        </div>
      </div>
    </form>
  );
}

interface ToggleProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Toggle({ label, checked, onChange }: ToggleProps) {
  return (
    <label className="flex items-center gap-1.5 text-xs text-quiet">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="accent-accent"
      />
      {label}
    </label>
  );
}
