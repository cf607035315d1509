/** The proxies of the environment, by their names in capitals or not, as curl and Go read them. */

import type { ProxyPlan } from "../plan/plan.ts";
import { environmentProxies } from "../plan/proxy-plan.ts";

export function readProxies(): ProxyPlan | null {
  return environmentProxies({
    http: variable("HTTP_PROXY"),
    https: variable("HTTPS_PROXY"),
    except: variable("NO_PROXY"),
  });
}

function variable(name: string): string | undefined {
  return process.env[name] || process.env[name.toLowerCase()] || undefined;
}
