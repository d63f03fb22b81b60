import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  server: { proxy: { "/api": "http://127.0.0.1:8765", "/v1": "http://127.0.0.1:8765" } },
  // Markdown and dialogs are in the first chunk: about 175 kB gzipped.
  build: { target: "es2022", chunkSizeWarningLimit: 650 },
  test: { environment: "jsdom", globals: true, setupFiles: ["src/test-setup.ts"] },
});
