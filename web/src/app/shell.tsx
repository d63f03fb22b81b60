import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Activity, LogOut, MessageCircle, UserRound } from "lucide-react";
import { Suspense } from "react";
import { NavLink, Outlet } from "react-router";
import { IconButton } from "../ui/button";
import { Skeleton } from "../ui/feedback";
import { useClient, useSession } from "./session";
import { ThemeToggle } from "./theme";

const PLACES = [
  { to: "/chat", label: "Chat", icon: MessageCircle },
  { to: "/you", label: "You", icon: UserRound },
  { to: "/runs", label: "Runs", icon: Activity },
];

export function Shell() {
  const { signOut } = useSession();
  return (
    <div className="flex h-full flex-col">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-lg focus:bg-surface focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <header className="flex items-center gap-1 border-b border-line px-3 py-2 sm:gap-2 sm:px-5">
        <img src="/icon.svg" alt="" className="mr-1 size-7 max-[400px]:hidden" />
        <nav aria-label="Main" className="flex gap-0.5 sm:gap-1">
          {PLACES.map(({ to, label, icon: Icon }) => (
            <NavLink
              key={to}
              to={to}
              className={({ isActive }) =>
                clsx(
                  "flex items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm font-medium",
                  isActive
                    ? "bg-accent-soft text-accent"
                    : "text-quiet hover:bg-sunken hover:text-ink",
                )
              }
            >
              <Icon size={17} aria-hidden />
              {label}
            </NavLink>
          ))}
        </nav>
        <div className="ml-auto flex items-center gap-1">
          <StatusLine />
          <ThemeToggle />
          <IconButton label="Sign out" onClick={signOut}>
            <LogOut size={17} />
          </IconButton>
        </div>
      </header>
      <div id="content" className="min-h-0 flex-1">
        <Suspense
          fallback={
            <div className="mx-auto max-w-3xl px-4 py-10">
              <Skeleton lines={6} />
            </div>
          }
        >
          <Outlet />
        </Suspense>
      </div>
    </div>
  );
}

/** Which model speaks and how far the next adapter is. */
function StatusLine() {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ["status"],
    queryFn: client.status,
    refetchInterval: 15_000,
  });
  if (!data) return null;
  const missing = data.preferences_needed - data.preferences;
  const choices =
    missing > 0
      ? `${data.preferences} of ${data.preferences_needed} choices`
      : `${data.preferences} choices`;
  const voice = data.adapter ? `adapter ${data.adapter.version}` : "no adapter yet";
  return (
    <p className="mr-2 hidden text-right text-xs leading-tight text-quiet md:block">
      <span
        className={clsx(
          "mr-1.5 inline-block size-2 rounded-full",
          data.model.ready ? "bg-accent" : "bg-danger",
        )}
      />
      {data.model.ready ? data.model.name : `${data.model.name} is not running`} · {voice}
      <br />
      {data.propositions} {data.propositions === 1 ? "proposition" : "propositions"} · {choices}
    </p>
  );
}
