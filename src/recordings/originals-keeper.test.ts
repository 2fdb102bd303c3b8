import { afterEach, describe, expect, test } from 'vitest';
import { FacePrivacyError } from '../core/errors.ts';
import type { OriginalMessage, OriginalReply } from '../core/originals-protocol.ts';
import type { SealedOriginal } from '../core/originals.ts';
import { OriginalsKeeper } from './originals-keeper.ts';
import type { OriginalRow, OriginalsStore } from '../vault/originals-store.ts';

const ABOUT = { originalId: 'o1', recordingId: 'r1', trackId: 3, dataSubject: 'ada', consentRecordId: 'c1', createdAt: 1, expiresAt: 9 };
const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const chunkOf = (sequence: number): SealedOriginal => ({ ...ABOUT, sequence, fromUs: sequence, untilUs: sequence, crops: 2, iv: new Uint8Array(12), sealed: new ArrayBuffer(8) });

/** A keeper, the worker's end of its port, and a store that does as it is told. */
function open({ begin = () => Promise.resolve(), append = () => Promise.resolve() }: { begin?: () => Promise<void>; append?: (chunk: SealedOriginal) => Promise<void> } = {}) {
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  const did: string[] = [];
  const store: Pick<OriginalsStore, 'begin' | 'append'> = {
    begin: async (begun) => {
      did.push('begin');
      await begin();
      return begun as unknown as OriginalRow;
    },
    append: async (chunk) => {
      did.push(`append ${chunk.sequence}`);
      await append(chunk);
    },
  };
  const failures: FacePrivacyError[] = [];
  const kept: number[] = [];
  const keeper = new OriginalsKeeper({ store: store as OriginalsStore, port: port1, onKept: ({ sequence }) => kept.push(sequence), onFailed: (error) => failures.push(error) });
  const replies: OriginalReply[] = [];
  port2.onmessage = ({ data }: MessageEvent<OriginalReply>) => replies.push(data);
  const say = async (...messages: OriginalMessage[]): Promise<void> => {
    for (const message of messages) port2.postMessage(message);
    await settle();
  };
  return { keeper, say, did, failures, kept, replies };
}

const key: OriginalMessage = { kind: 'key', wrappedKey: new ArrayBuffer(384) };
const ended: OriginalMessage = { kind: 'ended', claimId: 'c', reason: 'released', failure: null };
const refused = (): Promise<never> => Promise.reject(new FacePrivacyError('ERR_STORAGE_FAILED', 'full'));

describe('the page\'s end of a claim that seals', () => {
  test('keeps nothing before the row is there, then everything in order, and waits for the last word', async () => {
    const { keeper, say, did, kept, replies } = open();
    await say(key, { kind: 'chunk', chunk: chunkOf(0) });
    expect(did).toEqual([]);
    expect(await keeper.begin(ABOUT)).toMatchObject({ ...ABOUT, wrappedKey: key.wrappedKey });
    await say({ kind: 'chunk', chunk: chunkOf(1) }, { kind: 'chunk', chunk: chunkOf(2) });
    expect(did).toEqual(['begin', 'append 0', 'append 1', 'append 2']);
    expect(kept).toEqual([0, 1, 2]);
    expect(replies).toEqual([0, 1, 2].map((sequence) => ({ kind: 'kept', sequence })));
    let settled = false;
    const settling = keeper.settled().then(() => { settled = true; });
    await settle();
    expect(settled).toBe(false);
    await say(ended);
    await settling;
    expect(settled).toBe(true);
  });

  test('a claim that ends before there is a key has no row', async () => {
    const { keeper, say, did } = open();
    const refusal = expect(keeper.begin(ABOUT)).rejects.toMatchObject({ code: 'ERR_CLAIM_ENDED', details: { reason: 'released' } });
    await say(ended);
    await refusal;
    expect(did).toEqual([]);
  });

  test('what kept the worker from sealing is told', async () => {
    const { keeper, say, failures } = open();
    const refusal = expect(keeper.begin(ABOUT)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
    await say({ ...ended, reason: 'not-sealed', failure: { code: 'ERR_UNSUPPORTED', message: 'no RSA', details: {} } });
    await refusal;
    expect(failures.map(({ code }) => code)).toEqual(['ERR_UNSUPPORTED']);
  });

  test.each<[string, Parameters<typeof open>[0], string[]]>([
    ['a row that cannot be written', { begin: refused }, []],
    ['a chunk that cannot be written', { append: refused }, ['ERR_STORAGE_FAILED']],
  ])('%s ends the keeping, and is told once', async (_, store, told) => {
    const { keeper, say, did, kept, failures, replies } = open(store);
    const beginning = keeper.begin(ABOUT).catch((error: unknown) => (error as FacePrivacyError).code);
    await say(key, { kind: 'chunk', chunk: chunkOf(0) }, { kind: 'chunk', chunk: chunkOf(1) });
    expect(await beginning).toEqual(told.length === 0 ? 'ERR_STORAGE_FAILED' : expect.objectContaining({ originalId: 'o1' }));
    expect(did.filter((deed) => deed === 'append 1')).toEqual([]);
    expect([kept, replies]).toEqual([[], []]);
    expect(failures.map(({ code }) => code)).toEqual(told);
    keeper.tell({ sourceUs: 1, timeUs: 1, size: { width: 2, height: 2 } });
    await settle();
    expect(replies).toEqual([]);
  });

  test('without consent nothing that is on its way is kept any more', async () => {
    const { keeper, say, did } = open();
    await say(key);
    await keeper.begin(ABOUT);
    keeper.refuse();
    await say({ kind: 'chunk', chunk: chunkOf(0) }, ended);
    await keeper.settled();
    expect(did).toEqual(['begin']);
  });
});
