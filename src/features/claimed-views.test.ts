import { afterEach, expect, it } from 'vitest';
import type { ClaimEndReason, CropMessage, CropReply } from '../core/claim-protocol.ts';
import { CROP_SIDE, type FaceCrop } from '../core/face-crop.ts';
import type { EmbedderCall, FeaturesEvent, ProbeRequest } from '../core/features-protocol.ts';
import { Claims } from './claims.ts';
import type { Embedder, FaceVector } from './embedder.ts';
import { VECTOR_LENGTH } from './embedder.ts';
import { FaceViews } from './face-views.ts';
import { LoggedEmbedder } from './logged-embedder.ts';

const never = new AbortController().signal;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A face that the gate lets pass: sharp stripes, in the light, looking straight ahead. */
function cropOf(person: number): FaceCrop {
  const rgb = new Uint8Array(CROP_SIDE * CROP_SIDE * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = 128 + (Math.floor(i / 3) % 6 < 3 ? 60 : -60);
  // The fake embedder below knows people by the first byte.
  rgb[0] = person;
  const keypoints = [[70, 90], [130, 90], [100, 122], [100, 150], [50, 95], [150, 95]].map(([x, y]) => ({ x: x!, y: y! }));
  return { rgb, face: { sidePx: 150, keypoints, confidence: 0.95, display: { width: 640, height: 480 }, others: 0 } };
}

/** Vectors of two people far apart; views of one are a little apart. */
function peopleEmbedder(seen: FaceCrop[], given: FaceVector[]): Embedder {
  let views = 0;
  return {
    engine: 'fake',
    threads: 1,
    embed: (crops) => {
      seen.push(...crops);
      const vectors = crops.map(({ rgb }) => {
        views += 1;
        return Float32Array.from({ length: VECTOR_LENGTH }, (_, i) => Math.sin(i * (rgb[0]! + 1)) * 0.17 + Math.sin(views * 7 + i) * 0.003);
      });
      given.push(...vectors);
      return Promise.resolve(vectors);
    },
    close: () => undefined,
  };
}

/** A claim whose crops are of these people, one after the other, a second apart. */
async function claimOf(people: readonly number[], { everyUs = 1_000_000 } = {}) {
  const events: FeaturesEvent[] = [];
  const ended: ClaimEndReason[] = [];
  const seen: FaceCrop[] = [];
  const vectors: FaceVector[] = [];
  const sent: FaceCrop[] = [];
  const replies: CropReply['kind'][] = [];
  const { port1, port2 } = new MessageChannel();
  const claims = await Claims.open((_claimId, reason) => ended.push(reason));
  const embedder = new LoggedEmbedder(peopleEmbedder(seen, vectors), (data) => events.push({ kind: 'embedded', data }));
  const searcher = { search: () => Promise.reject(new Error('no picture is asked for')), close: () => undefined };
  const views = new FaceViews({ embedder, searcher, claims, tell: (event) => events.push(event) });
  claims.add('c1', port1);
  const left = [...people];
  port2.onmessage = ({ data }: MessageEvent<CropReply>) => {
    replies.push(data.kind);
    const person = data.kind === 'wanted' ? left.shift() : undefined;
    if (person === undefined) return;
    const crop = cropOf(person);
    sent.push(crop);
    const message: CropMessage = { kind: 'crop', claimId: 'c1', trackId: 7, timestampUs: sent.length * everyUs, crop };
    port2.postMessage(message);
  };
  const close = (): void => {
    claims.closeAll();
    port2.close();
  };
  closing.push(close);
  const probe: ProbeRequest = { kind: 'claim', requestId: 'r', claimId: 'c1', timeoutMs: 1500 };
  const calls = (): EmbedderCall[] => events.flatMap((event) => (event.kind === 'embedded' ? [event.data] : []));
  return { claims, views, probe, events, ended, seen, vectors, replies, calls, embedder, port2, close };
}

it('takes as many views as it is asked for, says so before each, and overwrites the crops [TAF-5.3d] [TEN-enrol]', async () => {
  const { views, probe, calls, seen, replies, ended } = await claimOf([1, 1, 1, 1]);
  let taken = 0;
  const vectors = await views.take(probe, 3, never, () => { taken += 1; });
  expect(vectors).toHaveLength(3);
  expect(taken).toBe(3);
  expect(calls().map(({ sequence, origin }) => [sequence, origin])).toEqual([1, 2, 3].map((sequence) => [sequence, { kind: 'claim', claimId: 'c1', trackId: 7 }]));
  // Nothing was asked for that was not needed.
  expect(replies).toEqual(['wanted', 'wanted', 'wanted']);
  expect(seen.every(({ rgb }) => rgb.every((byte) => byte === 0))).toBe(true);
  expect(ended).toEqual([]);
});

it('another face ends the claim: doubt is told, nothing is handed out, what was made is overwritten [TAF-5.3d]', async () => {
  const { views, probe, ended, replies, vectors, port2, calls } = await claimOf([1, 1, 2, 1]);
  const told = new Promise<void>((resolve) => {
    const before = port2.onmessage!;
    port2.onmessage = (event: MessageEvent<CropReply>) => {
      before.call(port2, event);
      if (event.data.kind === 'doubt') resolve();
    };
  });
  await expect(views.take(probe, 4, never)).rejects.toMatchObject({ code: 'ERR_CLAIM_ENDED', details: { reason: 'another-face' } });
  await told;
  expect(replies).toEqual(['wanted', 'wanted', 'wanted', 'doubt']);
  expect(ended).toEqual(['another-face']);
  expect(vectors).toHaveLength(3);
  expect(vectors.every((vector) => vector.every((value) => value === 0))).toBe(true);
  // And nothing more is looked at under this claim.
  expect(() => views.take(probe, 1, never)).toThrow(expect.objectContaining({ code: 'ERR_CLAIM_ENDED' }) as Error);
  expect(calls()).toHaveLength(3);
});

it('the person of a later call has to be that of the first one', async () => {
  const { views, probe, ended } = await claimOf([1, 2]);
  await views.take(probe, 1, never);
  await expect(views.take(probe, 1, never)).rejects.toMatchObject({ details: { reason: 'another-face' } });
  expect(ended).toEqual(['another-face']);
});

it('two views are never of one moment', async () => {
  const { views, probe, calls } = await claimOf([1, 1, 1, 1, 1, 1, 1], { everyUs: 90_000 });
  expect(await views.take(probe, 3, never)).toHaveLength(3);
  // At 90, 360 and 630 ms.
  expect(calls()).toHaveLength(3);
});

it('gives up in time, on a signal, or when the claim ends, and embeds nothing late', async () => {
  const empty = await claimOf([]);
  await expect(empty.views.take({ ...empty.probe, timeoutMs: 30 }, 1, never)).rejects.toMatchObject({ code: 'ERR_FACE_NOT_FOUND' });
  const cancelled = new AbortController();
  const waiting = empty.views.take(empty.probe, 1, cancelled.signal);
  cancelled.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  const ending = empty.views.take(empty.probe, 1, never);
  empty.claims.close('c1', 'face-lost');
  await expect(ending).rejects.toMatchObject({ code: 'ERR_CLAIM_ENDED', details: { reason: 'face-lost' } });
  expect(empty.calls()).toEqual([]);
});

it('one embedder call runs at a time, and none after closing', async () => {
  let running = 0;
  const most: number[] = [];
  const slow: Embedder = {
    engine: 'fake',
    threads: 1,
    embed: async (crops) => {
      most.push((running += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return crops.map(() => new Float32Array(VECTOR_LENGTH));
    },
    close: () => undefined,
  };
  const log: EmbedderCall[] = [];
  const embedder = new LoggedEmbedder(slow, (call) => log.push(call));
  const origin = { kind: 'picture', pictureId: 'p' } as const;
  await Promise.all([1, 2, 3].map(() => embedder.embed([cropOf(1)], origin)));
  expect(most).toEqual([1, 1, 1]);
  const last = embedder.embed([cropOf(1), cropOf(1)], origin);
  await embedder.close();
  const late = cropOf(1);
  // What was asked for before is done or refused, never lost; afterwards nothing is looked at.
  await last.catch((error: unknown) => { expect(error).toMatchObject({ code: 'ERR_SESSION_CLOSED' }); });
  const before = log.length;
  await expect(embedder.embed([late], origin)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  expect(log).toHaveLength(before);
  expect(late.rgb.every((byte) => byte === 0)).toBe(true);
});
