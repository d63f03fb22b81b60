import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { Client } from "../api/client";

const STORED = "idiolect.key";

interface Session {
  client: Client | null;
  signIn: (key: string) => void;
  signOut: () => void;
}

const SessionContext = createContext<Session | null>(null);

/** Takes a key from the address (`#key=...`), where only the browser sees it, and hides it again. */
export function keyFromAddress(): string | null {
  const key = new URLSearchParams(window.location.hash.slice(1)).get("key");
  if (key) window.history.replaceState(null, "", window.location.pathname + window.location.search);
  return key;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [key, setKey] = useState(() => {
    const given = keyFromAddress();
    if (given) localStorage.setItem(STORED, given);
    return given ?? localStorage.getItem(STORED);
  });
  const session = useMemo<Session>(
    () => ({
      client: key ? new Client(key) : null,
      signIn: (next) => {
        localStorage.setItem(STORED, next);
        setKey(next);
      },
      signOut: () => {
        localStorage.removeItem(STORED);
        setKey(null);
      },
    }),
    [key],
  );
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession needs a SessionProvider above it");
  return session;
}

/** The API client; only used below the sign-in page, where there is one. */
export function useClient(): Client {
  const { client } = useSession();
  if (!client) throw new Error("useClient needs a signed-in session");
  return client;
}
