/** The Lua that every worker of the lab runs on each request. */

/** Response header that names the worker by its thread: `wrk:worker_1`, or `?` where there is no procfs. */
export const workerHeader = "x-envoy-worker";

/** Request header of the calibration: turns to burn on this one request. Ignored once a worker has read the work file. */
export const calibrateHeader = "x-mesh-load-calibrate";

/**
 * Lua source for Envoy's Lua filter. Each worker has a Lua state of its own, on its own thread, and reads its name
 * there once. Not when the script loads: Envoy names a thread after it has started it, and the script may be first.
 *
 * @param workFile where the turns to burn will stand, in decimal, once they are known; `null` for no work
 */
export function workerScript(workFile: string | null): string {
  return workFile === null ? stamp : `${stamp}\n${burn(workFile)}`;
}

const stamp = `local worker = nil

local function read_worker()
  local comm = io.open("/proc/thread-self/comm")
  if not comm then
    worker = "?"
    return worker
  end
  local name = comm:read("*l")
  comm:close()
  if name:find("^wrk:") then
    worker = name
  end
  return name
end

function envoy_on_response(handle)
  handle:headers():replace("${workerHeader}", worker or read_worker())
end`;

// One loop serves the calibration and the load, so that both run the same compiled trace.
function burn(workFile: string): string {
  return `
local turns = nil

local function burn(count)
  local sum = 0
  for i = 1, count do
    sum = sum + i % 7
  end
  return sum
end

local function read_turns()
  local file = io.open(${JSON.stringify(workFile)})
  if file then
    turns = tonumber(file:read("*l"))
    file:close()
  end
end

function envoy_on_request(handle)
  if turns then
    burn(turns)
    return
  end
  local asked = handle:headers():get("${calibrateHeader}")
  if asked then
    burn(tonumber(asked) or 0)
    return
  end
  read_turns()
  if turns then
    burn(turns)
  end
end`;
}
