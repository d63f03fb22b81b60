import { Moon, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton } from "../ui/button";

const STORED = "idiolect.theme";
type Theme = "light" | "dark";

function preferred(): Theme {
  const stored = localStorage.getItem(STORED);
  if (stored === "light" || stored === "dark") return stored;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(preferred);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const other: Theme = theme === "dark" ? "light" : "dark";
  return (
    <IconButton
      label={`Switch to the ${other} theme`}
      onClick={() => {
        localStorage.setItem(STORED, other);
        setTheme(other);
      }}
    >
      {theme === "dark" ? <Sun size={17} /> : <Moon size={17} />}
    </IconButton>
  );
}
