/** The flags that say what decides: of `run`, `compare` and `check`. */

import type { Row } from "./flag.ts";

export const gateRows: readonly Row[] = [
  [
    "gate",
    "text",
    "What decides: 'p99<=+5%' against a baseline, 'failures==0', 'exact_balance:p99.9<=20ms'",
    { repeatable: true },
  ],
  ["gates", "file", "Gates from a FILE, one a line"],
  ["allow-inconclusive", "boolean", "A gate, or -slo, that cannot be decided is exit code 0, not 5"],
];
