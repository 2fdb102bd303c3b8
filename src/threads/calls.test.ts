import { expose, transfer as workerTransfer } from 'comlink';
import { afterEach, expect, it } from 'vitest';
import { callsTo, transfer } from './calls.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** Comlink's own end, as workers have it. */
function exposed<Api extends object>(api: Api, until: AbortSignal = new AbortController().signal) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  expose(api, port1);
  const calls = callsTo<Api>(port2, until);
  port2.start();
  return calls;
}

it('calls functions by name, side by side, and moves what is marked either way', async () => {
  const calls = exposed({
    add: (a: number, b: number) => Promise.resolve(a + b),
    size: (bytes: ArrayBuffer, more: { readonly port: MessagePort }) => {
      more.port.close();
      return Promise.resolve(bytes.byteLength);
    },
    give: () => {
      const bytes = new ArrayBuffer(5);
      return Promise.resolve(workerTransfer(bytes, [bytes]));
    },
  });
  const bytes = new ArrayBuffer(7);
  const { port1, port2 } = new MessageChannel();
  const answers = await Promise.all([calls.add(1, 2), calls.size(transfer(bytes, [bytes]), transfer({ port: port1 }, [port1])), calls.add(3, 4), calls.give()]);
  port2.close();
  expect(answers.slice(0, 3)).toEqual([3, 7, 7]);
  expect(answers[3]).toHaveProperty('byteLength', 5);
  expect(bytes.byteLength).toBe(0);
});

it('rejects what throws over there, and what cannot be posted', async () => {
  const calls = exposed({ fail: (_value?: unknown) => Promise.reject(new RangeError('too far')) });
  await expect(calls.fail()).rejects.toMatchObject({ name: 'RangeError', message: 'too far' });
  await expect(calls.fail(() => 0)).rejects.toMatchObject({ name: 'DataCloneError' });
});

it('hears nothing of anybody else, and nothing at all afterwards', async () => {
  const over = new AbortController();
  const target = new EventTarget();
  const sent: { id: string }[] = [];
  const endpoint = Object.assign(target, { postMessage: (message: unknown) => void sent.push(message as { id: string }) });
  const { ask } = callsTo<{ ask(): Promise<number> }>(endpoint as never, over.signal);
  const answers: number[] = [];
  const say = (data: unknown) => target.dispatchEvent(new MessageEvent('message', { data }));
  void ask().then((answer) => answers.push(answer));
  say(null);
  say('a message of somebody else');
  say({ id: 'of somebody else', type: 'RAW', value: 1 });
  say({ id: sent[0]!.id, type: 'RAW', value: 2 });
  void ask().then((answer) => answers.push(answer));
  over.abort();
  say({ id: sent[1]!.id, type: 'RAW', value: 3 });
  await Promise.resolve();
  await Promise.resolve();
  expect(answers).toEqual([2]);
});
