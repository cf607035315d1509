/** The listener modes: who decides which worker gets a connection; docs/TERMS.md has them. */

export const modes = ["default", "reuse_port", "exact_balance"] as const;

export type Mode = (typeof modes)[number];

/** As outputs print it: `default` is no longer Envoy's default, and the name must not suggest so. */
export const modeTitle: Readonly<Record<Mode, string>> = {
  default: "default (shared socket)",
  reuse_port: "reuse_port",
  exact_balance: "exact_balance",
};
