import { expect, test } from "vitest";
import { parseHistograms } from "../../src/scraper/histograms.ts";
import { timesBetween, timesFilter, timeStats } from "../../src/scraper/request-times.ts";

/** A listener as Istio writes one: routes by RDS, a cluster with colons whose stats have another name. */
const dump = {
  configs: [
    {
      dynamic_listeners: [
        {
          active_state: {
            listener: {
              name: "out",
              filter_chains: [
                {
                  filters: [
                    {
                      typed_config: {
                        "@type":
                          "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                        stat_prefix: "outbound_0.0.0.0_80",
                        rds: { route_config_name: "80" },
                        access_log: [{ typed_config: { "@type": "a.FileAccessLog", stat_prefix: "no" } }],
                      },
                    },
                  ],
                },
              ],
            },
          },
        },
      ],
    },
    {
      dynamic_route_configs: [
        {
          route_config: {
            name: "80",
            virtual_hosts: [{ routes: [{ route: { cluster: "outbound|80||a" } }] }],
          },
        },
      ],
    },
  ],
};
const statuses = {
  cluster_statuses: [{ name: "outbound|80||a", observability_name: "a:80" }, { name: "other" }],
};
const stats = timeStats(dump, statuses, "out");
const [down = "", up = ""] = [...stats.downstream, ...stats.upstream];

type Counts = readonly (readonly [lower: number, width: number, count: number])[];
const read = (downstream: Counts, upstream: Counts = []) =>
  parseHistograms({
    stats: [
      {
        histograms: {
          details: [[down, downstream] as const, [up, upstream] as const].map(([name, bins]) => ({
            name,
            totals: bins.map(([lower_bound, width, count]) => ({ lower_bound, width, count })),
          })),
        },
      },
    ],
  });

test("the stats are those of the listener's filter and of the clusters that its routes name, as Envoy writes them", () => {
  expect([down, up]).toEqual([
    "http.outbound_0.0.0.0_80.downstream_rq_time",
    "cluster.a_80.upstream_rq_time",
  ]);
  const filter = new RegExp(timesFilter(stats));
  expect([down, up].every((name) => filter.test(name))).toBe(true);
  expect(filter.test("cluster.a_80.external.upstream_rq_time")).toBe(false);
  expect(filter.test("http.outbound_0.0.0.0_80xdownstream_rq_time")).toBe(false);
});

test("a value is a cut millisecond: 2 is under 3, 120 is under 130, and only what the load added counts", () => {
  const first = read([[2, 0.1, 7]], [[0, 0, 3]]);
  const last = read(
    [
      [2, 0.1, 9],
      [12, 1, 4],
      [120, 10, 1],
    ],
    [[0, 0, 8]],
  );
  expect(timesBetween(stats, { first, last }, 100)).toEqual({
    downstream: [
      { fromMs: 2, toMs: 3, count: 2 },
      { fromMs: 12, toMs: 13, count: 4 },
      { fromMs: 120, toMs: 130, count: 1 },
    ],
    upstream: [{ fromMs: 0, toMs: 1, count: 5 }],
    reason: "",
  });
});

const reasonOf = (...args: Parameters<typeof timesBetween>) => timesBetween(...args).reason;

test("whatever is missing is said in words, and never guessed", () => {
  const one = read([[2, 0.1, 7]], [[1, 0.1, 7]]);
  const more = read([[2, 0.1, 9]], [[1, 0.1, 9]]);
  expect(reasonOf("its listener is not known", { first: one, last: more }, 9)).toBe(
    "its listener is not known",
  );
  expect(reasonOf(stats, null, 9)).toContain("did not flush its histograms twice during the load");
  // Of both sides, and said once.
  expect(
    reasonOf(stats, { first: one, last: one }, 9).match(/did not flush its histograms twice/g),
  ).toHaveLength(1);
  expect(reasonOf(stats, { first: more, last: one }, 9)).toContain("Envoy's counters went backwards");
  expect(reasonOf(stats, { first: one, last: read([[2, 0.1, 9]]) }, 9)).toContain("counters went backwards");
  expect(reasonOf(stats, { first: read([]), last: read([[2, 0.1, 9]]) }, 9)).toContain(
    `nothing in \`${up}\``,
  );
  expect(reasonOf(stats, { first: one, last: more }, 1)).toContain("other listeners' requests");
});

test("a matcher that hides one of the two leaves the other", () => {
  const bootstrap = {
    stats_config: { stats_matcher: { exclusion_list: { patterns: [{ prefix: "cluster." }] } } },
  };
  const hiding = timeStats({ configs: [{ bootstrap }, ...dump.configs] }, statuses, "out");
  const found = timesBetween(hiding, { first: read([]), last: read([[2, 0.1, 9]]) }, 9);
  expect(found.downstream).toEqual([{ fromMs: 2, toMs: 3, count: 9 }]);
  expect(found.upstream).toBeNull();
  expect(found.reason).toContain(
    'exclusion_list hides it: Remove from its patterns in Envoy\'s bootstrap, and restart it: {"prefix":"cluster."}',
  );
});

test("a listener that answers by itself is waiting for nobody", () => {
  const found = timeStats({ configs: [dump.configs[0]!] }, statuses, "out");
  expect(reasonOf(found, { first: read([]), last: read([[2, 0.1, 9]]) }, 9)).toBe(
    "its listener names no cluster (it answers by itself, or a header chooses)",
  );
});

test("of a mesh's every service no cluster is taken", () => {
  const names = Array.from({ length: 17 }, (_, i) => `c${i}`);
  const routes = names.map((cluster) => ({ route: { cluster } }));
  const many = [dump.configs[0]!, { dynamic_route_configs: [{ route_config: { name: "80", routes } }] }];
  const found = timeStats({ configs: many }, { cluster_statuses: names.map((name) => ({ name })) }, "out");
  expect(timesBetween(found, { first: read([]), last: read([[2, 0.1, 9]]) }, 9).reason).toContain(
    "routes to 17 clusters, more than the 16",
  );
});
