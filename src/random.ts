/** Seeded randomness: every draw of a run can be repeated from the seed in its result. */

/** A uniform draw from [0, 1). */
export type Random = () => number;

/**
 * A stream of uniform draws. Different `stream` names of one seed are independent of each other.
 * Generator: sfc32 (C. Doty-Humphrey, PractRand), seeded through a 32-bit string hash (FNV-1a with a final mix).
 */
export function seededRandom(seed: number, stream: string): Random {
  let a = hash32(`${stream}:${seed}`);
  let b = hash32(`${seed}:${stream}`);
  let c = seed >>> 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** Fisher-Yates: `items` in random order, as a new array. */
export function shuffle<T>(items: readonly T[], random: Random): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
