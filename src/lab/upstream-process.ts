/** The upstream's process: told its plan over IPC, it tells its port, serves, and ends with its parent. */

import { createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { AddressInfo, Server, Socket } from "node:net";
import type { UpstreamPlan } from "../plan/plan.ts";
import type { UpstreamListening } from "./upstream.ts";
import { calibrateHeader } from "./worker-script.ts";

/** Envoy's workers ask over one session each, whose open bodies Node would bound to 10 MB, and refuse streams beyond. */
const unboundedMb = 1e6;

process.once("message", (plan: UpstreamPlan) => void serve(plan));

function serve(plan: UpstreamPlan): void {
  const answer = createAnswer(plan);
  // Envoy keeps idle connections for long; a close from this side would race with its next request.
  const server: Server =
    plan.protocol === "h2c"
      ? createHttp2Server({ maxSessionMemory: unboundedMb }, answer)
      : createServer({ keepAliveTimeout: 0 }, answer);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // The channel closes however the parent ends, SIGKILL included.
  process.once("disconnect", () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
    const message: UpstreamListening = { port: (server.address() as AddressInfo).port };
    process.send?.(message);
  });
}

type Answer = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/** Delays are whole milliseconds, for so are the timers; a fraction counts as one. */
function createAnswer({ delayUs, sizeBytes, status }: UpstreamPlan): Answer {
  // RFC 9110 §15: no content, whatever size was asked for.
  const bodiless = status === 204 || status === 304;
  const body = Buffer.alloc(bodiless ? 0 : sizeBytes, "x");
  const delayMs = Math.ceil(delayUs / 1e3);
  return (request, response) => {
    const answer = (): void => {
      response.statusCode = status;
      if (!bodiless) response.setHeader("content-length", body.length);
      response.end(body);
    };
    request.resume();
    // The calibration measures Envoy, and need not wait for us.
    if (delayMs === 0 || request.headers[calibrateHeader] !== undefined) answer();
    else setTimeout(answer, delayMs).unref();
  };
}
