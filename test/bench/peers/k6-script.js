// The load for k6, from the environment that `-e` gives it.
import http from "k6/http";

const { TARGET, CONNECTIONS, QPS, SECONDS, KEEPALIVE } = __ENV;
const connections = Number(CONNECTIONS);
const duration = `${SECONDS}s`;

export const options = {
  discardResponseBodies: true,
  insecureSkipTLSVerify: true,
  noConnectionReuse: KEEPALIVE !== "true",
  summaryTrendStats: ["p(50)", "p(99)"],
  scenarios: {
    load:
      Number(QPS) > 0
        ? {
            executor: "constant-arrival-rate",
            rate: Number(QPS),
            timeUnit: "1s",
            duration,
            preAllocatedVUs: connections,
            maxVUs: connections,
          }
        : { executor: "constant-vus", vus: connections, duration },
  },
};

// oxlint-disable-next-line import/no-default-export -- k6 runs the default export
export default function request() {
  http.get(TARGET);
}

export function handleSummary(data) {
  return { stdout: JSON.stringify(data.metrics.http_req_duration.values) };
}
