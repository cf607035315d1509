/** Why Envoy does not show a stat: its `stats_matcher`, out of `/config_dump`; and the exact lines that make it. Pure. */

interface Pattern {
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly safe_regex?: { readonly regex?: string };
  readonly ignore_case?: boolean;
}

interface Patterns {
  readonly patterns?: readonly Pattern[];
}

interface Bootstrap {
  readonly node?: { readonly id?: string; readonly metadata?: Readonly<Record<string, unknown>> };
  readonly stats_config?: {
    readonly stats_matcher?: {
      readonly reject_all?: boolean;
      readonly inclusion_list?: Patterns;
      readonly exclusion_list?: Patterns;
    };
  };
}

/** What hides stat `name`, and what to do about it, in words; `null` where no matcher does. */
export function whyHidden(dump: unknown, name: string): { cause: string; remedy: string } | null {
  const sections = (dump as { configs?: readonly { bootstrap?: Bootstrap }[] } | null)?.configs ?? [];
  const bootstrap = sections.find((section) => section.bootstrap !== undefined)?.bootstrap;
  const matcher = bootstrap?.stats_config?.stats_matcher;
  if (bootstrap === undefined || matcher === undefined) return null;
  const place = "stats_config.stats_matcher";
  if (matcher.reject_all === true)
    return {
      cause: `${place}.reject_all hides every stat`,
      remedy: `Remove ${place} from Envoy's bootstrap, and restart it.`,
    };
  if (matcher.inclusion_list !== undefined) {
    if (matcher.inclusion_list.patterns?.some((pattern) => matches(pattern, name))) return null;
    return { cause: `${place}.inclusion_list leaves it out`, remedy: remedyFor(bootstrap) };
  }
  const guilty = matcher.exclusion_list?.patterns?.filter((pattern) => matches(pattern, name)) ?? [];
  if (guilty.length === 0) return null;
  return {
    cause: `${place}.exclusion_list hides it`,
    remedy: `Remove from its patterns in Envoy's bootstrap, and restart it: ${guilty.map((one) => JSON.stringify(one)).join(", ")}.`,
  };
}

function remedyFor({ node }: Bootstrap): string {
  const istio =
    node?.metadata?.["ISTIO_VERSION"] !== undefined || /^(sidecar|router|waypoint)~/.test(node?.id ?? "");
  return istio
    ? `Annotate the pod with proxy.istio.io/config: '{"proxyStatsMatcher": {"inclusionPrefixes": ["listener.", "listener_manager."]}}', and restart it.`
    : `Add to stats_config.stats_matcher.inclusion_list.patterns in Envoy's bootstrap: {"prefix": "listener."}, {"prefix": "listener_manager."}; and restart it.`;
}

/** envoy.type.matcher.v3.StringMatcher; a regular expression matches the whole. */
function matches(pattern: Pattern, name: string): boolean {
  const fold = (text: string): string => (pattern.ignore_case === true ? text.toLowerCase() : text);
  const stat = fold(name);
  if (pattern.exact !== undefined) return stat === fold(pattern.exact);
  if (pattern.prefix !== undefined) return stat.startsWith(fold(pattern.prefix));
  if (pattern.suffix !== undefined) return stat.endsWith(fold(pattern.suffix));
  if (pattern.contains !== undefined) return stat.includes(fold(pattern.contains));
  try {
    return new RegExp(`^(?:${pattern.safe_regex?.regex ?? "$^"})$`).test(name);
  } catch {
    return false; // RE2 knows a few things that JavaScript does not.
  }
}
