import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { ApiError } from "./api/client";
import { SessionProvider, useSession } from "./app/session";
import { Shell } from "./app/shell";
import { SignIn } from "./app/sign-in";
import { ChatPage } from "./features/chat/chat-page";
import "./styles.css";

const PropositionsPage = lazy(() => import("./features/propositions/propositions-page"));
const JobsPage = lazy(() => import("./features/jobs/jobs-page"));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refused stays refused; only a lost connection is worth another try.
      retry: (count, error) =>
        count < 2 && (!(error instanceof ApiError) || error.problem.status === 0),
      staleTime: 5_000,
    },
  },
});

function Pages() {
  const { client } = useSession();
  if (!client) return <SignIn />;
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route path="chat/:conversationId?" element={<ChatPage />} />
        <Route path="you/:propositionId?" element={<PropositionsPage />} />
        <Route path="runs/:jobId?" element={<JobsPage />} />
        <Route path="*" element={<Navigate to="/chat" replace />} />
      </Route>
    </Routes>
  );
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SessionProvider>
        <BrowserRouter>
          <Pages />
        </BrowserRouter>
      </SessionProvider>
    </QueryClientProvider>
  </StrictMode>,
);
