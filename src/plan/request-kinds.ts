/** Several kinds of request, by weight. */

import { demand, isWhole } from "./impossible.ts";
import { layerRequest } from "./layer.ts";
import type { RequestKindPlan } from "./plan.ts";
import type { LoadProfile, RequestKindProfile } from "./profile.ts";
import { resolveRequest } from "./request-plan.ts";
import { restoreUuid } from "./target-url.ts";

const mostKinds = 100;
const largestWeight = 1000;

/**
 * What a kind leaves open is taken from `load.request`, header by header. No name given: method and path.
 *
 * @throws MeshLoadError PLAN_IMPOSSIBLE
 */
export function resolveRequestKinds(
  { request = {}, requests = [] }: LoadProfile,
  seed: number,
): RequestKindPlan[] {
  demand(
    requests.length <= mostKinds,
    `load.requests has ${requests.length} kinds of request`,
    `Use at most ${mostKinds}.`,
  );
  const kinds = requests.map((kind, i) =>
    resolveKind(kind, `load.requests[${i}]`, (own) => resolveRequest(layerRequest(request, own), seed)),
  );
  for (const [i, { name }] of kinds.entries())
    demand(
      kinds.findIndex((other) => other.name === name) === i,
      `load.requests: two kinds of request are called ${name}`,
      "Give them names of their own.",
    );
  return kinds;
}

function resolveKind(
  { name, weight = 1, path, ...own }: RequestKindProfile,
  place: string,
  resolve: (own: LoadProfile["request"] & object) => Omit<RequestKindPlan, "name" | "weight" | "path">,
): RequestKindPlan {
  demand(
    isWhole(weight, 1, largestWeight),
    `${place}.weight ${weight} is out of range`,
    `Use a whole number, 1 to ${largestWeight}.`,
  );
  const request = resolve(own);
  const normal = path === undefined ? null : checkPath(path, place);
  return {
    name: name ?? [request.method, normal].filter(Boolean).join(" "),
    weight,
    path: normal,
    ...request,
  };
}

/** As a URL would have it: percent-encoded, without a fragment. */
function checkPath(path: string, place: string): string {
  const url = path.startsWith("/") ? URL.parse(`http://host${path}`) : null;
  demand(url !== null, `${place}.path ${JSON.stringify(path)} is no path`, "Write /PATH?QUERY.");
  return restoreUuid(url.pathname + url.search);
}
