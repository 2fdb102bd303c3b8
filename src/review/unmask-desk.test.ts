import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CLOCK_TOLERANCE_MS } from '../governance/consent/gate.ts';
import { ReviewFixture } from './review-fixture.contract.ts';
import type { UnmaskEnd } from './protocol.ts';

const MINUTE_MS = 60_000;
let fixture: ReviewFixture;
beforeEach(async () => {
  fixture = await ReviewFixture.make();
});

const begin = (requestId: string) => fixture.office.unmask(requestId, () => fixture.surface);
const refusedWith = (factor: string) => ({ code: 'ERR_UNMASK_REFUSED', details: { factor } });
const ends = (): UnmaskEnd[] => fixture.events.flatMap((event) => (event.kind === 'unmask-ended' ? [event.data.end] : []));

/** Everything that takes one factor away from an unmask that was granted otherwise, and what it is refused with. */
const MISSING: Record<string, (ids: { orderId: string; requestId: string }) => unknown> = {
  clock: async () => {
    fixture.now += CLOCK_TOLERANCE_MS + 1;
    await fixture.ledger.standing('subject-1');
    fixture.now -= CLOCK_TOLERANCE_MS + 1;
  },
  staff: () => fixture.office.staff.signOut('asked'),
  'work-order': async ({ orderId }) => {
    await fixture.signIn('sam', ['supervisor']);
    await fixture.office.closeWorkOrder(orderId);
    await fixture.signIn('rita', ['reviewer']);
  },
  role: () => fixture.signIn('rita', ['supervisor']),
  revoked: async ({ requestId }) => {
    await fixture.signIn('sam', ['supervisor']);
    await fixture.office.revokeRequest(requestId);
    await fixture.signIn('rita', ['reviewer']);
  },
  window: async ({ requestId }) => {
    const look = await begin(requestId);
    fixture.office.endUnmasking(look.unmaskingId);
    fixture.now += 11 * MINUTE_MS;
  },
  consent: () => fixture.ledger.withdraw('subject-1'),
  item: () => fixture.originals.clear(),
};

describe('an unmask of which one factor is missing is refused, audited, and draws nothing [TAF-5.3b]', () => {
  it.each(Object.keys(MISSING))('%s', async (factor) => {
    const ids = await fixture.approved();
    await MISSING[factor]!(ids);
    const before = fixture.surface.done.filter((step) => step !== 'clear').length;
    await expect(begin(ids.requestId)).rejects.toMatchObject(refusedWith(factor));
    expect(fixture.surface.done.filter((step) => step !== 'clear')).toHaveLength(before);
    expect((await fixture.audited('unmask.refused')).at(-1)?.ids).toMatchObject({ factor, requestId: ids.requestId, recordingId: 'rec-1', trackId: 3 });
  });

  it('request: of somebody else, under an order that names both', async () => {
    const { requestId } = await fixture.approved({ assignedTo: ['rita', 'rosa'] });
    await fixture.signIn('rosa', ['reviewer']);
    await expect(begin(requestId)).rejects.toMatchObject(refusedWith('request'));
    await expect(begin(crypto.randomUUID())).rejects.toMatchObject(refusedWith('request'));
  });

  it('approval: nobody has said yes, or somebody no', async () => {
    await fixture.signIn('rita', ['reviewer']);
    const order = await fixture.order();
    await fixture.office.submit(order.token);
    const request = await fixture.request(order);
    await fixture.office.submit(request.token);
    await expect(begin(request.id)).rejects.toMatchObject(refusedWith('approval'));
    await fixture.office.submit((await fixture.decision(request, 'sue')).token);
    await fixture.office.submit((await fixture.decision(request, 'sam', 'reject')).token);
    await expect(begin(request.id)).rejects.toMatchObject(refusedWith('approval'));
    expect((await fixture.office.requests())[0]).toMatchObject({ state: 'rejected', decidedBy: ['sue', 'sam'] });
  });

  it('leaves no live grant behind, however often somebody looks', async () => {
    const { requestId } = await fixture.approved({ maxUnmasks: 3 });
    const ended: string[][] = [];
    fixture.ledger.addEventListener('ended', ({ detail }) => { ended.push([...detail.purposes, detail.reason.code]); });
    for (let look = 1; look <= 2; look += 1) {
      const { unmaskingId } = await begin(requestId);
      expect(ended).toHaveLength(look - 1);
      fixture.office.endUnmasking(unmaskingId);
      expect(ended).toHaveLength(look);
    }
    expect(ended[0]).toEqual(['sealed-originals', 'ERR_ABORTED']);
    expect(ends()).toEqual(['ended', 'ended']);
  });

  it('count: the looks of the order are used up, also by looks that were ended', async () => {
    const { requestId } = await fixture.approved({ maxUnmasks: 1 });
    const look = await begin(requestId);
    fixture.office.endUnmasking(look.unmaskingId);
    await expect(begin(requestId)).rejects.toMatchObject(refusedWith('count'));
    expect((await fixture.office.workOrders())[0]).toMatchObject({ looksUsed: 1, maxUnmasks: 1 });
    expect((await fixture.office.requests())[0]).toMatchObject({ state: 'used-up' });
  });

  it('whoever deletes what is kept of reviews, and hands the same statements in anew, finds looks counted and orders closed', async () => {
    const { requestId, orderId } = await fixture.approved({ maxUnmasks: 1 });
    fixture.office.endUnmasking((await begin(requestId)).unmaskingId);
    const { rows } = fixture.additions;
    const without = (kind: string) => rows.filter((row) => row.kind !== kind);
    rows.splice(0, rows.length, ...without('use'));
    expect((await fixture.office.workOrders())[0]).toMatchObject({ looksUsed: 0 });
    await expect(begin(requestId)).rejects.toMatchObject(refusedWith('count'));
    await fixture.signIn('sam', ['supervisor']);
    await fixture.office.closeWorkOrder(orderId);
    await fixture.signIn('rita', ['reviewer']);
    rows.splice(0, rows.length, ...without('ended'));
    await expect(begin(requestId)).rejects.toMatchObject(refusedWith('work-order'));
  });

  it('a no that was deleted is not forgotten', async () => {
    const { requestId } = await fixture.approved();
    const { rows } = fixture.additions;
    const [request] = await fixture.office.requests();
    const no = await fixture.decision(request!, 'sam', 'reject');
    await fixture.office.submit(no.token);
    rows.splice(0, rows.length, ...rows.filter(({ id }) => id !== no.id));
    await expect(begin(requestId)).rejects.toMatchObject(refusedWith('revoked'));
  });

  it('the page is not seen, or the person restricts the use of it', async () => {
    const { requestId } = await fixture.approved();
    fixture.office.present(false);
    await expect(begin(requestId)).rejects.toMatchObject({ code: 'ERR_PAGE_HIDDEN' });
    fixture.office.present(true);
    fixture.recordings.set('rec-1', { ...fixture.recordings.get('rec-1')!, restriction: { requestId: 'r', since: 1 } });
    await expect(begin(requestId)).rejects.toMatchObject({ code: 'ERR_RESTRICTED' });
    expect(await fixture.audited('unmask.started')).toHaveLength(0);
  });

  it('a store that cannot be read shows nothing', async () => {
    const { requestId } = await fixture.approved();
    fixture.fault = new Error('gone');
    await expect(begin(requestId)).rejects.toThrow('gone');
    expect(fixture.surface.done).toEqual([]);
  });
});

describe('a look', () => {
  it('is written down before the first pixel, shows the sealed face with who looks over it, and leaves an empty canvas', async () => {
    const { requestId, orderId } = await fixture.approved();
    const look = await begin(requestId);
    expect(look).toMatchObject({ recordingId: 'rec-1', trackId: 3, startsAt: fixture.now, endsAt: fixture.now + 10 * MINUTE_MS });
    expect(fixture.surface.done).toEqual([]);
    expect((await fixture.audited('unmask.started')).at(-1)?.ids).toMatchObject({ grantId: look.unmaskingId, staff: 'rita', approved: 'sue', workOrderId: orderId });
    expect((await fixture.additions.list('use')).map(({ value }) => value)).toMatchObject([{ requestId, workOrderId: orderId, staffId: 'rita', trackId: 3 }]);
    await expect(fixture.office.show(look.unmaskingId, 150_000)).resolves.toBe(true);
    expect(fixture.surface.done).toEqual(['decode 2', 'draw']);
    expect(fixture.surface.words.join(' ')).toMatch(new RegExp(`^rita # ${orderId.slice(0, 13)} \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC$`));
    // Nothing is sealed of that time.
    await expect(fixture.office.show(look.unmaskingId, 700_000)).resolves.toBe(false);
    expect(fixture.surface.done.at(-1)).toBe('clear');
    fixture.office.endUnmasking(look.unmaskingId);
    expect(fixture.surface.done.at(-1)).toBe('clear');
    expect(ends()).toEqual(['ended']);
    await expect(fixture.office.show(look.unmaskingId, 150_000)).rejects.toMatchObject(refusedWith('ended'));
    await vi.waitFor(async () => { expect((await fixture.audited('unmask.ended')).at(-1)?.ids).toMatchObject({ grantId: look.unmaskingId, end: 'ended' }); });
  });

  it.each<[UnmaskEnd, (ids: { orderId: string; requestId: string }) => unknown]>([
    ['consent', () => fixture.ledger.withdraw('subject-1')],
    ['hidden', () => { fixture.office.present(false); }],
    ['staff', () => fixture.office.staff.signOut('asked')],
    ['window', () => {
      fixture.now += 10 * MINUTE_MS;
      fixture.office.changed();
    }],
    ['item', () => {
      fixture.originals.clear();
      fixture.office.changed();
    }],
    ['clock', async () => {
      fixture.now += CLOCK_TOLERANCE_MS + 1;
      await fixture.ledger.standing('subject-1');
      fixture.now -= CLOCK_TOLERANCE_MS + 1;
      fixture.office.changed();
    }],
    // Another desk closed it: what is kept says so.
    ['work-order', async ({ orderId }) => {
      await fixture.additions.add('ended', orderId, { recordingId: 'rec-1', value: { id: orderId, by: 'sam', at: fixture.now } }, fixture.now);
      fixture.office.changed();
    }],
    ['revoked', async ({ requestId }) => {
      await fixture.additions.add('ended', requestId, { recordingId: 'rec-1', value: { id: requestId, by: 'sam', at: fixture.now } }, fixture.now);
      fixture.office.changed();
    }],
    ['failed', () => {
      fixture.fault = new Error('gone');
      fixture.office.changed();
    }],
  ])('ends with %s, and the canvas is empty before it is told', async (end, cause) => {
    const ids = await fixture.approved();
    const look = await begin(ids.requestId);
    await fixture.office.show(look.unmaskingId, 0);
    const doneWhenTold: string[][] = [];
    const { push } = fixture.events;
    fixture.events.push = (...events) => {
      if (events.some(({ kind }) => kind === 'unmask-ended')) doneWhenTold.push([...fixture.surface.done]);
      return push.apply(fixture.events, events);
    };
    await cause(ids);
    await vi.waitFor(() => { expect(ends()).toEqual([end]); });
    expect(doneWhenTold[0]?.at(-1)).toBe('clear');
    await expect(fixture.office.show(look.unmaskingId, 100_000)).rejects.toMatchObject(refusedWith(end));
    expect(fixture.surface.done.at(-1)).toBe('clear');
  });

  it('ends when the page gives no sign any more', async () => {
    const { requestId } = await fixture.approved();
    await begin(requestId);
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3500);
    try {
      await vi.waitFor(() => { expect(ends()).toEqual(['hidden']); });
    } finally {
      now.mockRestore();
    }
  });

  it('ends when another begins, and each counts', async () => {
    const { requestId } = await fixture.approved();
    await begin(requestId);
    await begin(requestId);
    expect(ends()).toEqual(['ended']);
    await expect(begin(requestId)).rejects.toMatchObject(refusedWith('count'));
  });

  it('draws the latest time that was asked for, and none after its end', async () => {
    const { requestId } = await fixture.approved();
    const { unmaskingId } = await begin(requestId);
    const shown = [fixture.office.show(unmaskingId, 0), fixture.office.show(unmaskingId, 100_000), fixture.office.show(unmaskingId, 200_000)];
    await expect(Promise.all(shown)).resolves.toEqual([false, false, true]);
    expect(fixture.surface.done.filter((step) => step === 'draw')).toHaveLength(1);
    const late = fixture.office.show(unmaskingId, 0);
    fixture.office.present(false);
    await expect(late).rejects.toMatchObject(refusedWith('hidden'));
    expect(fixture.surface.done.at(-1)).toBe('clear');
  });

  it('five refusals of one person within minutes are an incident [MEG-incident]', async () => {
    const { requestId } = await fixture.approved();
    await fixture.ledger.withdraw('subject-1');
    for (let i = 0; i < 5; i += 1) await expect(begin(requestId)).rejects.toMatchObject(refusedWith('consent'));
    const incidents = fixture.events.flatMap((event) => (event.kind === 'incident' ? [event.data] : []));
    expect(incidents).toMatchObject([{ kind: 'refusals-repeated', about: 'rita', count: 5 }]);
    expect(await fixture.audited('incident.raised')).toHaveLength(1);
  });
});
