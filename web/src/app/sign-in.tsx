import { useState } from "react";
import { Client } from "../api/client";
import { Button } from "../ui/button";
import { ErrorNote } from "../ui/feedback";
import { useSession } from "./session";

export function SignIn() {
  const { signIn } = useSession();
  const [key, setKey] = useState("");
  const [error, setError] = useState<unknown>(null);

  async function submit() {
    setError(null);
    try {
      await new Client(key.trim()).me();
      signIn(key.trim());
    } catch (reason) {
      setError(reason);
    }
  }

  return (
    <main className="mx-auto flex min-h-full max-w-md flex-col justify-center gap-6 px-6 py-12">
      <div>
        <img src="/icon.svg" alt="" className="mb-5 size-12" />
        <h1 className="font-serif text-2xl">Idiolect</h1>
        <p className="mt-2 text-quiet">
          Open the link that <code>make up</code> printed, or paste your key here. It stays in this
          browser.
        </p>
      </div>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label className="text-sm font-medium" htmlFor="key">
          Key
        </label>
        <input
          id="key"
          type="password"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          placeholder="idk_…"
          className="rounded-lg border border-line bg-surface px-3 py-2"
        />
        <Button type="submit" look="primary" disabled={key.trim() === ""}>
          Sign in
        </Button>
        {error !== null && <ErrorNote error={error} />}
      </form>
    </main>
  );
}
