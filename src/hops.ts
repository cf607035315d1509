/**
 * The proxies behind the first: each is watched as the first is, and the connections between them are mapped.
 *
 *   startHops   before the load: finds each by where the one before it sends its requests
 *   look        before the load: which connections between them are there already
 *   begin       the load starts
 *   stop        the load has ended
 */

import { MeshLoadError } from "./errors.ts";
import { createLinkMapper } from "./mapping/links.ts";
import type { LinkMapper } from "./mapping/links.ts";
import type { Mode } from "./plan/mode.ts";
import type { HopPlan } from "./plan/plan.ts";
import type { ObservedHop } from "./result/observation.ts";
import { startScraper } from "./scraper/scraper.ts";
import type { Scraper } from "./scraper/scraper.ts";

export interface Hops extends AsyncDisposable {
  readonly look: () => Promise<void>;
  readonly begin: () => void;
  /** In the order of the path; none where no hop is watched. Never rejects. */
  readonly stop: () => Promise<readonly ObservedHop[]>;
}

export interface HopsOptions {
  readonly first: Scraper;
  readonly hops: readonly HopPlan[];
  /** The mode that all of them are meant to be in; `null` where nobody said. */
  readonly mode: Mode | null;
  readonly intervalMs: number;
}

/** @throws MeshLoadError ADMIN_UNREACHABLE, ADMIN_NOT_ENVOY, PROCESS_NOT_FOUND, PLAN_IMPOSSIBLE: no such listener, or the same proxy twice */
export async function startHops({ first, hops, mode, intervalMs }: HopsOptions): Promise<Hops> {
  await using started = new AsyncDisposableStack();
  const path = [first];
  const mappers: LinkMapper[] = [];
  for (const hop of hops) {
    const before = path.at(-1)!;
    const upstreams = await before.readUpstreams().catch(() => []);
    const scraper = started.use(
      await startScraper({ target: { ...hop, mode, url: "" }, upstreams, intervalMs }),
    );
    refuseTwice(scraper, path);
    path.push(scraper);
    mappers.push(await createLinkMapper(before, scraper));
  }
  if (hops.length > 0) await Promise.all(path.map((scraper) => scraper.watchTimes()));
  const behind = path.slice(1);
  first.takeAsOwn(behind.flatMap(({ pid, tasks }) => [pid ?? [], tasks.map((task) => task.pid)].flat()));
  const owned = started.move();
  return {
    async look() {
      for (const mapper of mappers) await mapper.look();
    },
    begin: () => behind.forEach((scraper) => scraper.begin()),
    stop: async () => {
      const links = await Promise.all(mappers.map((mapper) => mapper.finish()));
      const observations = await Promise.all(behind.map((scraper) => scraper.stop()));
      return observations.map((observation, i) => ({ observation, links: links[i]! }));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Two addresses may lead to one proxy. */
function refuseTwice({ foundPid: pid }: Scraper, path: readonly Scraper[]): void {
  const same = path.findIndex((other) => pid !== null && other.foundPid === pid);
  if (same === -1) return;
  throw new MeshLoadError(
    "PLAN_IMPOSSIBLE",
    `hop ${path.length + 1} is the same proxy as hop ${same + 1}: process ${pid}`,
    { hint: "Give each proxy on the path once, the one nearest to the client first." },
  );
}
