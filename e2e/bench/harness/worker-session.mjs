/**
 * Speaks DevTools to the workers of a page, which Playwright has no session for.
 * @typedef {{ send(method: string, params?: object): Promise<any>, on(method: string, listener: (params: any) => void): void,
 *   url: string, gone: boolean }} WorkerSession
 */

/**
 * Follows the dedicated workers of a page from now on.
 * @param {import('playwright').Page} page
 * @param {(worker: WorkerSession) => void} [onWorker] told of each as it appears, before it has run anything.
 * @returns {Promise<{ workers: () => WorkerSession[], close(): Promise<void> }>}
 */
export async function followWorkers(page, onWorker = () => {}) {
  const session = await page.context().newCDPSession(page);
  /** @type {Map<string, { worker: WorkerSession, receive(message: any): void, lose(): void }>} */
  const attached = new Map();
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    const entry = createWorkerSession(session, sessionId, targetInfo.url);
    attached.set(sessionId, entry);
    onWorker(entry.worker);
  });
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => attached.get(sessionId)?.receive(JSON.parse(message)));
  session.on('Target.detachedFromTarget', ({ sessionId }) => attached.get(sessionId)?.lose());
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  return {
    workers: () => [...attached.values()].map(({ worker }) => worker).filter(({ gone }) => !gone),
    close: () => session.detach(),
  };
}

function createWorkerSession(session, sessionId, url) {
  let lastId = 0;
  /** @type {Map<number, { resolve(value: any): void, reject(error: Error): void }>} */
  const pending = new Map();
  /** @type {Map<string, (params: any) => void>} */
  const listeners = new Map();
  const worker = {
    url,
    gone: false,
    send(method, params = {}) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) }).catch(reject);
      });
    },
    on(method, listener) {
      listeners.set(method, listener);
    },
  };
  return {
    worker,
    receive({ id, method, params, result, error }) {
      if (id === undefined) return listeners.get(method)?.(params);
      const call = pending.get(id);
      pending.delete(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(`${url}: ${error.message}`));
    },
    lose() {
      worker.gone = true;
      for (const { reject } of pending.values()) reject(new Error(`${url} has ended`));
      pending.clear();
    },
  };
}
