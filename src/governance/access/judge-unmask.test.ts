import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLOCK_TOLERANCE_MS } from '../consent/gate.ts';
import { ACCESS_NOW, AccessFixture, at, completeFacts } from './access-fixture.contract.ts';
import { judgeUnmask, UNMASK_FACTORS, unmaskEndedBy, unmaskError, type UnmaskFacts, type UnmaskFactor, type UnmaskTime } from './judge-unmask.ts';
import { decideUnmask, issueWorkOrder, requestUnmask } from './staff-acts.ts';
import type { Statement } from './statement.ts';
import { UnmaskGrant } from './unmask-grant.ts';

const MINUTE = 60_000;
let fixture: AccessFixture;
let facts: UnmaskFacts;
/** One change that takes exactly one factor away. */
let missing: Record<UnmaskFactor, { facts?: Partial<UnmaskFacts>; time?: UnmaskTime }>;

beforeAll(async () => {
  fixture = await AccessFixture.make();
  facts = await completeFacts(fixture);
  const auditor = await fixture.login('rita', ['auditor']);
  const both = await fixture.login('rita', ['reviewer', 'supervisor']);
  const byHerself = await decisionOf(both, facts.request!);
  missing = {
    clock: { time: { clock: ACCESS_NOW, highWater: ACCESS_NOW + CLOCK_TOLERANCE_MS + 1 } },
    staff: { facts: { staff: null } },
    'work-order': { facts: { workOrder: null } },
    recording: { facts: { recordingId: 'rec-2' } },
    track: { facts: { trackId: 4 } },
    request: { facts: { request: null } },
    role: { facts: { staff: auditor } },
    revoked: { facts: { ended: [facts.request!.id] } },
    'second-person': { facts: { decisions: [byHerself] } },
    approval: { facts: { decisions: [] } },
    window: { facts: { uses: [{ grantId: 'g', requestId: facts.request!.id, workOrderId: facts.workOrder!.id, startedAt: ACCESS_NOW - 10 * MINUTE }] } },
    count: { facts: { uses: [1, 2].map((n) => ({ grantId: `g${n}`, requestId: `other${n}`, workOrderId: facts.workOrder!.id, startedAt: ACCESS_NOW })) } },
    consent: { facts: { consent: 'ended' } },
    item: { facts: { item: 'erasing' } },
  };
});

/** A decision as a careless or corrupt device would sign it: of the one who asked. */
async function decisionOf(staff: Statement<'staff'>, request: Pick<Statement<'unmask-request'>, 'id' | 'hash'>): Promise<Statement<'unmask-decision'>> {
  const { signJws } = await import('./jws.ts');
  const iat = Math.floor(ACCESS_NOW / 1000);
  const payload = { iss: 'device', aud: fixture.signer.audience, sub: staff.by, jti: crypto.randomUUID(), iat, exp: iat + 3600, requestId: request.id, requestHash: request.hash, decision: 'approve', roles: staff.content.roles };
  return fixture.verify(await signJws('bauta-unmask-decision+jwt', payload, fixture.device), 'unmask-decision');
}

const factorOf = (change: Partial<UnmaskFacts>, time = at(ACCESS_NOW)): UnmaskFactor | null => {
  const verdict = judgeUnmask({ ...facts, ...change }, time);
  return verdict.granted ? null : verdict.refusal.factor;
};

describe('seeing one face [TAF-5.3b, TAF-5.3c]', () => {
  it('needs everything, and then is for one track, one person and some minutes', () => {
    const verdict = judgeUnmask(facts, at(ACCESS_NOW));
    if (!verdict.granted) return expect.unreachable(verdict.refusal.message);
    expect(UnmaskGrant.isGenuine(verdict.grant)).toBe(true);
    expect(verdict.grant).toMatchObject({ recordingId: 'rec-1', trackId: 3, staffId: 'rita', approvedBy: ['sue'], startsAt: ACCESS_NOW, endsAt: ACCESS_NOW + 10 * MINUTE });
    return undefined;
  });

  it.each(UNMASK_FACTORS.map((factor) => [factor]))('is refused without: %s', (factor) => {
    const { facts: change = {}, time = at(ACCESS_NOW) } = missing[factor];
    const verdict = judgeUnmask({ ...facts, ...change }, time);
    if (verdict.granted) return expect.unreachable(`granted without ${factor}`);
    expect(verdict.refusal.factor).toBe(factor);
    expect(unmaskError(verdict.refusal)).toMatchObject({ code: 'ERR_UNMASK_REFUSED', details: { factor } });
    return undefined;
  });

  it('is refused for every combination of missing factors, and granted for none missing', () => {
    for (let mask = 0; mask < 2 ** UNMASK_FACTORS.length; mask += 1) {
      let change: Partial<UnmaskFacts> = {};
      let time = at(ACCESS_NOW);
      UNMASK_FACTORS.forEach((factor, bit) => {
        if ((mask & (1 << bit)) === 0) return;
        change = { ...change, ...missing[factor].facts };
        time = missing[factor].time ?? time;
      });
      expect(judgeUnmask({ ...facts, ...change }, time).granted, `mask ${mask}`).toBe(mask === 0);
    }
  });

  it('is refused whatever else is put in place of any one fact (property, seed 8)', () => {
    const junk = fc.oneof(fc.anything(), fc.constantFrom(null, undefined, true, 'kept ', 'stands ', Infinity, -1, {}, []));
    const copies = [facts.staff, facts.workOrder, facts.request, facts.decisions[0]].map((statement) => structuredClone({ ...statement! }));
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(facts) as (keyof UnmaskFacts)[])), fc.oneof(junk, fc.constantFrom(...copies)), (key, value) => {
        fc.pre(!(key === 'ended' && Array.isArray(value)) && !(key === 'uses' && Array.isArray(value) && value.length === 0) && !(key === 'approvalsNeeded' && value === 1));
        fc.pre(value !== facts[key]);
        expect(judgeUnmask({ ...facts, [key]: value }, at(ACCESS_NOW)).granted).toBe(false);
      }),
      { seed: 8, numRuns: 2000 },
    );
  });

  it('is refused when any one fact is left out, and when the time is none', () => {
    for (const key of Object.keys(facts)) {
      const rest = Object.fromEntries(Object.entries(facts).filter(([other]) => other !== key));
      expect(judgeUnmask(rest as unknown as UnmaskFacts, at(ACCESS_NOW)).granted, key).toBe(false);
    }
    for (const time of [{ clock: Number.NaN, highWater: 0 }, { clock: 0, highWater: Number.NaN }, { clock: Infinity, highWater: 0 }, {}]) {
      expect(factorOf({}, time as UnmaskTime)).toBe('clock');
    }
  });

  it('is refused to somebody else than the one who asked or whom the order is assigned to', async () => {
    const ron = await fixture.login('ron', ['reviewer']);
    expect(factorOf({ staff: ron })).toBe('work-order');
    const sam = await fixture.login('sam', ['supervisor']);
    const workOrder = await fixture.order(sam, { assignedTo: ['rita', 'ron'] });
    const request = await fixture.request(ron, workOrder);
    const decisions = [await fixture.decide(sam, request)];
    expect(factorOf({ staff: ron, workOrder, request, decisions })).toBeNull();
    expect(factorOf({ workOrder, request, decisions })).toBe('request');
  });

  it('is refused under an order that the same person gave', async () => {
    const rita = await fixture.login('rita', ['reviewer', 'supervisor']);
    const workOrder = await fixture.order(rita);
    const request = await fixture.request(rita, workOrder);
    const decisions = [await fixture.decide(await fixture.login('sue', ['supervisor']), request)];
    expect(factorOf({ staff: rita, workOrder, request, decisions })).toBe('work-order');
  });

  it('is refused before and after its order, and when that was closed', async () => {
    const end = facts.workOrder!.validUntil;
    const staff = await fixture.login('rita', ['reviewer'], end - 1000);
    expect(factorOf({ staff }, at(end - 1))).toBeNull();
    expect(factorOf({ staff }, at(end))).toBe('work-order');
    expect(factorOf({ ended: [facts.workOrder!.id] })).toBe('work-order');
  });

  it('is refused when a request or an approval is for something else', async () => {
    const sue = await fixture.login('sue', ['supervisor']);
    const again = await fixture.request(facts.staff!, facts.workOrder!);
    expect(factorOf({ request: again })).toBe('approval');
    expect(factorOf({ request: again, decisions: [await fixture.decide(sue, again)] })).toBeNull();
    const wide = await fixture.order(await fixture.login('sam', ['supervisor']), { trackIds: [3, 4] });
    expect(factorOf({ workOrder: wide })).toBe('request');
    const other = await fixture.request(facts.staff!, wide, { trackId: 4 });
    expect(factorOf({ workOrder: wide, request: other, decisions: [await fixture.decide(sue, other)] })).toBe('request');
  });

  it('is refused when the approval is too old, however long the request lasts', async () => {
    const staff = await fixture.login('rita', ['reviewer'], ACCESS_NOW + 25 * 60 * MINUTE);
    const workOrder = await fixture.order(await fixture.login('sam', ['supervisor']), { validForMs: 3 * 24 * 60 * MINUTE });
    const request = await fixture.request(facts.staff!, workOrder);
    const decisions = [await fixture.decide(await fixture.login('sue', ['supervisor']), request)];
    expect(factorOf({ workOrder, request, decisions })).toBeNull();
    expect(factorOf({ staff, workOrder, request, decisions }, at(ACCESS_NOW + 25 * 60 * MINUTE))).toBe('approval');
  });

  it('is refused when the request is too old, however fresh its approval', async () => {
    const late = facts.request!.validUntil - 1000;
    const [staff, sue] = [await fixture.login('rita', ['reviewer'], late), await fixture.login('sue', ['supervisor'], late)];
    const workOrder = await fixture.order(await fixture.login('sam', ['supervisor']), { validForMs: 5 * 24 * 60 * MINUTE });
    const request = await fixture.request(facts.staff!, workOrder);
    const decisions = [await fixture.decide(sue, request, 'approve', late)];
    expect(factorOf({ staff, workOrder, request, decisions }, at(late))).toBeNull();
    expect(factorOf({ staff, workOrder, request, decisions }, at(request.validUntil))).toBe('request');
  });

  it('is refused when the approval is of a request of the same id that said something else', async () => {
    const sue = await fixture.login('sue', ['supervisor']);
    expect(factorOf({ decisions: [await decisionOf(sue, { id: facts.request!.id, hash: facts.request!.hash })] })).toBeNull();
    expect(factorOf({ decisions: [await decisionOf(sue, { id: facts.request!.id, hash: 'e'.repeat(64) })] })).toBe('approval');
    expect(factorOf({ decisions: [await decisionOf(sue, { id: 'other', hash: facts.request!.hash })] })).toBe('approval');
  });

  it('one no outweighs any number of yeses', async () => {
    const no = await fixture.decide(await fixture.login('sid', ['supervisor']), facts.request!, 'reject');
    expect(factorOf({ decisions: [...facts.decisions, no] })).toBe('approval');
    expect(factorOf({ decisions: [no, ...facts.decisions] })).toBe('approval');
  });

  it('the same person approving twice is one person', async () => {
    const sue = await fixture.login('SUE', ['supervisor']);
    const twice = [...facts.decisions, await fixture.decide(sue, facts.request!)];
    expect(factorOf({ approvalsNeeded: 2, decisions: twice })).toBe('second-person');
    const third = await fixture.decide(await fixture.login('sid', ['supervisor']), facts.request!);
    expect(factorOf({ approvalsNeeded: 2, decisions: [...twice, third] })).toBeNull();
  });

  it('is refused when whoever approves has no role for it', async () => {
    const ron = await fixture.login('ron', ['reviewer']);
    expect(factorOf({ decisions: [await decisionOf(ron, facts.request!)] })).toBe('approval');
  });

  it('beginning again makes the window no longer, and each beginning counts', () => {
    const use = (startedAt: number, grantId = 'g1') => ({ grantId, requestId: facts.request!.id, workOrderId: facts.workOrder!.id, startedAt });
    const again = judgeUnmask({ ...facts, uses: [use(ACCESS_NOW - 4 * MINUTE)] }, at(ACCESS_NOW));
    expect(again).toMatchObject({ granted: true, grant: { startsAt: ACCESS_NOW, endsAt: ACCESS_NOW + 6 * MINUTE } });
    expect(factorOf({ uses: [use(ACCESS_NOW - 4 * MINUTE), use(ACCESS_NOW - MINUTE, 'g2')] })).toBe('count');
    expect(factorOf({ uses: [use(ACCESS_NOW - 10 * MINUTE + 1)] })).toBeNull();
    expect(factorOf({ uses: [use(Number.NaN)] })).toBe('count');
  });

  it('ends no later than anything that it rests on (property, seed 9)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 * 60 }), (minutes) => {
        const now = ACCESS_NOW + minutes * MINUTE;
        const verdict = judgeUnmask(facts, at(now));
        const limits = [facts.staff!.validUntil, facts.workOrder!.validUntil, facts.request!.validUntil, facts.decisions[0]!.validUntil];
        expect(verdict.granted).toBe(now < Math.min(...limits));
        if (verdict.granted) expect(verdict.grant.endsAt).toBe(Math.min(now + 10 * MINUTE, ...limits));
      }),
      { seed: 9 },
    );
  });

  it('goes by the latest time ever seen while the clock is a little behind', () => {
    const verdict = judgeUnmask(facts, { clock: ACCESS_NOW - 1, highWater: ACCESS_NOW + MINUTE });
    expect(verdict).toMatchObject({ granted: true, grant: { startsAt: ACCESS_NOW + MINUTE } });
    expect(factorOf({}, { clock: ACCESS_NOW, highWater: ACCESS_NOW + CLOCK_TOLERANCE_MS })).toBeNull();
  });

  it('a grant cannot be made by hand', () => {
    expect(() => new UnmaskGrant(Symbol('mint') as never, {} as never)).toThrow(expect.objectContaining({ code: 'ERR_STATEMENT_FORGED' }));
    expect(UnmaskGrant.isGenuine(structuredClone({ ...granted() }))).toBe(false);
    expect(UnmaskGrant.isGenuine(Object.create(UnmaskGrant.prototype))).toBe(false);
  });
});

function granted(): UnmaskGrant {
  const verdict = judgeUnmask(facts, at(ACCESS_NOW));
  if (!verdict.granted) throw new Error(verdict.refusal.message);
  return verdict.grant;
}

describe('a look that has begun [TAF-5.3b]', () => {
  it('goes on while everything holds, its own use not counted twice, until its time is over', () => {
    const grant = granted();
    const used = { ...facts, workOrder: facts.workOrder, uses: [{ grantId: grant.grantId, requestId: grant.requestId, workOrderId: grant.workOrderId, startedAt: grant.startsAt }] };
    expect(unmaskEndedBy(grant, used, at(ACCESS_NOW))).toBeNull();
    expect(unmaskEndedBy(grant, used, at(grant.endsAt - 1))).toBeNull();
    expect(unmaskEndedBy(grant, used, at(grant.endsAt))).toBe('window');
    expect(unmaskEndedBy(grant, used, at(grant.endsAt + 24 * 60 * MINUTE))).not.toBeNull();
  });

  it.each<[string, Partial<UnmaskFacts>, UnmaskFactor]>([
    ['consent is withdrawn', { consent: 'ended' }, 'consent'],
    ['nobody knows about consent', { consent: 'unclear' }, 'consent'],
    ['the item is being erased', { item: 'erasing' }, 'item'],
    ['the item is gone', { item: 'erased' }, 'item'],
    ['somebody logs out', { staff: null }, 'staff'],
  ])('ends when %s', (_name, change, factor) => {
    expect(unmaskEndedBy(granted(), { ...facts, ...change }, at(ACCESS_NOW + 1))).toBe(factor);
  });

  it('ends when it is revoked, its order is closed, another person says no, or the clock goes back', async () => {
    const grant = granted();
    expect(unmaskEndedBy(grant, { ...facts, ended: [grant.requestId] }, at(ACCESS_NOW))).toBe('revoked');
    expect(unmaskEndedBy(grant, { ...facts, ended: [grant.workOrderId] }, at(ACCESS_NOW))).toBe('work-order');
    const no = await fixture.decide(await fixture.login('sid', ['supervisor']), facts.request!, 'reject');
    expect(unmaskEndedBy(grant, { ...facts, decisions: [...facts.decisions, no] }, at(ACCESS_NOW))).toBe('approval');
    expect(unmaskEndedBy(grant, facts, { clock: ACCESS_NOW - CLOCK_TOLERANCE_MS - 1, highWater: ACCESS_NOW })).toBe('clock');
  });

  it('ends at its own time, though somebody logs in anew or approves again', async () => {
    const early = ACCESS_NOW - 4 * 60 * MINUTE + 3 * MINUTE;
    const staff = await fixture.login('rita', ['reviewer'], early);
    const verdict = judgeUnmask({ ...facts, staff }, at(ACCESS_NOW));
    if (!verdict.granted) return expect.unreachable(verdict.refusal.message);
    expect(verdict.grant.endsAt).toBe(ACCESS_NOW + 3 * MINUTE);
    expect(unmaskEndedBy(verdict.grant, facts, at(verdict.grant.endsAt - 1))).toBeNull();
    expect(unmaskEndedBy(verdict.grant, facts, at(verdict.grant.endsAt))).toBe('window');
    return undefined;
  });

  it('ends when the facts are of another look', async () => {
    const again = await fixture.request(facts.staff!, facts.workOrder!);
    const decisions = [await fixture.decide(await fixture.login('sue', ['supervisor']), again)];
    expect(unmaskEndedBy(granted(), { ...facts, request: again, decisions }, at(ACCESS_NOW))).toBe('request');
  });
});

describe('what staff do [TAF-5.3b]', () => {
  const order = { recordingId: 'rec-1', trackIds: [3], assignedTo: ['rita'], maxUnmasks: 1, validForMs: 3_600_000 };
  const asked = { trackId: 3, reason: 'complaint', reasonText: 'who signed for the parcel', windowMinutes: 10 } as const;

  it('needs the role', async () => {
    const [rita, auditor] = [await fixture.login('rita', ['reviewer']), await fixture.login('ann', ['auditor'])];
    await expect(issueWorkOrder(rita, order, fixture.signer, ACCESS_NOW)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await expect(requestUnmask(auditor, facts.workOrder!, asked, fixture.signer, ACCESS_NOW)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await expect(requestUnmask(await fixture.login('ron', ['reviewer']), facts.workOrder!, asked, fixture.signer, ACCESS_NOW)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await expect(decideUnmask(auditor, facts.request!, 'approve', fixture.signer, ACCESS_NOW)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
  });

  it('nobody decides on a request of their own', async () => {
    const rita = await fixture.login('Rita', ['reviewer', 'supervisor']);
    await expect(decideUnmask(rita, facts.request!, 'approve', fixture.signer, ACCESS_NOW)).rejects.toMatchObject({ code: 'ERR_UNMASK_REFUSED', details: { factor: 'second-person' } });
  });

  it('a request keeps to the tracks of its order', async () => {
    await expect(requestUnmask(facts.staff!, facts.workOrder!, { ...asked, trackId: 4 }, fixture.signer, ACCESS_NOW)).rejects.toMatchObject({ details: { factor: 'track' } });
  });

  it.each<[string, object]>([
    ['reasonText', { reasonText: '   short    ' }],
    ['reasonText', { reasonText: 'x'.repeat(501) }],
    ['reason', { reason: 'curiosity' }],
    ['windowMinutes', { windowMinutes: 31 }],
    ['windowMinutes', { windowMinutes: 0 }],
    ['windowMinutes', { windowMinutes: 1.5 }],
  ])('a request out of bounds is a bug: %s', async (field, change) => {
    await expect(requestUnmask(facts.staff!, facts.workOrder!, { ...asked, ...change }, fixture.signer, ACCESS_NOW)).rejects.toThrow(new RegExp(`unmask-request\\.${field}`));
  });

  it.each<[string, object]>([
    ['assignedTo', { assignedTo: [] }],
    ['trackIds', { trackIds: [3, 3] }],
    ['trackIds', { trackIds: [-1] }],
    ['maxUnmasks', { maxUnmasks: 21 }],
    ['recordingId', { recordingId: '' }],
    ['validForMs', { validForMs: 91 * 24 * 3_600_000 }],
    ['validForMs', { validForMs: 0 }],
    ['note', { note: 'x' }],
  ])('an order out of bounds is a bug: %s', async (field, change) => {
    const sam = await fixture.login('sam', ['supervisor']);
    await expect(issueWorkOrder(sam, { ...order, ...change }, fixture.signer, ACCESS_NOW)).rejects.toThrow(new RegExp(`work-order\\.${field}`));
  });

  it('is over when the login is, and is nobody’s by a look-alike', async () => {
    const sam = await fixture.login('sam', ['supervisor']);
    await expect(issueWorkOrder(sam, order, fixture.signer, sam.validUntil)).rejects.toMatchObject({ code: 'ERR_STATEMENT_EXPIRED' });
    await expect(issueWorkOrder({ ...sam } as never, order, fixture.signer, ACCESS_NOW)).rejects.toMatchObject({ code: 'ERR_STATEMENT_FORGED' });
  });
});
