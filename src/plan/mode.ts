/** The listener modes: who decides which worker gets a connection; docs/TERMS.md has them. */

export const modes = ["default", "reuse_port", "exact_balance", "cpu_locality_balance"] as const;

export type Mode = (typeof modes)[number];

/** Those that every Envoy knows: what the lab compares unless it is told otherwise. */
export const commonModes: readonly Mode[] = ["default", "reuse_port", "exact_balance"];

/** As outputs print it: `default` is no longer Envoy's default, and the name must not suggest so. */
export const modeTitle: Readonly<Record<Mode, string>> = {
  default: "default (shared socket)",
  reuse_port: "reuse_port",
  exact_balance: "exact_balance",
  cpu_locality_balance: "cpu_locality_balance",
};
