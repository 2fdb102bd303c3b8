// Pictures of people who are known by number: verify/pairs.json.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sample } from '../seeded.mjs';

/** @typedef {{ a: string, b: string, same: boolean, set: string, fold: number }} Pair pictures by their path below verify/ */

/** @param {string} data */
export const hasPairs = (data) => existsSync(join(data, 'verify', 'pairs.json'));

export const NO_PAIRS = 'verify/pairs.json';

/** @param {string} data @returns {Map<string, Pair[]>} by set */
export function readPairs(data) {
  /** @type {Pair[]} */
  const pairs = JSON.parse(readFileSync(join(data, 'verify', 'pairs.json'), 'utf8'));
  return new Map([...new Set(pairs.map(({ set }) => set))].map((set) => [set, pairs.filter((pair) => pair.set === set)]));
}

/** Whose picture it is. The folder tells people apart and nothing else. @param {string} file */
export function identityOf(file) {
  const [set, person] = file.split('/');
  return `${set}/${person}`;
}

/** @param {readonly Pair[]} pairs @returns {string[]} */
export const filesOf = (pairs) => [...new Set(pairs.flatMap(({ a, b }) => [a, b]))].sort();

/** @param {readonly string[]} files @returns {Map<string, string[]>} */
export function filesByIdentity(files) {
  /** @type {Map<string, string[]>} */
  const all = new Map();
  for (const file of files) all.set(identityOf(file), [...(all.get(identityOf(file)) ?? []), file]);
  return all;
}

/**
 * `limit` people, drawn with the seed, each with their pictures.
 * @param {readonly string[]} files @param {{ limit: number | null, seed: number, least: number }} options `least`: pictures of each.
 */
export function peopleIn(files, { limit, seed, least }) {
  const people = [...filesByIdentity(files)].filter(([, own]) => own.length >= least);
  return new Map(sample(people, limit, seed));
}

/** @param {string} file */
export const urlOf = (file) => `/data/verify/${file.split('/').map(encodeURIComponent).join('/')}`;
