import { expect, test } from "vitest";
import { listenersOf, parsePrometheus } from "../../src/scraper/prometheus.ts";
import { parseListenerCounts } from "../../src/scraper/stats.ts";

// Lines of an Envoy 1.40 with a listener on IPv4, one on IPv6, and one whose stat_prefix is `my.edge-x`.
const page = `# TYPE envoy_listener_admin_downstream_cx_total counter
envoy_listener_admin_downstream_cx_total{} 2
# TYPE envoy_listener_downstream_cx_total counter
envoy_listener_downstream_cx_total{envoy_listener_address="127.0.0.1_19902"} 7
envoy_listener_downstream_cx_total{envoy_listener_address="[__1]_19904"} 0
# TYPE envoy_listener_edge_x_downstream_cx_total counter
envoy_listener_edge_x_downstream_cx_total{envoy_listener_address="my"} 5
# TYPE envoy_listener_edge_x_http_downstream_rq_completed counter
envoy_listener_edge_x_http_downstream_rq_completed{envoy_http_conn_manager_prefix="ing",envoy_listener_address="my"} 9
# TYPE envoy_listener_edge_x_worker_1_downstream_cx_active gauge
envoy_listener_edge_x_worker_1_downstream_cx_active{envoy_listener_address="my"} 3
# TYPE envoy_listener_http_downstream_rq_completed counter
envoy_listener_http_downstream_rq_completed{envoy_http_conn_manager_prefix="ing",envoy_listener_address="127.0.0.1_19902"} 11
# TYPE envoy_listener_worker_downstream_cx_total counter
envoy_listener_worker_downstream_cx_total{envoy_worker_id="0",envoy_listener_address="127.0.0.1_19902"} 4
envoy_listener_worker_downstream_cx_total{envoy_worker_id="1",envoy_listener_address="127.0.0.1_19902"} 3
# TYPE envoy_listener_worker_downstream_cx_active gauge
envoy_listener_worker_downstream_cx_active{envoy_worker_id="0",envoy_listener_address="127.0.0.1_19902"} 2
envoy_listener_worker_downstream_cx_active{envoy_worker_id="1",envoy_listener_address="127.0.0.1_19902"} 1
# TYPE envoy_listener_manager_workers_started gauge
envoy_listener_manager_workers_started{} 1
`;

test("the page says what /stats does, under the same names", () => {
  expect(parseListenerCounts(parsePrometheus(page), "127.0.0.1_19902")).toEqual({
    connections: 7,
    requests: 11,
    workers: new Map([
      [0, { active: 2, opened: 4 }],
      [1, { active: 1, opened: 3 }],
    ]),
  });
});

test("a stat_prefix with dots, which the page splits, is put together again", () => {
  expect(parseListenerCounts(parsePrometheus(page), "my.edge_x")).toEqual({
    connections: 5,
    requests: 9,
    workers: new Map([[1, { active: 3, opened: null }]]),
  });
});

test("its listeners are known by their addresses, where their names say them", () => {
  expect(listenersOf(parsePrometheus(page)!.stats).map(({ statName, tcp }) => [statName, tcp])).toEqual([
    ["127.0.0.1_19902", { host: "127.0.0.1", port: 19_902 }],
    ["[__1]_19904", { host: "::1", port: 19_904 }],
    ["my.edge_x", null],
  ]);
});

test.each(["", "<html></html>", "go_goroutines 7\n", "# TYPE envoy_x counter\n"])(
  "%j is no page of an Envoy",
  (text) => {
    expect(parsePrometheus(text)).toBeNull();
  },
);
