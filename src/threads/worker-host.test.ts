import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FacePrivacyError } from '../core/errors.ts';
import type { RedactionWorkerApi, WorkerEvent } from '../core/protocol.ts';
import { WorkerHost } from './worker-host.ts';

/** The page's end of a worker that answers each Comlink call when it is told to, and says nothing else. */
class StubWorker extends EventTarget {
  readonly #calls: string[] = [];
  terminated = false;

  postMessage({ id }: { readonly id: string }): void {
    this.#calls.push(id);
  }

  answer(): void {
    for (const id of this.#calls.splice(0)) {
      this.dispatchEvent(new MessageEvent('message', { data: { id, type: 'RAW', value: { ok: true, value: undefined } } }));
    }
  }

  terminate(): void {
    this.terminated = true;
  }
}

function start() {
  const worker = new StubWorker();
  const lost: FacePrivacyError[] = [];
  const host = new WorkerHost<RedactionWorkerApi, WorkerEvent>('redaction', () => worker as unknown as Worker, { onEvent: () => undefined, onLost: (error) => lost.push(error) });
  return { worker, host, lost, codes: () => lost.map(({ code }) => code) };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it('gives a worker that blocks while it loads the time of a start, heartbeat or not', async () => {
  const { worker, host, codes } = start();
  host.eventPort.postMessage({ kind: 'heartbeat' });
  // A message takes turns of the event loop, which no fake timer stands for.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  const loading = host.call((remote) => remote.setPaused(false));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(codes()).toEqual([]);
  worker.answer();
  await expect(loading).resolves.toBeUndefined();
  await vi.advanceTimersByTimeAsync(4000);
  expect(codes()).toEqual([]);
  await vi.advanceTimersByTimeAsync(4000);
  expect(codes()).toEqual(['ERR_WORKER_LOST']);
  expect(worker.terminated).toBe(true);
});

it('gives up a worker that never answers, and rejects what waits for it', async () => {
  const { worker, host, codes } = start();
  const loading = host.call((remote) => remote.setPaused(false));
  const rejected = expect(loading).rejects.toMatchObject({ code: 'ERR_WORKER_START' });
  await vi.advanceTimersByTimeAsync(35_000);
  await rejected;
  expect(codes()).toEqual(['ERR_WORKER_START']);
  expect(worker.terminated).toBe(true);
});
