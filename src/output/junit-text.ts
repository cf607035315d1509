/** JUnit XML as Jenkins, GitLab and most others read it (the xUnit plugin's junit-10.xsd). */

export interface TestSuite {
  readonly name: string;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  /** Group of the case: readers show it as a class, and split it at dots. */
  readonly classname: string;
  readonly name: string;
  readonly seconds: number;
  readonly problem: Problem | null;
  /** What else there is to say; empty for nothing. */
  readonly output: string;
}

/** `failure`: the answer is no; `error`: there is no answer; `skipped`: nobody asked. */
export interface Problem {
  readonly kind: "failure" | "error" | "skipped";
  /** What kind of failure or error: a word to group by. */
  readonly type: string;
  readonly message: string;
  readonly details: string;
}

export function junitText(suites: readonly TestSuite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mesh-load"${counts(cases)}>`,
    ...suites.flatMap(suiteLines),
    "</testsuites>\n",
  ].join("\n");
}

function suiteLines({ name, startedAt, properties, cases }: TestSuite): string[] {
  const skipped = cases.filter(({ problem }) => problem?.kind === "skipped").length;
  const pairs = Object.entries(properties);
  return [
    // Without a zone, as Ant wrote it and strict readers want it: it is UTC.
    `  <testsuite${attributes({ name, timestamp: startedAt.slice(0, 19) })}${counts(cases)} skipped="${skipped}">`,
    ...(pairs.length === 0
      ? []
      : [
          "    <properties>",
          ...pairs.map(([key, value]) => `      <property${attributes({ name: key, value })}/>`),
          "    </properties>",
        ]),
    ...cases.flatMap(caseLines),
    "  </testsuite>",
  ];
}

function caseLines({ classname, name, seconds, problem, output }: TestCase): string[] {
  const start = `    <testcase${attributes({ classname, name, time: seconds.toFixed(3) })}`;
  if (problem === null && output === "") return [`${start}/>`];
  return [
    `${start}>`,
    ...(problem === null ? [] : [problemLine(problem)]),
    ...(output === "" ? [] : [`      <system-out>${escapeXml(output)}</system-out>`]),
    "    </testcase>",
  ];
}

function problemLine({ kind, type, message, details }: Problem): string {
  // Ant knows only the message of what was skipped.
  const named = kind === "skipped" ? { message } : { type, message };
  return `      <${kind}${attributes(named)}>${escapeXml(details)}</${kind}>`;
}

function counts(cases: readonly TestCase[]): string {
  const of = (kind: Problem["kind"]): string =>
    String(cases.filter(({ problem }) => problem?.kind === kind).length);
  const time = cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
  return attributes({ tests: String(cases.length), failures: of("failure"), errors: of("error"), time });
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(value).replaceAll("\n", "&#10;")}"`)
    .join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\r": "&#13;",
};

// XML 1.0 §2.2: what is no character at all, not even escaped, becomes U+FFFD. With "u", a lone half of a pair is one.
// oxlint-disable-next-line no-control-regex
const unspeakable = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escapeXml(text: string): string {
  return text
    .replaceAll(unspeakable, "\uFFFD")
    .replaceAll(/[&<>"\t\r]/g, (character) => entities[character]!);
}
