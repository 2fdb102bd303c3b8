import { afterEach, describe, expect, test } from 'vitest';
import type { ClaimEndReason, CropMessage, CropReply } from '../core/claim-protocol.ts';
import { CROP_SIDE } from '../core/face-crop.ts';
import { CropInbox } from './crop-inbox.ts';

const CLAIM = 'claim-1';
const opened: MessagePort[] = [];

function open() {
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  const heard: CropReply['kind'][] = [];
  const ended: ClaimEndReason[] = [];
  port1.onmessage = ({ data }: MessageEvent<CropReply>) => {
    heard.push(data.kind);
  };
  const inbox = new CropInbox(CLAIM, port2, { onEnded: (reason) => ended.push(reason) });
  const say = (message: CropMessage): void => {
    port1.postMessage(message);
  };
  const crop = (timestampUs: number, claimId = CLAIM): void => {
    const rgb = new Uint8Array(CROP_SIDE * CROP_SIDE * 3).fill(200);
    const face = { sidePx: 100, keypoints: [], confidence: 0.9, display: { width: 640, height: 360 }, others: 0 };
    say({ kind: 'crop', claimId, trackId: 3, timestampUs, crop: { rgb, face } });
  };
  return { inbox, port: port1, heard, ended, say, crop };
}

/** Until messages that are on their way have come. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

describe('crops of a claim [TAF-5.3d]', () => {
  test('are asked for only while somebody waits, one at a time and in order', async () => {
    const { inbox, heard, crop } = open();
    await settle();
    expect(heard).toEqual([]);
    const first = inbox.next({ timeoutMs: 5000 });
    const second = inbox.next({ timeoutMs: 5000 });
    await settle();
    expect(heard).toEqual(['wanted']);
    crop(1000);
    await expect(first).resolves.toMatchObject({ trackId: 3, timestampUs: 1000 });
    await settle();
    expect(heard).toEqual(['wanted', 'wanted']);
    crop(2000);
    await expect(second).resolves.toMatchObject({ timestampUs: 2000 });
    await settle();
    expect(heard).toHaveLength(2);
  });

  test('that come when nobody waits any more are overwritten, and asked for anew', async () => {
    const { inbox, heard, crop } = open();
    await expect(inbox.next({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'ERR_FACE_NOT_FOUND', details: { timeoutMs: 1 } });
    crop(1000);
    await settle();
    const next = inbox.next({ timeoutMs: 5000 });
    await settle();
    expect(heard).toEqual(['wanted', 'wanted']);
    crop(2000);
    await expect(next).resolves.toMatchObject({ timestampUs: 2000 });
  });

  test('that was asked for by one who gave up serves the next, without a second one', async () => {
    const { inbox, heard, crop } = open();
    const cancel = new AbortController();
    const given = inbox.next({ timeoutMs: 5000, signal: cancel.signal });
    cancel.abort();
    await expect(given).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    await expect(inbox.next({ timeoutMs: 5000, signal: cancel.signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    const next = inbox.next({ timeoutMs: 5000 });
    await settle();
    expect(heard).toEqual(['wanted']);
    crop(1000);
    await expect(next).resolves.toMatchObject({ timestampUs: 1000 });
  });

  test('of another claim go to nobody', async () => {
    const { inbox, crop } = open();
    const next = inbox.next({ timeoutMs: 5000 });
    crop(1000, 'claim-0');
    crop(2000);
    await expect(next).resolves.toMatchObject({ timestampUs: 2000 });
  });
});

describe('the end of a claim [TAF-5.3d]', () => {
  test('is told to all who wait, and to all who come later', async () => {
    const { inbox, ended, say } = open();
    const waiting = [inbox.next({ timeoutMs: 5000 }), inbox.next({ timeoutMs: 5000 })];
    const told = Promise.allSettled(waiting);
    say({ kind: 'ended', claimId: CLAIM, reason: 'faces-crossed' });
    for (const result of await told) expect(result).toMatchObject({ reason: { code: 'ERR_CLAIM_ENDED', details: { reason: 'faces-crossed' } } });
    await expect(inbox.next({ timeoutMs: 5000 })).rejects.toMatchObject({ code: 'ERR_CLAIM_ENDED' });
    expect(inbox.ended).toBe('faces-crossed');
    expect(ended).toEqual(['faces-crossed']);
  });

  test('comes at once where the features worker sees another face, and is told the other side', async () => {
    const { inbox, heard, ended } = open();
    const waiting = inbox.next({ timeoutMs: 5000 });
    inbox.doubt();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLAIM_ENDED', details: { reason: 'another-face' } });
    inbox.doubt();
    inbox.close();
    await settle();
    expect(heard).toEqual(['wanted', 'doubt']);
    expect(ended).toEqual(['another-face']);
  });

  test('comes when the other end of the port is gone', async () => {
    const { inbox, port, ended } = open();
    const waiting = inbox.next({ timeoutMs: 5000 });
    port.close();
    await expect(waiting).rejects.toMatchObject({ details: { reason: 'session-closed' } });
    expect(ended).toEqual(['session-closed']);
  });
});
