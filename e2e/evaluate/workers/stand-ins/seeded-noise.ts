/** Stands in for the module of this name: the same noise, of a seed that the page names. */
export * from '../../../../src/video/redaction/cover/seeded-noise.ts';

let seed = 0;

/** What a compositor that is made from now on gets. */
export function setSeed(next: number): void {
  seed = next >>> 0;
}

export const randomSeed = (): number => seed;
