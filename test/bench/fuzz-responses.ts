/** 10⁶ mutated and random responses through each of both parsers: `node test/bench/fuzz-responses.ts`. Some minutes. */

import { readFileSync, readdirSync } from "node:fs";
import { fuzz } from "../driver/http1/fuzz-responses.ts";
import { fuzzFrames } from "../driver/http2/fuzz-frames.ts";

const rounds = 10;
const perRound = 100_000;

const folder = new URL("../fixtures/http1/", import.meta.url);
const seeds = readdirSync(folder)
  .filter((name) => name.endsWith(".http"))
  .map((name) => readFileSync(new URL(name, folder)))
  .filter((octets) => octets.length < 1000);

for (let seed = 101; seed < 101 + rounds; seed++) {
  console.log(`HTTP/1.1, seed ${seed}:`, JSON.stringify(fuzz({ seeds, seed, count: perRound })));
  console.log(`HTTP/2, seed ${seed}:`, JSON.stringify(fuzzFrames({ seed, count: perRound })));
}
