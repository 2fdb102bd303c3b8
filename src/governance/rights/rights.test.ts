import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainEntry } from '../audit/entry.ts';
import { DAY_MS, RETENTION_RULES, type RetentionCategory } from '../retention/categories.ts';
import { standingOf, type RetentionItem } from '../retention/item.ts';
import { follow, NEXT_EVENTS, REFUSAL_REASONS, type RightsEntry, type RightsEvent, type RightsRequest } from './request.ts';
import { verifyRightsReceipt } from './register.ts';
import { rightsFixture } from './rights-fixture.contract.ts';
import { effectOf, RIGHT_RULES, RIGHTS } from './rights.ts';
import { markEnding, rightsPlan } from './rights-plan.ts';

const NOW = Date.UTC(2026, 10, 22);
const itemOf = (itemId: string, category: RetentionCategory, change: Partial<RetentionItem> = {}): RetentionItem => ({
  itemId, category, purpose: 'redacted-recording', dataSubject: 'p-1', createdAt: NOW, expiresAt: NOW + 30 * DAY_MS, ending: null, holds: [], parts: {}, ...change,
});
const hold = { holdId: 'h', reason: 'a dispute is open', owner: 'sam', placedAt: NOW, until: NOW + 60 * DAY_MS, releasedAt: null };

describe('the rights as data [MEG-rights, MEG-withdraw]', () => {
  it('each has a deadline with its source, and none is longer than the notice promises', () => {
    for (const right of RIGHTS) {
      const { deadline } = RIGHT_RULES[right];
      expect(deadline.days).toBeGreaterThan(0);
      expect(deadline.days).toBeLessThanOrEqual(15);
      expect(deadline.source).toMatch(/GB\/T 35273|PIPL/);
    }
  });

  it('say for each class of data what happens: nothing personal is left by erasing, withdrawing or closing', () => {
    for (const category of Object.keys(RETENTION_RULES) as RetentionCategory[]) {
      const { nature } = RETENTION_RULES[category];
      for (const right of ['erase', 'withdraw', 'close-account'] as const) expect(effectOf(right, category)).toBe(nature === 'personal' ? 'erase' : 'none');
      expect(effectOf('restrict', category)).toBe(nature === 'personal' ? 'restrict' : 'none');
    }
    expect(effectOf('access', 'audit-log')).toBe('copy');
    expect(effectOf('port', 'audit-log')).toBe('none');
    expect(effectOf('access', 'protected-templates')).toBe('none');
    expect(effectOf('port', 'sealed-regions')).toBe('none');
    expect(effectOf('correct', 'redacted-media')).toBe('none');
    expect(effectOf('correct', 'review-notes')).toBe('correct');
  });
});

describe('what a right does to what is kept [MEG-rights, TAF-5.5b]', () => {
  const items = [
    itemOf('media', 'redacted-media'),
    itemOf('held', 'redacted-media', { holds: [hold] }),
    itemOf('due', 'redacted-media', { expiresAt: NOW - 1 }),
    itemOf('proof', 'consent-records'),
    itemOf('theirs', 'redacted-media', { dataSubject: 'p-2' }),
    itemOf('nobody', 'audit-log', { dataSubject: null }),
  ];

  it('erases what is the person’s, but for what a dispute holds', () => {
    expect(rightsPlan('erase', 'p-1', items, NOW)).toEqual([
      { itemId: 'media', effect: 'erase' },
      { itemId: 'held', effect: 'none', because: 'dispute' },
      { itemId: 'due', effect: 'erase' },
      { itemId: 'proof', effect: 'none', because: 'does-not-apply' },
    ]);
  });

  it('copies what may still be read, proofs included', () => {
    expect(rightsPlan('access', 'p-1', items, NOW)).toEqual([
      { itemId: 'media', effect: 'copy' },
      { itemId: 'held', effect: 'copy' },
      { itemId: 'due', effect: 'none', because: 'due-anyway' },
      { itemId: 'proof', effect: 'copy' },
    ]);
  });

  it('never touches or names anything of others (property, seed 11)', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RIGHTS), fc.array(fc.tuple(fc.constantFrom('p-1', 'p-2', null), fc.constantFrom(...(Object.keys(RETENTION_RULES) as RetentionCategory[])))), (right, specs) => {
        const all = specs.map(([dataSubject, category], index) => itemOf(String(index), category, { dataSubject }));
        const named = rightsPlan(right, 'p-1', all, NOW).map(({ itemId }) => itemId);
        expect(named).toEqual(all.filter(({ dataSubject }) => dataSubject === 'p-1').map(({ itemId }) => itemId));
      }),
      { seed: 11 },
    );
  });

  it('what was asked to go goes as soon as no dispute holds it', () => {
    const marked = markEnding(items[1]!, 'erase');
    expect(standingOf(marked, NOW)).toBe('held');
    expect(standingOf(marked, hold.until)).toBe('due');
    expect(markEnding(items[0]!, 'withdraw').ending).toBe('withdrawn');
    expect(markEnding(markEnding(items[0]!, 'withdraw'), 'erase').ending).toBe('withdrawn');
    expect(standingOf(markEnding(items[0]!, 'close-account'), NOW)).toBe('due');
  });
});

describe('a request [MEG-rights, MEG-request-id]', () => {
  const events: Record<RightsEvent['type'], RightsEvent> = {
    received: { type: 'received', right: 'access', dataSubject: 'p-1', guardian: null },
    identified: { type: 'identified', check: { method: 'signed-in', outcome: 'confirmed' } },
    accepted: { type: 'accepted', by: 'sam' },
    completed: { type: 'completed', receiptId: 'r', done: 1, left: 0 },
    refused: { type: 'refused', reason: 'not-the-person', by: 'sam' },
    retracted: { type: 'retracted' },
  };

  it('goes from state to state as allowed and in no other way (property, seed 12)', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.values(events)), { maxLength: 8 }), (sequence) => {
        let request: RightsRequest | null = null;
        for (const [index, event] of sequence.entries()) {
          const entry: RightsEntry = { ...event, requestId: 'q', number: index + 1, at: NOW + index };
          const allowed: boolean = request === null ? event.type === 'received' : NEXT_EVENTS[request.state].includes(event.type);
          if (!allowed) {
            expect(() => follow(request, entry)).toThrow(expect.objectContaining({ code: 'ERR_RIGHTS_REQUEST' }));
            return;
          }
          request = follow(request, entry);
          expect(request.endedAt === null).toBe(NEXT_EVENTS[request.state].length > 0);
          // Nothing is carried out before somebody knows who asks.
          if (request.state === 'accepted' || request.state === 'completed') expect(request.identity?.outcome).toBe('confirmed');
        }
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  it.each<[string, object]>([
    ['right', { type: 'received', right: 'forget', dataSubject: 'p', guardian: null }],
    ['dataSubject', { type: 'received', right: 'erase', dataSubject: '', guardian: null }],
    ['guardian', { type: 'received', right: 'erase', dataSubject: 'p', guardian: 'p' }],
    ['type', { type: 'forgotten' }],
  ])('is not made of a malformed %s', (field, event) => {
    expect(() => follow(null, { ...event, requestId: 'q', number: 1, at: 1 } as RightsEntry)).toThrow(new RegExp(field));
  });

  it('is carried out after the app has found out who asks, with an id, a deadline and a receipt', async () => {
    const { register, world, key, store } = await rightsFixture();
    const received = await register.receive({ right: 'erase', dataSubject: 'p-1' });
    expect(received).toMatchObject({ state: 'received', receivedAt: world.now, deadline: world.now + 15 * DAY_MS });
    await expect(register.accept(received.requestId, 'sam')).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST', details: { state: 'received' } });
    expect((await register.identify(received.requestId)).state).toBe('identified');
    expect(world.asked).toEqual([received.requestId]);
    await register.accept(received.requestId, 'sam');
    world.now += DAY_MS;
    const steps = rightsPlan('erase', 'p-1', [itemOf('a', 'redacted-media'), itemOf('b', 'redacted-media', { holds: [hold] }), itemOf('c', 'audit-log')], NOW);
    const receipt = await register.complete(received.requestId, steps, ['e-1']);
    expect(receipt).toMatchObject({ requestId: received.requestId, right: 'erase', dataSubject: 'p-1', completedAt: world.now, done: 1, left: { dispute: 1, 'does-not-apply': 1 }, erasureReceiptIds: ['e-1'] });
    expect(receipt.deadlineSource).toContain('PIPL');
    const copy: unknown = JSON.parse(JSON.stringify(receipt));
    expect(await verifyRightsReceipt(copy, { origin: 'https://app.example', keyId: key.keyId })).toEqual(receipt);
    await expect(verifyRightsReceipt({ ...receipt, done: 3 }, { origin: 'https://app.example' })).rejects.toMatchObject({ code: 'ERR_RECEIPT_INVALID', details: { field: 'proof.signature' } });
    expect(await register.read(received.requestId)).toMatchObject({ state: 'completed', receiptId: receipt.receiptId, endedAt: world.now });
    expect(store.audit.map(({ code }) => code)).toEqual(['rights.received', 'rights.identified', 'rights.accepted', 'rights.completed']);
    expect(store.audit.every(({ ids }) => ids['requestId'] === received.requestId)).toBe(true);
    for (const { code, ids } of store.audit) await chainEntry(null, code, ids, 1);
  });

  it('of somebody who cannot be identified is not carried out; it can be tried again, and be refused', async () => {
    const { register, world } = await rightsFixture();
    world.check = { method: 'id-desk', outcome: 'failed' };
    const { requestId } = await register.receive({ right: 'access', dataSubject: 'p-1' });
    expect(await register.identify(requestId)).toMatchObject({ state: 'received', identity: { outcome: 'failed' } });
    await expect(register.accept(requestId, 'sam')).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST' });
    await expect(register.complete(requestId, [])).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST' });
    world.check = { method: 'id-desk', outcome: 'confirmed' };
    expect((await register.identify(requestId)).state).toBe('identified');
    await expect(register.identify(requestId)).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST' });
    expect(await register.refuse(requestId, 'legal-duty', 'sam')).toMatchObject({ state: 'refused', refusal: 'legal-duty' });
    await expect(register.refuse(requestId, 'because' as never, 'sam')).rejects.toThrow();
    expect(REFUSAL_REASONS).not.toContain('because');
  });

  it('whose check breaks is left as it was', async () => {
    const { register, world, store } = await rightsFixture();
    const { requestId } = await register.receive({ right: 'port', dataSubject: 'p-1', guardian: 'g-1' });
    Object.defineProperty(world, 'check', { get: () => { throw new Error('the directory is down'); } });
    await expect(register.identify(requestId)).rejects.toThrow('the directory is down');
    expect(await register.read(requestId)).toMatchObject({ state: 'received', guardian: 'g-1' });
    expect(store.all).toHaveLength(1);
  });

  it('may be taken back until it is being carried out', async () => {
    const { register } = await rightsFixture();
    const { requestId } = await register.receive({ right: 'restrict', dataSubject: 'p-1' });
    expect(await register.retract(requestId)).toMatchObject({ state: 'retracted' });
    await expect(register.identify(requestId)).rejects.toMatchObject({ details: { state: 'retracted' } });
  });

  it('to restrict can be taken back after it was carried out; nothing else can', async () => {
    const { register } = await rightsFixture();
    for (const right of ['restrict', 'access'] as const) {
      const { requestId } = await register.receive({ right, dataSubject: 'p-1' });
      await register.identify(requestId);
      await register.accept(requestId, 'person');
      const receipt = await register.complete(requestId, []);
      expect(await register.receipt(requestId)).toEqual(receipt);
      if (right === 'restrict') expect(await register.retract(requestId)).toMatchObject({ state: 'retracted', receiptId: receipt.receiptId });
      else await expect(register.retract(requestId)).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST', details: { state: 'completed' } });
    }
    expect((await register.list('p-1')).map(({ state }) => state).sort()).toEqual(['completed', 'retracted']);
    expect(await register.list('p-2')).toEqual([]);
  });

  it('is listed by its deadline, and says when that has passed', async () => {
    const { register, world } = await rightsFixture();
    const slow = await register.receive({ right: 'access', dataSubject: 'p-1' });
    const fast = await register.receive({ right: 'withdraw', dataSubject: 'p-2' });
    const ended = await register.receive({ right: 'withdraw', dataSubject: 'p-3' });
    await register.retract(ended.requestId);
    world.now = fast.deadline;
    expect((await register.list()).map(({ requestId, overdue }) => [requestId, overdue])).toEqual([[fast.requestId, false], [slow.requestId, false], [ended.requestId, false]]);
    world.now = fast.deadline + 1;
    expect((await register.list()).map(({ overdue }) => overdue)).toEqual([true, false, false]);
  });

  it('is changed by one tab at a time, and never by taking entries away', async () => {
    const { register, store } = await rightsFixture();
    const { requestId } = await register.receive({ right: 'access', dataSubject: 'p-1' });
    store.meanwhile = () => { store.all.push({ type: 'retracted', requestId, number: 2, at: NOW }); };
    await expect(register.identify(requestId)).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST' });
    expect(await register.read(requestId)).toMatchObject({ state: 'retracted' });
    store.all.shift();
    await expect(register.read(requestId)).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST', details: { field: 'number' } });
    expect(await register.read('other')).toBeNull();
    await expect(register.accept('other', 'sam')).rejects.toMatchObject({ code: 'ERR_RIGHTS_REQUEST', details: { state: 'none' } });
  });
});
