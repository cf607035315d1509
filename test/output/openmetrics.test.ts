import { expect, test } from "vitest";
import { openmetrics } from "../../src/output/openmetrics.ts";
import { exampleSet, urlSet } from "../result/example-set.ts";

test("figures are in base units under labels that say of which run, and the text ends as it must", () => {
  const set = exampleSet();
  const text = openmetrics([set]);
  const [{ latency, workers }] = set.runs as [(typeof set.runs)[0]];
  const labels = 'result_set="2025-01-02-030405_example_set",run="0",group="default",repetition="0"';
  expect(text).toContain(
    `mesh_load_latency_seconds{${labels},quantile="0.999"} ${latency.percentilesUs["99.9"]! / 1e6}\n`,
  );
  expect(text).toContain(`mesh_load_latency_seconds_count{${labels}} 6000\n`);
  expect(text).toContain(
    `mesh_load_worker_cpu_ratio{${labels},worker="0"} ${workers[0]!.cpuPercent! / 100}\n`,
  );
  expect(text.endsWith("\n# EOF\n")).toBe(true);
});

test("a figure that is not known is not there, and a label may hold anything", () => {
  const set = urlSet({ fails: true });
  const text = openmetrics([{ ...set, labels: 'a "b"\\\nc' }]);
  expect(text).not.toContain("mesh_load_worker_");
  expect(text).toContain('title="a \\"b\\"\\\\\\nc"');
  expect(text).not.toContain("envoy=");
  expect(text).toContain('reason="timeout"} 10\n');
});
