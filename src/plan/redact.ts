/** Secrets stay in the plan that drives; what is printed or stored is redacted. */

import type { Plan, ProxyPlan, RequestPlan } from "./plan.ts";

const secretNames =
  /^(proxy-)?authorization$|cookie|token|secret|password|credential|session|api-?key|^x-.*-key$/i;

/** The plan as results carry it: values of credential headers and the body are replaced, the body's size is kept. */
export function redactPlan(plan: Plan): Plan {
  const { proxies, request, requests } = plan.load;
  return {
    ...plan,
    load: {
      ...plan.load,
      proxies: redactProxies(proxies),
      request: redactRequest(request),
      requests: requests.map(redactRequest),
    },
  };
}

function redactRequest<T extends RequestPlan>(request: T): T {
  const { headers, body } = request;
  return {
    ...request,
    headers: headers.map(([name, value]) => [name, secretNames.test(name) ? "redacted" : value] as const),
    body: body === null ? null : redactBody(body),
  };
}

function redactProxies(proxies: ProxyPlan | null): ProxyPlan | null {
  if (proxies === null) return null;
  const { http, https, except } = proxies;
  return { http: redactUrl(http), https: redactUrl(https), except };
}

const redactUrl = (url: string | null): string | null => url && url.replace(/\/\/.*@/, "//redacted@");

function redactBody(body: string): string {
  // Parentheses are not base64: a body that has them was redacted before.
  return body.includes("(") ? body : `redacted (${Buffer.from(body, "base64").length} bytes)`;
}
