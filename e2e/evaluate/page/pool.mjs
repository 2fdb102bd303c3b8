import { callable } from './workers.mjs';

/** Two on every machine: which pictures meet in a worker is part of the result. */
const WORKERS = 2;

/** Workers of one kind, loaded, that share work. @param {string} url */
export async function openPool(url) {
  const workers = Array.from({ length: WORKERS }, () => callable(url));
  // One after the other: two that compile the same runtime at once take longer than both in turn.
  for (const worker of workers) await worker.call('load', []);

  async function run(/** @type {any[][]} */ parts, /** @type {(item: any, worker: any) => Promise<any>} */ work, onDone = (/** @type {number} */ _done) => {}) {
    let done = 0;
    return Promise.all(
      parts.map(async (part, i) => {
        const answers = [];
        for (const { item, index } of part) {
          answers.push({ index, answer: await work(item, workers[i]) });
          onDone((done += 1));
        }
        return answers;
      }),
    ).then((all) => all.flat().sort((a, b) => a.index - b.index).map(({ answer }) => answer));
  }

  return {
    workers,
    /** Every item by whichever worker; the answers in the order of the items. */
    each: (/** @type {any[]} */ items, /** @type {(item: any, worker: any) => Promise<any>} */ work, /** @type {(done: number) => void} */ onDone) =>
      run(workers.map((_, part) => items.map((item, index) => ({ item, index })).filter(({ index }) => index % WORKERS === part)), work, onDone),
    /** Every item by the worker of its number. */
    apart: (/** @type {any[]} */ items, /** @type {(item: any) => number} */ numberOf, /** @type {(item: any, worker: any) => Promise<any>} */ work, /** @type {((done: number) => void) | undefined} */ onDone = undefined) =>
      run(workers.map((_, part) => items.map((item, index) => ({ item, index })).filter(({ item }) => numberOf(item) % WORKERS === part)), work, onDone),
    close: () => workers.forEach((worker) => worker.close()),
  };
}
