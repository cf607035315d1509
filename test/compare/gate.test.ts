import { describe, expect, test } from "vitest";
import { parseGate, parseGates } from "../../src/compare/gate.ts";
import { MeshLoadError } from "../../src/errors.ts";

const read = (text: string): unknown => {
  const { metric, ...gate } = parseGate(text);
  return { ...gate, metric: metric.name };
};

test.each([
  ["p99<=+5%", { kind: "relative", metric: "p99", threshold: 0.05, scale: "ratio", group: null }],
  ["p99<=+2ms", { kind: "relative", threshold: 2000, scale: "difference" }],
  ["p99.9 <= 20ms", { kind: "absolute", metric: "p99.9", comparator: "<=", threshold: 20_000 }],
  ["mean<1.5s", { kind: "absolute", comparator: "<", threshold: 1.5e6 }],
  ["p95<=800us", { metric: "p95", threshold: 800 }],
  ["balancedP99<=+10%", { metric: "balancedP99", kind: "relative", threshold: 0.1 }],
  ["failures==0", { kind: "absolute", comparator: "==", threshold: 0, isCount: true }],
  ["failures<=0.1%", { kind: "absolute", threshold: 0.001, isCount: false }],
  ["failures<=+0.1%", { kind: "relative", threshold: 0.001, scale: "difference" }],
  ["failures<=+0", { kind: "relative", threshold: 0, scale: "difference" }],
  ["skewShare<=0.3", { kind: "absolute", threshold: 0.3, isCount: false }],
  ["skewShare<=30%", { kind: "absolute", threshold: 0.3 }],
  ["skewShare<=+5%", { kind: "relative", threshold: 0.05, scale: "difference" }],
  ["qps>=2900", { kind: "absolute", comparator: ">=", threshold: 2900 }],
  ["qps>=-1%", { kind: "relative", threshold: 0.01, scale: "ratio" }],
  ["cpu<=80%", { kind: "absolute", threshold: 80 }],
  ["cpu<=+10%", { kind: "relative", threshold: 0.1, scale: "ratio" }],
  ["skew<=1.2", { kind: "absolute", threshold: 1.2 }],
  ["exact_balance:p99<=+5%", { group: "exact_balance", metric: "p99" }],
  ["c=8 exact_balance:p99<=+5%", { group: "c=8 exact_balance", metric: "p99" }],
  ["127.0.0.1:8080:p99<=+5%", { group: "127.0.0.1:8080", metric: "p99" }],
])("%s", (text, expected) => {
  expect(read(text)).toMatchObject(expected);
});

/** `COLUMN: PROBLEM | HINT`, once it is sure that the mark stands where the column says. */
function refusal(text: string): string {
  try {
    parseGate(text);
  } catch (error) {
    if (!(error instanceof MeshLoadError) || error.code !== "GATE_INVALID") throw error;
    const [first, quoted, mark] = error.message.split("\n");
    const [, problem, column] = /^-gate: (.*), at column (\d+)$/.exec(first!)!;
    expect(quoted).toBe(`  ${text}`);
    expect(mark).toBe(`  ${" ".repeat(Number(column) - 1)}^`);
    expect(error.exitCode).toBe(2);
    return `${column}: ${problem} | ${error.hint}`;
  }
  return "taken";
}

test.each([
  ["p99", "4: there is no comparison | Write METRIC<=VALUE, such as p99<=+5%."],
  ["p99=5ms", "4: = is no comparison | There are <= >= == < >."],
  ["p99=<5ms", "4: =< is no comparison | There are <= >= == < >."],
  ["<=5ms", "1: there is no metric | Write p99<=+5%."],
  [":p99<=5ms", "1: nothing stands before the colon | Write exact_balance:p99<=+5%."],
  ["p999<=5ms", '1: no metric is called "p999" | Did you mean "p99.9"?'],
  ["default:skwe<=1", '9: no metric is called "skwe" | Did you mean "skew"?'],
  ["p100<=5ms", expect.stringContaining('1: no metric is called "p100"')],
  [
    "latency<=5ms",
    '1: no metric is called "latency" | There are p50, p99, balancedP99, mean, max, qps, failures, cpu, skew, requestSkew, skewShare, and any other percentile.',
  ],
  ["p99<=", "6: there is no value | Write p99<=20ms, or p99<=+5% against a baseline."],
  ["p99<=fast", "6: this is no value | Write p99<=20ms, or p99<=+5% against a baseline."],
  ["p99<=5", "7: the unit is missing | Write p99<=20ms, or p99<=+5% against a baseline."],
  ["failures<=0.01", "11: a number of failures is whole | Write failures<=0.1% for a share of the requests."],
  ["skewShare<=30", "12: a share is 1 at most | Write skewShare<=0.3, or skewShare<=30%."],
  ["p99<=5 min", "8: min is no unit of time | Write p99<=20ms, or p99<=+5% against a baseline."],
  ["p99<=+5", "8: the per cent sign is missing | Write p99<=+5%."],
  ["p99<=-5%", "6: a gate says how much worse it may get | Write p99<=+5%."],
  ["p99>=+5%", "4: p99 is better low | Write p99<=+5%."],
  ["p99==+5%", "4: no two measurements are equal | Write p99<=+5%."],
  ["qps<=+5%", "4: qps is better high | Write qps>=-5%."],
  ["qps>=-100%", "6: nothing falls by so much | Write qps>=-5%."],
  ["qps>=2900/s", expect.stringContaining("qps has no unit")],
  ["failures<=+5", "11: this is no share of the requests | Write failures<=+0.1%."],
  ["skew<=20%", expect.stringContaining("skew has no unit")],
])("%s is refused, and the place is marked", (text, expected) => {
  expect(refusal(text)).toEqual(expected);
});

describe("a file of gates", () => {
  test("has one a line, and comments", () => {
    const gates = parseGates("# CI\np99<=+5%  # the tail\r\n\nfailures==0\n", "gates.txt");
    expect(gates.map(({ text }) => text)).toEqual(["p99<=+5%", "failures==0"]);
  });

  test("names the line that is wrong", () => {
    expect(() => parseGates("p99<=+5%\n\np98<=oops\n", "ci/gates.txt")).toThrow(
      "ci/gates.txt:3: this is no value, at column 6\n  p98<=oops\n       ^",
    );
  });
});
