import { expect, test } from "vitest";
import type { Command } from "../../src/cli/command.ts";
import { inspectCommand } from "../../src/cli/inspect.ts";
import { labCommand } from "../../src/cli/lab.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { reportCommand } from "../../src/cli/report.ts";
import { runCommand } from "../../src/cli/run.ts";
import { thrown } from "../thrown.ts";

const commands: readonly Command[] = [runCommand, reportCommand, inspectCommand, labCommand];
const parse = (...args: string[]) => parseCommandLine(args, commands, 80);

/** Flags and positionals of a command line. */
async function read(...args: string[]): Promise<unknown> {
  const parsed = await parse(...args);
  return parsed.kind === "command" ? [parsed.command.name, parsed.values, parsed.positionals] : parsed.kind;
}

test.each<[args: string[], values: object, positionals: string[], why: string]>([
  [["run", "-c", "128", "-qps", "3000"], { c: "128", qps: "3000" }, [], "one dash, as Fortio"],
  [["run", "--c", "128", "--qps=3000"], { c: "128", qps: "3000" }, [], "two dashes, and an equals sign"],
  [["run", "-keepalive=false", "-quiet"], { keepalive: false, quiet: true }, [], "booleans"],
  [
    ["run", "-keepalive=F", "-linger0=1"],
    { keepalive: false, linger0: true },
    [],
    "booleans as Go spells them",
  ],
  [["run", "-linger0", "http://h"], { linger0: true }, ["http://h"], "a boolean takes no word"],
  [["run", "http://h", "-c", "4"], { c: "4" }, ["http://h"], "flags after the URL"],
  [["run", "a=http://h?x=1", "b=http://i"], {}, ["a=http://h?x=1", "b=http://i"], "several targets"],
  [["run", "-json", "-", "-a"], { json: "-", a: true }, [], "a dash is a value"],
  [["run", "-json=-"], { json: "-" }, [], "also behind an equals sign"],
  [["run", "-qps", "-5"], { qps: "-5" }, [], "a negative number is a value"],
  [["run", "-H", "a: 1", "-H", "b: 2"], { H: ["a: 1", "b: 2"] }, [], "a flag that may be repeated"],
  [["run", "-payload=-x=y"], { payload: "-x=y" }, [], "anything behind an equals sign"],
  [["run", "-labels", ""], { labels: "" }, [], "an empty text"],
  [["run", "-no-save"], { "no-save": true }, [], "no- is part of a name, not a negation"],
  [["run", "-labels", "007"], { labels: "007" }, [], "digits stay text"],
  [["run", "--", "-c"], {}, ["-c"], "after two dashes all is positional"],
])("%j: %s", async (args, values, positionals) => {
  expect(await read(...args)).toEqual(["run", values, positionals]);
});

test.each([
  [["run", "-qsp", "5"], "an unknown flag, near", "FLAG_INVALID (2): unknown flag -qsp | Did you mean -qps?"],
  [
    ["run", "--workres=3"],
    "an unknown flag with two dashes",
    "FLAG_INVALID (2): unknown flag -workres | Did you mean -workers?",
  ],
  [
    ["run", "-zzzzzz"],
    "an unknown flag, far",
    "FLAG_INVALID (2): unknown flag -zzzzzz | See mesh-load run -help.",
  ],
  [
    ["run", "-o", "x"],
    "another command's flag",
    "FLAG_INVALID (2): run has no flag -o | It is a flag of mesh-load report.",
  ],
  [["run", "-qps", "abc"], "not a number", 'FLAG_INVALID (2): -qps "abc" is not a number | Write -qps 1000.'],
  [
    ["run", "-qps", "0x10"],
    "not a number in decimals",
    'FLAG_INVALID (2): -qps "0x10" is not a number | Write -qps 1000.',
  ],
  [
    ["run", "-abort-on", "abc"],
    "not a status",
    'FLAG_INVALID (2): -abort-on "abc" is not a whole number | Write -abort-on 503.',
  ],
  [
    ["run", "-pid", "abc"],
    "not a process",
    'FLAG_INVALID (2): -pid "abc" is not a whole number | Write -pid 4711.',
  ],
  [
    ["run", "-tail", "p99"],
    "not a quantile",
    'FLAG_INVALID (2): -tail "p99" is not a number | Write -tail 0.999.',
  ],
  [
    ["run", "-c", "1.5"],
    "not a whole number",
    'FLAG_INVALID (2): -c "1.5" is no whole number, and no list of them | Write -c 8, or 2,8,32.',
  ],
  [
    ["run", "-t", "5"],
    "a duration without unit",
    'FLAG_INVALID (2): -t "5" is not a duration | Write -t 5s.',
  ],
  [
    ["run", "-t", "-5s"],
    "a negative duration",
    'FLAG_INVALID (2): -t "-5s" is not a duration | Write 250ms, 5s or 1m30s.',
  ],
  [
    ["run", "-map", "eplo"],
    "an unknown choice",
    'FLAG_INVALID (2): -map "eplo" is none of auto, epoll, header, unwind, serial, none | Did you mean -map epoll?',
  ],
  [["run", "-c"], "no value at the end", "FLAG_INVALID (2): -c lacks its value | See mesh-load run -help."],
  [
    ["run", "-c", "-qps", "5"],
    "no value in the middle",
    "FLAG_INVALID (2): -c lacks its value | See mesh-load run -help.",
  ],
  [
    ["run", "-c", "5", "-c", "6"],
    "a flag twice",
    "FLAG_INVALID (2): -c is given 2 times | Keep one of them.",
  ],
  [
    ["run", "-quiet", "-quiet=false"],
    "a boolean twice",
    "FLAG_INVALID (2): -quiet is given twice | Keep one of the two.",
  ],
  [
    ["run", "-keepalive=ture"],
    "neither true nor false",
    "FLAG_INVALID (2): -keepalive=ture is neither true nor false | Write -keepalive=true or -keepalive=false.",
  ],
  [
    ["run", "-keepalive", "false"],
    "a boolean without equals sign",
    "FLAG_INVALID (2): -keepalive false needs an equals sign | Write -keepalive=false.",
  ],
  [
    ["run", "-r", "0.1"],
    "Fortio's histogram resolution",
    "FLAG_INVALID (2): -r is refused: it shapes the buckets of Fortio's histogram, and changes no latency | Leave it out; three digits of every latency are kept.",
  ],
  [
    ["run", "-offset", "1ms"],
    "Fortio's histogram",
    "FLAG_INVALID (2): -offset is refused: it shapes the buckets of Fortio's histogram, and changes no latency | Leave it out; three digits of every latency are kept.",
  ],
  [
    ["run", "-grpc"],
    "Fortio's other protocols",
    "FLAG_INVALID (2): -grpc is a flag of Fortio's that mesh-load does not have | It drives HTTP/1.1 and HTTP/2.",
  ],
  [["run", "-gomaxprocs", "2"], "Go's own", "FLAG_INVALID (2): -gomaxprocs is for Go | Use -threads."],
  [["runn"], "an unknown command, near", 'FLAG_INVALID (2): unknown command "runn" | Did you mean "run"?'],
  [
    ["load", "-c", "5"],
    "an unknown command, far",
    'FLAG_INVALID (2): unknown command "load" | Write mesh-load run.',
  ],
  [
    ["-c", "5", "run"],
    "a flag before the command",
    "FLAG_INVALID (2): -c comes before the command | Write mesh-load run -c …",
  ],
  [["http://h"], "no command", "FLAG_INVALID (2): the command is missing | Write mesh-load run http://h"],
  [
    ["inspect"],
    "too few arguments",
    "FLAG_INVALID (2): inspect needs ADMIN-URL ... | See mesh-load inspect -help.",
  ],
  [
    ["lab", "http://h"],
    "too many arguments",
    'FLAG_INVALID (2): lab has no use for "http://h" | It takes no arguments.',
  ],
])("refuses %j (%s)", async (args, _why, expected) => {
  expect(await thrown(() => parse(...args))).toBe(expected);
});

test.each(commands.map((command) => [command.name, command] as const))(
  "the help of %s tells every flag",
  async (name, command) => {
    const help = await parse(name, "-help");
    const text = help.kind === "help" ? help.text : "";
    for (const flag of command.flags) {
      expect(text).toMatch(new RegExp(`^  -${flag.name} +\\S`, "m"));
      for (const choice of flag.choices ?? []) expect(text).toContain(choice);
    }
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(await parse(name, "--help")).toEqual(help);
    expect(await parse("-help", name)).toEqual(help);
  },
);

test("the overview tells every command", async () => {
  expect(await parse()).toMatchInlineSnapshot(`
    {
      "kind": "help",
      "text": "mesh-load COMMAND [flags]

    Load-tests Envoy at a fixed rate, and tells how much of the tail latency is the
    skew of connections over its workers.

    Commands:
      mesh-load run [URL | BOOTSTRAP |          Drive a load and tell how much of
      MODE=URL ...]                             the tail is the skew of connections
                                                over workers
      mesh-load report RESULT...                Show saved results again, or turn
                                                them into another format
      mesh-load inspect ADMIN-URL ...           For each listener of one Envoy or
                                                several: the mode configured, the
                                                mode in effect, and connections per
                                                worker
      mesh-load lab                             Start Envoy with a listener for each
                                                mode, print the addresses, and keep
                                                it up

    Examples:
      mesh-load run -c 128 -qps 3000            An Envoy of its own, in each
                                                listener mode
      mesh-load report                          As run showed it
      results/2025-01-31-120000_lab.json
      mesh-load inspect http://127.0.0.1:15000  Is my listener config applied? Exit
                                                code 1 says no
      mesh-load lab                             Three listeners, two workers, until
                                                Ctrl-C

    Topics:
      mesh-load help exit-codes  What a command's exit code tells a script
      mesh-load help warnings    Doubts about a measurement, and what to do
      mesh-load help gates       What can be asked of a result, and how

    mesh-load COMMAND -help lists a command's flags. Both -flag and --flag work.
    ",
    }
  `);
});

test("flags have one meaning each, and Fortio's names", () => {
  for (const { flags } of commands) {
    const names = flags.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  }
});

test("asks for the version in every spelling", async () => {
  for (const word of ["-version", "--version", "version"]) expect(await read(word)).toBe("version");
});
