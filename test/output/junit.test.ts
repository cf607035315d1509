import { expect, test } from "vitest";
import { junitText } from "../../src/output/junit-text.ts";
import { junit } from "../../src/output/junit.ts";
import { exampleSet, gateways, urlSet, urlsSet } from "../result/example-set.ts";

test("a run is a case, its failed requests fail it, its doubts are its output", async () => {
  await expect(junit([urlSet({ fails: true })])).toMatchFileSnapshot("../golden/url.junit.xml");
});

test("runs that were planned and not made are skipped cases, those cut short are errors", () => {
  const set = exampleSet();
  const [first, second] = set.runs;
  const stop = { code: "interrupted", message: "cut short after 1.00 s" } as const;
  const xml = junit([{ ...set, runs: [first!, { ...second!, state: "interrupted", stop }] }]);
  expect(xml).toContain(
    '<testsuite name="example set" timestamp="2025-01-02T03:04:05" tests="9" failures="0" errors="1"',
  );
  expect(xml).toContain('skipped="7"');
  expect(xml.match(/<skipped message="The run was not made">/g)).toHaveLength(7);
  expect(xml).toContain('<error type="interrupted" message="cut short after 1.00 s">');
});

test("a run that was not made counts as a repetition of its own side and step", () => {
  const set = exampleSet();
  const [target] = set.plan.targets;
  const targets = [
    { ...target!, side: "a" },
    { ...target!, side: "b" },
  ] as const;
  const [run] = set.runs;
  const plan = { ...set.plan, targets, repetitions: 1 };
  const xml = junit([{ ...set, plan, attribution: null, runs: [{ ...run!, side: "a" }] }]);
  expect(xml.match(/classname="[^"]*"/g)).toEqual([
    'classname="mesh-load.a default"',
    'classname="mesh-load.b default"',
  ]);
  expect(xml).toContain('tests="2"');
  expect(xml).toContain('skipped="1"');
});

test("targets whose long names are alike at first are classes of their own", () => {
  const xml = junit([urlsSet(gateways.map((host) => `http://${host}/`))]);
  expect([...xml.matchAll(/classname="([^"]*)"/g)].map(([, name]) => name)).toEqual(
    gateways.map((host) => `mesh-load.${host.replace(".", "_")}`),
  );
});

test("a run that was not made is of the class of those that were, also where the profile names the target", () => {
  const set = urlSet();
  const targets = set.plan.targets.map((target) => Object.assign({}, target, { name: "of a profile" }));
  const xml = junit([{ ...set, plan: { ...set.plan, targets, repetitions: 2 } }]);
  const host = "mesh-load.127_0_0_1:8080";
  expect([...xml.matchAll(/classname="([^"]*)"/g)].map(([, name]) => name)).toEqual([host, host]);
});

test("what XML cannot say is replaced, and what it gives a meaning is escaped", () => {
  const suite = {
    name: 'a & <b> "c"\n\u0000\uD800',
    startedAt: "2025-01-02T03:04:05.000Z",
    properties: {},
    cases: [],
  };
  expect(junitText([suite])).toContain('name="a &amp; &lt;b&gt; &quot;c&quot;&#10;\uFFFD\uFFFD"');
});
