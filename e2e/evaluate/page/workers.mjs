/**
 * The evaluated worker, see ../build.mjs.
 * @param {{ worsen: string | null }} orders
 */
export function evaluatedWorker({ worsen }) {
  const name = new URLSearchParams(worsen === null ? {} : { worsen }).toString();
  return new Worker('/workers/redaction-evaluated.worker.js', { type: 'module', name });
}

/** Calls a worker that answers { id, call, args } with { id, value } or { id, error }. @param {string} url */
export function callable(url) {
  const worker = new Worker(url, { type: 'module' });
  /** @type {Map<number, { resolve(value: any): void, reject(error: Error): void }>} */
  const waiting = new Map();
  let lastId = 0;
  worker.onmessage = ({ data: { id, value, error } }) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(`${url}: ${error}`));
  };
  worker.onerror = ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(`${url}: ${message}`));
    waiting.clear();
  };
  return {
    /** @param {string} call @param {unknown[]} args @param {Transferable[]} [transferred] @returns {Promise<any>} */
    call: (call, args, transferred = []) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        worker.postMessage({ id: lastId, call, args }, transferred);
      }),
    close: () => worker.terminate(),
  };
}
