import { describe, expect, it } from "vitest";
import { whyHidden } from "../../src/scraper/stats-matcher.ts";

const stat = "listener.0.0.0.0_15006.worker_0.downstream_cx_active";
const dumpWith = (matcher: object | null, node: object = {}): object => ({
  configs: [{ bootstrap: { node, stats_config: matcher === null ? {} : { stats_matcher: matcher } } }, {}],
});
const included = (...patterns: object[]): object => dumpWith({ inclusion_list: { patterns } });

describe("a stats matcher", () => {
  it.each([
    ["no matcher at all", dumpWith(null)],
    ["no dump", null],
    ["a prefix of it", included({ prefix: "cluster." }, { prefix: "listener." })],
    ["its suffix", included({ suffix: "_cx_active" })],
    ["what it contains, whatever the case", included({ contains: "WORKER_0", ignore_case: true })],
    ["itself", included({ exact: stat })],
    ["a regular expression", included({ safe_regex: { regex: "listener\\..*\\.worker_\\d+\\..*" } })],
    ["an exclusion of others", dumpWith({ exclusion_list: { patterns: [{ prefix: "cluster." }] } })],
  ])("does not hide the stat by %s", (_, dump) => {
    expect(whyHidden(dump, stat)).toBeNull();
  });

  it("that includes others needs these lines", () => {
    const dump = included(
      { prefix: "cluster." },
      { safe_regex: { regex: "listener" } },
      { safe_regex: { regex: "(" } },
    );
    expect(whyHidden(dump, stat)).toEqual({
      cause: "stats_config.stats_matcher.inclusion_list leaves it out",
      remedy:
        'Add to stats_config.stats_matcher.inclusion_list.patterns in Envoy\'s bootstrap: {"prefix": "listener."}, {"prefix": "listener_manager."}; and restart it.',
    });
  });

  it.each([{ metadata: { ISTIO_VERSION: "1.30.0" } }, { id: "sidecar~10.0.0.1~a.b~b.svc" }])(
    "of Istio (%j) needs an annotation",
    (node) => {
      const dump = dumpWith({ inclusion_list: { patterns: [] } }, node);
      expect(whyHidden(dump, stat)?.remedy).toBe(
        `Annotate the pod with proxy.istio.io/config: '{"proxyStatsMatcher": {"inclusionPrefixes": ["listener.", "listener_manager."]}}', and restart it.`,
      );
    },
  );

  it("that excludes it or rejects all is to be removed", () => {
    const patterns = [{ prefix: "cluster." }, { contains: ".worker_" }];
    expect(whyHidden(dumpWith({ exclusion_list: { patterns } }), stat)?.remedy).toContain(
      'restart it: {"contains":".worker_"}.',
    );
    expect(whyHidden(dumpWith({ reject_all: true }), stat)?.cause).toContain("hides every stat");
  });
});
