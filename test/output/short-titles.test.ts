import { expect, test } from "vitest";
import { markdown } from "../../src/output/markdown.ts";
import { renderTable } from "../../src/output/table.ts";
import { gateways, urlsSet } from "../result/example-set.ts";

const plain = { columns: 80, color: false };

test("long names are cut, so that the table keeps to its columns", () => {
  const url = "http://istio-ingressgateway.istio-system.svc.cluster.local:8080/";
  const text = renderTable(urlsSet([url]), plain);
  expect(text).toMatch(/^istio-ingre….local:8080 /m);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test.for([
  { hosts: gateways, shown: ["istio-ingre…stio-system", "istio-ingre…stio-canary"] },
  {
    hosts: gateways.map((name) => `${name}.svc.cluster.local:8080`),
    shown: ["istio-ingre…tio-system…", "istio-ingre…tio-canary…"],
  },
  { hosts: [`${gateways[0]}.a`, "a:8080"], shown: ["istio-ingre…io-system.a", "a:8080"] },
  // Where only the middle differs, nothing is cut.
  { hosts: ["x1", "x2"].flatMap((x) => ["y", "z"].map((y) => `gateway-of-mesh-${x}.namespace.of-${y}`)) },
])("names that are cut still differ: $hosts", ({ hosts, shown = hosts }) => {
  const set = urlsSet(hosts.map((host) => `http://${host}/`));
  for (const text of [renderTable(set, plain), markdown([set])])
    expect([...text.matchAll(/^(?:\| )?([a-z]\S*)[ |]+200 /gm)].map(([, name]) => name)).toEqual(shown);
});
