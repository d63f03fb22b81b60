import { clsx } from "clsx";
import type { ButtonHTMLAttributes } from "react";

const LOOKS = {
  primary: "bg-accent text-on-accent hover:opacity-90",
  plain: "border border-line bg-surface hover:bg-sunken",
  quiet: "text-quiet hover:bg-sunken hover:text-ink",
  danger: "border border-line text-danger hover:bg-danger-soft",
};

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof LOOKS;
}

export function Button({ look = "plain", className, type = "button", ...rest }: Props) {
  return (
    <button
      type={type}
      className={clsx(
        "inline-flex items-center justify-center gap-2 rounded-lg px-3 py-1.5 text-sm font-medium",
        "whitespace-nowrap",
        "transition-colors disabled:opacity-50",
        LOOKS[look],
        className,
      )}
      {...rest}
    />
  );
}

interface IconButtonProps extends Props {
  label: string;
}

/** A button that shows only a picture: its name is for screen readers and the tooltip. */
export function IconButton({ label, className, look = "quiet", ...rest }: IconButtonProps) {
  return (
    <Button
      aria-label={label}
      title={label}
      look={look}
      className={clsx("size-9 px-0!", className)}
      {...rest}
    />
  );
}
