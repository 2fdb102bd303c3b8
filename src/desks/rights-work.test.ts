import { describe, expect, it } from 'vitest';
import { FacePrivacyError } from '../core/errors.ts';
import { DAY_MS, type RetentionCategory } from '../governance/retention/categories.ts';
import { createDeviceKey, signStatement } from '../governance/consent/proof.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import type { RightsRequest } from '../governance/rights/request.ts';
import type { Right } from '../governance/rights/rights.ts';
import type { RightsCorrection } from './rights-correction.ts';
import type { CopyFault, CopyFile, ErasedHere, Holding } from './rights-holding.ts';
import { RightsWork, type WorkParts } from './rights-work.ts';
import type { PendingErasure, RightsProgress } from '../vault/rights-store.ts';

const NOW = Date.UTC(2026, 10, 22);
const ME = 'p-1';

/** A place in memory. */
class FakeHolding implements Holding {
  readonly kept: RetentionItem[];
  readonly calls: string[];
  readonly name: string;
  failing = false;
  /** Fails when it has erased, and before it has told. */
  dying = false;

  constructor(name: string, calls: string[], category: RetentionCategory = 'redacted-media') {
    this.name = name;
    this.calls = calls;
    this.kept = [{ itemId: name, category, purpose: 'redacted-recording', dataSubject: ME, createdAt: NOW, expiresAt: NOW + DAY_MS, ending: null, holds: [], parts: {} }];
  }

  items(): Promise<readonly RetentionItem[]> {
    return Promise.resolve([...this.kept]);
  }

  async *copy(items: readonly RetentionItem[]): AsyncIterable<CopyFile | CopyFault> {
    for (const { itemId } of items) {
      await Promise.resolve();
      if (this.failing) yield { itemId, fault: 'ERR_VAULT_INTEGRITY' };
      else yield { path: `${itemId}.txt`, mimeType: 'text/plain', content: itemId };
    }
  }

  async pending(items: readonly RetentionItem[]): Promise<readonly PendingErasure[]> {
    await Promise.resolve(this.calls.push(`pending ${this.name}`));
    return items.map(({ itemId }) => ({ itemIds: [itemId], content: { erasedAt: NOW, origin: 'https://app.example', scope: 'album', storeId: itemId, reason: 'requested', dataSubject: ME, erased: { rows: 3 } } }));
  }

  erase(items: readonly RetentionItem[]): Promise<ErasedHere> {
    this.calls.push(`erase ${this.name}`);
    if (this.dying) this.kept.splice(0, items.length);
    if (this.failing || this.dying) return Promise.reject(new FacePrivacyError('ERR_STORAGE_FAILED', 'blocked'));
    this.kept.splice(0, items.length);
    return Promise.resolve({ receipts: [], held: [] });
  }

  restrict(): Promise<void> {
    this.calls.push(`restrict ${this.name}`);
    return Promise.resolve();
  }

  lift(): Promise<void> {
    return Promise.resolve();
  }

  correct(_item: RetentionItem, correction: RightsCorrection): Promise<void> {
    this.calls.push(`correct ${this.name} ${correction.kind}`);
    if (this.failing) return Promise.reject(new FacePrivacyError('ERR_STORAGE_FAILED', 'blocked'));
    return Promise.resolve();
  }

  close(): void {
    this.calls.push(`close ${this.name}`);
  }
}

function setUp(right: Right, holdings: readonly Holding[], calls: string[], more: Partial<WorkParts> = {}) {
  const request: RightsRequest = { requestId: 'q', right, dataSubject: ME, guardian: null, state: 'accepted', receivedAt: NOW, deadline: NOW, identity: null, refusal: null, receiptId: null, endedAt: null };
  const world: { saved: RightsProgress | null } = { saved: null };
  const context = { now: () => NOW, origin: 'https://app.example', note: () => Promise.resolve(), sign: () => Promise.reject(new Error('nothing to sign')), stands: () => Promise.resolve('ended' as const) };
  const run = async (): Promise<Awaited<ReturnType<RightsWork['carryOut']>>> => {
    const work = await RightsWork.prepare({
      request, holdings, context, corrections: [],
      ledger: { withdraw: async () => { await Promise.resolve(calls.push('withdraw')); } },
      saved: world.saved,
      receipts: () => Promise.resolve([]),
      save: (progress) => {
        world.saved = structuredClone(progress);
        return Promise.resolve();
      },
      elsewhere: async () => {
        await Promise.resolve(calls.push('elsewhere'));
        return [];
      },
      ...more,
    });
    return work.carryOut();
  };
  return { run, world };
}

describe('carrying out a request [MEG-rights, MEG-withdraw]', () => {
  it('ends consent before anything is erased, and tells the app last', async () => {
    const calls: string[] = [];
    const { run } = setUp('withdraw', [new FakeHolding('a', calls), new FakeHolding('b', calls)], calls);
    expect((await run()).steps).toEqual([{ itemId: 'a', effect: 'erase' }, { itemId: 'b', effect: 'erase' }]);
    expect(calls).toEqual(['withdraw', 'pending a', 'erase a', 'pending b', 'erase b', 'elsewhere']);
  });

  it('empties every place that it can, whatever fails in another or in the ledger, and is carried on', async () => {
    const calls: string[] = [];
    const [bad, good] = [new FakeHolding('bad', calls), new FakeHolding('good', calls)];
    bad.failing = true;
    let refuses = true;
    const ledger = { withdraw: () => (refuses ? Promise.reject(new FacePrivacyError('ERR_STORAGE_FAILED', 'the ledger is blocked')) : Promise.resolve()) };
    const { run, world } = setUp('close-account', [bad, good], calls, { ledger });
    await expect(run()).rejects.toThrow('the ledger is blocked');
    expect([bad.kept.length, good.kept.length]).toEqual([1, 0]);
    refuses = false;
    await expect(run()).rejects.toThrow('blocked');
    bad.failing = false;
    // What the first attempt erased counts as done.
    expect((await run()).steps).toEqual(expect.arrayContaining([{ itemId: 'good', effect: 'erase' }, { itemId: 'bad', effect: 'erase' }]));
    expect(world.saved?.steps).toHaveLength(2);
  });

  it('makes a receipt of what was erased and not told; of what is still there it makes none', async () => {
    const calls: string[] = [];
    const [dying, failing] = [new FakeHolding('dying', calls), new FakeHolding('failing', calls)];
    dying.dying = true;
    failing.failing = true;
    const key = await createDeviceKey();
    const context: WorkParts['context'] = { now: () => NOW, origin: 'https://app.example', note: () => Promise.resolve(), sign: (statement) => signStatement(statement, key), stands: () => Promise.resolve('stands' as const) };
    const { run, world } = setUp('erase', [dying, failing], calls, { context });
    await expect(run()).rejects.toThrow('blocked');
    expect(world.saved).toMatchObject({ erasures: [], pending: [{ itemIds: ['dying'] }, { itemIds: ['failing'] }] });
    failing.failing = false;
    const { erasures } = await run();
    expect(erasures).toMatchObject([{ storeId: 'dying', dataSubject: ME, erased: { rows: 3 } }]);
    expect(world.saved?.pending).toEqual([]);
  });

  it('takes receipts of what others erased of the person meanwhile, each once', async () => {
    const calls: string[] = [];
    const told = (receiptId: string, erasedAt: number): ErasureReceipt => ({ receiptId, erasedAt, dataSubject: ME }) as ErasureReceipt;
    const holding = new FakeHolding('a', calls);
    holding.erase = () => Promise.resolve({ receipts: [told('own', NOW)], held: [] });
    const receipts = (): Promise<ErasureReceipt[]> => Promise.resolve([told('before', NOW - 1), told('own', NOW), told('shelf', NOW)]);
    const { run } = setUp('withdraw', [holding], calls, { receipts });
    expect((await run()).erasures.map(({ receiptId }) => receiptId)).toEqual(['own', 'shelf']);
  });

  it('does nothing that was cancelled before, and says so', async () => {
    const calls: string[] = [];
    const { run } = setUp('erase', [new FakeHolding('a', calls)], calls, { signal: AbortSignal.abort() });
    await expect(run()).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(calls).toEqual([]);
  });

  it('copies what it can, tells of what it cannot, and how far it is', async () => {
    const calls: string[] = [];
    const [broken, whole] = [new FakeHolding('broken', calls), new FakeHolding('whole', calls)];
    broken.failing = true;
    const told: unknown[] = [];
    const { run } = setUp('access', [broken, whole], calls, { onProgress: (progress) => { told.push(progress); } });
    const { steps, copy } = await run();
    expect(steps).toEqual([{ itemId: 'broken', effect: 'none', because: 'damaged' }, { itemId: 'whole', effect: 'copy' }]);
    expect(copy?.type).toBe('application/zip');
    expect(told).toEqual([{ done: 1, total: 2, file: null }, { done: 1, total: 2, file: 'whole.txt' }, { done: 2, total: 2, file: null }]);
  });

  it('makes a correction once, however often it is carried on; what nobody named stays', async () => {
    const calls: string[] = [];
    const [one, other, unnamed] = [new FakeHolding('one', calls, 'review-notes'), new FakeHolding('other', calls, 'review-notes'), new FakeHolding('unnamed', calls, 'review-notes')];
    other.failing = true;
    const corrections: RightsCorrection[] = [one, other].map(({ name }) => ({ itemId: name, kind: 'statement', text: 'it was not me' }));
    const { run } = setUp('correct', [one, other, unnamed], calls, { corrections });
    await expect(run()).rejects.toThrow('blocked');
    other.failing = false;
    expect((await run()).steps).toEqual([{ itemId: 'one', effect: 'correct' }, { itemId: 'other', effect: 'correct' }, { itemId: 'unnamed', effect: 'none', because: 'not-asked-for' }]);
    expect(calls).toEqual(['correct one statement', 'correct other statement', 'correct other statement', 'elsewhere']);
  });
});
