import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FacePrivacyError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { createRecordingKey, openTimeline, sealPiece, type TrackSample } from '../core/recording.ts';
import type { PieceMessage, PieceReply } from '../core/recording-protocol.ts';
import { RecordingKeeper, type KeeperParts } from './recording-keeper.ts';
import type { KeptPiece, RecordingRow } from '../vault/recording-rows.ts';

const full = (): FacePrivacyError => new FacePrivacyError('ERR_STORAGE_FAILED', 'full', { details: { reason: 'full' } });
const sample = (timeUs: number): TrackSample => ({ timeUs, tracks: [{ trackId: 1, box: { x: 1, y: 2, width: 3, height: 4 } }] });

const ports: MessagePort[] = [];
// The browser gives room back some seconds after something was erased; here they pass at once.
beforeEach(() => { vi.spyOn(globalThis, 'setTimeout').mockImplementation(((then: () => void) => { queueMicrotask(then); return 0; }) as never); });
afterEach(() => {
  vi.restoreAllMocks();
  for (const port of ports.splice(0)) port.close();
});

/** A keeper over a store that does what `append` does, and its worker's end of the port. */
async function keeperWith(append: (piece: KeptPiece, size?: Size) => Promise<void>, makeRoom: KeeperParts['makeRoom'] = () => Promise.resolve()) {
  const key = await createRecordingKey();
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  let samples: TrackSample[] = [];
  const keeper = new RecordingKeeper({
    store: { append } as unknown as KeeperParts['store'],
    row: { recordingId: 'r', key } as RecordingRow,
    grant: { signal: new AbortController().signal } as KeeperParts['grant'],
    port: port1,
    covers: () => [],
    takeTracks: () => samples.splice(0),
    onFrame: () => undefined,
    onKept: () => undefined,
    makeRoom,
  });
  const send = async (sequence: number): Promise<PieceReply> => {
    samples = [sample(sequence)];
    const piece = await sealPiece({ sequence, bytes: new Uint8Array([sequence]), frames: 1, fromUs: sequence, untilUs: sequence + 1 }, 'r', key);
    const reply = new Promise<PieceReply>((resolve) => { port2.onmessage = ({ data }: MessageEvent<PieceReply>) => { resolve(data); }; });
    port2.postMessage({ kind: 'piece', piece });
    return reply;
  };
  const frame = (size: Size): void => { port2.postMessage({ kind: 'frame', sourceUs: 0, timeUs: 0, size } satisfies PieceMessage); };
  return { keeper, key, send, frame };
}

describe('keeping pieces of a recording', () => {
  test('the tracks of a piece\'s time go with it, sealed for its place; those of the first piece wait for the next', async () => {
    const kept: KeptPiece[] = [];
    const { key, send } = await keeperWith((piece) => {
      kept.push(piece);
      return Promise.resolve();
    });
    expect([await send(0), await send(1)]).toEqual([{ kind: 'kept', sequence: 0 }, { kind: 'kept', sequence: 1 }]);
    expect(kept[0]?.timeline).toBeNull();
    expect(await openTimeline(kept[1]!.timeline!, 'r', 1, key)).toEqual([sample(1)]);
    await expect(openTimeline(kept[1]!.timeline!, 'r', 2, key)).rejects.toThrow();
    await expect(openTimeline(kept[1]!.timeline!, 'other', 1, key)).rejects.toThrow();
  });

  test('the size of the picture goes with each piece: a recording that is cut off has it, too', async () => {
    const sizes: (Size | undefined)[] = [];
    const { send, frame } = await keeperWith((_, size) => {
      sizes.push(size);
      return Promise.resolve();
    });
    await send(0);
    frame({ width: 16, height: 9 });
    await send(1);
    expect(sizes).toEqual([undefined, { width: 16, height: 9 }]);
  });

  test('a full disk: room is made and the piece written again, also where the browser gives it back late [MEG-retain]', async () => {
    const kept: number[] = [];
    const asked: number[] = [];
    let room = false;
    const { send } = await keeperWith(
      ({ sequence }) => {
        if (!room) return Promise.reject(full());
        kept.push(sequence);
        return Promise.resolve();
      },
      (bytes) => {
        asked.push(bytes);
        room = asked.length === 2;
        return Promise.resolve();
      },
    );
    expect(await send(0)).toEqual({ kind: 'kept', sequence: 0 });
    expect([kept, asked]).toEqual([[0], [17, 17]]);
  });

  test('a disk that stays full refuses this piece and every later one: no file with a hole in it', async () => {
    const kept: number[] = [];
    let isFull = false;
    const { send } = await keeperWith(({ sequence }) => {
      if (isFull) return Promise.reject(full());
      kept.push(sequence);
      return Promise.resolve();
    });
    await send(0);
    isFull = true;
    expect(await send(1)).toMatchObject({ kind: 'refused', error: { code: 'ERR_STORAGE_FAILED', details: { reason: 'full' } } });
    isFull = false;
    expect(await send(2)).toMatchObject({ kind: 'refused' });
    expect(kept).toEqual([0]);
  });

  test('no room can be made, or the storage refuses for another reason: told as what it is', async () => {
    const cannot = await keeperWith(() => Promise.reject(full()), () => Promise.reject(new Error('no ledger')));
    expect(await cannot.send(0)).toMatchObject({ kind: 'refused', error: { code: 'ERR_STORAGE_FAILED', details: { reason: 'full' } } });
    const asked: number[] = [];
    const gone = await keeperWith(
      () => Promise.reject(new FacePrivacyError('ERR_SESSION_CLOSED', 'erased')),
      (bytes) => {
        asked.push(bytes);
        return Promise.resolve();
      },
    );
    expect(await gone.send(0)).toMatchObject({ kind: 'refused', error: { code: 'ERR_SESSION_CLOSED' } });
    expect(asked).toEqual([]);
  });
});
