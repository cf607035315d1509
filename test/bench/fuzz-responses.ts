/** 10⁶ mutated and random responses through the parser and its oracle: `node test/bench/fuzz-responses.ts`. Some minutes. */

import { readFileSync, readdirSync } from "node:fs";
import { fuzz } from "../driver/http1/fuzz-responses.ts";

const rounds = 10;
const perRound = 100_000;

const folder = new URL("../fixtures/http1/", import.meta.url);
const seeds = readdirSync(folder)
  .filter((name) => name.endsWith(".http"))
  .map((name) => readFileSync(new URL(name, folder)))
  .filter((octets) => octets.length < 1000);

for (let seed = 101; seed < 101 + rounds; seed++)
  console.log(`seed ${seed}:`, JSON.stringify(fuzz({ seeds, seed, count: perRound })));
