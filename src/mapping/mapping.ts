/**
 * Connection → worker for one run: takes the ways that are possible, merges them in the order epoll, header, unwind,
 * and compares them wherever two of them know the same connection.
 *
 *   startMapping   before the load, while every worker idles
 *   sample         after the connections are open, and again before they are closed
 *   finish         after the load
 */

import { setTimeout as sleep } from "node:timers/promises";
import { MeshLoadError } from "../errors.ts";
import type { LoadPlan, MapChoice } from "../plan/plan.ts";
import type { LoadConnection } from "../result/load.ts";
import type { Mapping } from "../result/mapping.ts";
import type { ReadCounts } from "./counts.ts";
import { createEpollMapper } from "./epoll.ts";
import type { EpollMapper } from "./epoll.ts";
import { mapByHeader } from "./header.ts";
import { mergeAnswers } from "./merge-answers.ts";
import type { Answer } from "./merge-answers.ts";
import { startSerial } from "./serial.ts";
import type { SerialAnswer, SerialMapper } from "./serial.ts";
import { mapByUnwind } from "./unwind.ts";
import type { WorkerTask } from "../scraper/worker-tasks.ts";

export interface MappingOptions {
  readonly choice: MapChoice;
  readonly keepalive: boolean;
  /** The server's, where it is known and on this machine. */
  readonly pid: number | null;
  /** Its workers as the kernel knows them. */
  readonly tasks: readonly WorkerTask[];
  /** Port that the load goes to; 0 for a Unix domain socket. */
  readonly serverPort: number;
  /** What watching the connections being opened told, where they were opened one at a time. */
  readonly serial?: SerialAnswer | null;
  /** The listener's `downstream_cx_active` of each worker, or `null` without an admin. */
  readonly readActive: ReadCounts | null;
  /** Its `downstream_cx_total`, without which unwind cannot be sure beside clients that hold connections. */
  readonly readTotal: ReadCounts | null;
}

interface FinishOptions {
  /** Every connection of the load, as the driver hands them over. */
  readonly connections: readonly LoadConnection[];
  /** Closes one that is still open; unwind needs it. */
  readonly close: (id: number) => Promise<void>;
}

/** The mapping of one run while it runs. */
export interface RunningMapping {
  /** Asks the kernel for the workers of those of `connections` that are open now and that it has not told before. */
  sample(connections: readonly LoadConnection[]): Promise<void>;
  /** Puts together what is known, closing connections where unwind is what is left; `reason` says how in words. */
  finish(options: FinishOptions): Promise<Mapping>;
}

/** An accepted connection may be watched a moment later: pauses before the looks after the first. */
const sampleAgainMs = [5, 20, 50];

/**
 * Starts the mapping of one run. Throws `PLAN_IMPOSSIBLE` where an explicit choice lacks what it needs; `auto` never
 * throws for that.
 */
export async function startMapping(options: MappingOptions): Promise<RunningMapping> {
  const { choice, keepalive, tasks, serial = null, readActive, readTotal } = options;
  const epoll = choice === "none" ? refuse("it is turned off") : await startEpoll(options);
  const unwindObstacle = whyNoUnwind(options);
  if (choice === "serial" && serial === null)
    throw impossible(choice, "connections were not watched being opened");
  if (choice === "epoll" && epoll.obstacle !== null) throw impossible(choice, epoll.obstacle);
  if (choice === "unwind" && unwindObstacle !== null) throw impossible(choice, unwindObstacle);
  const byEpoll = new Map<number, number>();
  let epollObstacle = epoll.obstacle;

  return {
    async sample(connections) {
      for (const pauseMs of [0, ...sampleAgainMs]) {
        const missing = connections.filter((each) => isOpen(each) && !byEpoll.has(each.id));
        if (missing.length === 0) return;
        if (pauseMs > 0) await sleep(pauseMs);
        const { workerOf, obstacle } = await epoll.map(missing);
        for (const [id, worker] of workerOf) byEpoll.set(id, worker);
        epollObstacle = obstacle;
        if (obstacle !== null && workerOf.size === 0) return;
      }
    },

    async finish({ connections, close }) {
      const opened = connections.filter(({ connectTimeUs }) => connectTimeUs !== null);
      if (choice === "none") return mergeAnswers(choice, [], opened.length);
      const byHeader = mapByHeader(opened, tasks);
      const answers: Answer[] = [
        {
          method: "epoll",
          workerOf: byEpoll,
          obstacle: epollObstacle ?? "some were in no worker's epoll instance",
        },
        { method: "header", workerOf: byHeader, obstacle: "some responses named no worker" },
      ];
      if (serial !== null) answers.push({ method: "serial", ...serial });
      const open = opened.filter(isOpen);
      const unknown = open.filter(({ id }) => !byEpoll.has(id) && !byHeader.has(id));
      const toClose = choice === "unwind" ? open : choice === "auto" ? unknown : [];
      if (readActive !== null && keepalive && toClose.length > 0) {
        const { workerOf, obstacle } = await mapByUnwind({
          connections: toClose,
          open: open.length,
          close,
          readActive,
          readTotal,
        });
        answers.push({ method: "unwind", workerOf, obstacle: obstacle ?? "some had closed before" });
      } else if (unwindObstacle !== null) {
        answers.push({ method: "unwind", workerOf: new Map(), obstacle: unwindObstacle });
      }
      return mergeAnswers(choice, answers, opened.length);
    },
  };
}

/** Watches connections being opened, for `-map serial`. @throws MeshLoadError PLAN_IMPOSSIBLE where that shows nothing */
export async function watchOpenings(
  readTotal: ReadCounts | null,
  connect: LoadPlan["connect"],
): Promise<SerialMapper> {
  if (connect !== "serial")
    throw impossible("serial", "connections are not opened one at a time (-connect serial)");
  if (readTotal === null) throw impossible("serial", "the admin of the Envoy is not known (-admin)");
  return startSerial({ readTotal });
}

const isOpen = ({ connectTimeUs, closedAtUs }: LoadConnection): boolean =>
  connectTimeUs !== null && closedAtUs === null;

async function startEpoll({ keepalive, pid, tasks, serverPort }: MappingOptions): Promise<EpollMapper> {
  if (!keepalive) return refuse("connections are too short-lived to be looked up");
  if (pid === null) return refuse("the PID of the server is not known (-pid)");
  if (serverPort === 0)
    return refuse("connections on a Unix domain socket have no ports to be told apart by");
  return createEpollMapper({ pid, tasks, serverPort });
}

function refuse(obstacle: string): EpollMapper {
  return { obstacle, map: async () => ({ workerOf: new Map(), obstacle }) };
}

function whyNoUnwind({ keepalive, readActive }: MappingOptions): string | null {
  if (!keepalive) return "connections are too short-lived to be closed in turn";
  return readActive === null ? "the admin of the Envoy is not known (-admin)" : null;
}

function impossible(choice: MapChoice, obstacle: string): MeshLoadError {
  return new MeshLoadError("PLAN_IMPOSSIBLE", `-map ${choice} is not possible: ${obstacle}`, {
    hint: "-map auto takes what is possible and says what it was.",
  });
}
