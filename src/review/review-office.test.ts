import { beforeEach, describe, expect, it } from 'vitest';
import { FacePrivacyError } from '../core/errors.ts';
import { createDeviceKey } from '../governance/consent/proof.ts';
import { signStaffAssertion } from '../governance/access/staff-assertion.ts';
import { verifyChain } from '../governance/audit/entry.ts';
import { ReviewFixture } from './review-fixture.contract.ts';

const DAY_MS = 86_400_000;
let fixture: ReviewFixture;
beforeEach(async () => {
  fixture = await ReviewFixture.make();
});

const incidents = (): string[] => fixture.events.flatMap((event) => (event.kind === 'incident' ? [event.data.kind] : []));

describe('signing in [TAF-5.3b]', () => {
  it('takes the word of the directory once, for as long as it says', async () => {
    const assertion = await fixture.assertion('rita', ['reviewer'], { validForMs: 3_600_000 });
    await expect(fixture.office.staff.signIn(assertion)).resolves.toMatchObject({ staffId: 'rita', roles: ['reviewer'], validUntil: fixture.now + 3_600_000 });
    await expect(fixture.office.staff.signIn(assertion)).rejects.toMatchObject({ code: 'ERR_STATEMENT_REPLAYED' });
    expect(fixture.office.staff.staff).toBeNull();
    await fixture.signIn('rita', ['reviewer'], { validForMs: 3_600_000 });
    fixture.now += 3_600_000;
    expect(fixture.office.staff.staff).toBeNull();
    await expect(fixture.office.cases.queue({})).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED', details: { factor: 'staff' } });
    expect(fixture.place.audit.map(({ code }) => code).filter((code) => code.startsWith('staff'))).toEqual(['staff.signed-in', 'staff.signed-out', 'staff.refused', 'staff.signed-in']);
  });

  it('forged: nobody is signed in, and it is an incident at once [MEG-incident]', async () => {
    const nonce = fixture.office.staff.challenge();
    const forged = await signStaffAssertion({ staffId: 'rita', roles: ['reviewer'], nonce }, { ...fixture.access.signer, ...(await createDeviceKey()) }, fixture.now);
    await expect(fixture.office.staff.signIn(forged)).rejects.toMatchObject({ code: 'ERR_STATEMENT_FORGED' });
    expect(fixture.office.staff.staff).toBeNull();
    expect(incidents()).toEqual(['forgery-attempted']);
  });
});

describe('what staff may do [TAF-5.3b]', () => {
  it('without anybody signed in: nothing, and every attempt is audited', async () => {
    const { office } = fixture;
    const { token } = await fixture.order();
    const tries = [office.cases.queue({}), office.cases.open('rec-1'), office.cases.addNote('rec-1', 'x'), office.workOrders(), office.requests(), office.submit(token), office.holds.list(null), office.auditLog({}), office.exportAudit()];
    for (const attempt of await Promise.allSettled(tries)) expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'ERR_ACCESS_DENIED', details: { factor: 'staff' } } });
    expect(await fixture.audited('access.refused')).toHaveLength(tries.length);
  });

  it('a reviewer opens what an open work order names, and no more', async () => {
    const { office } = fixture;
    await fixture.signIn('rita', ['reviewer']);
    await expect(office.cases.open('rec-1')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED', details: { factor: 'work-order' } });
    const order = await fixture.order();
    await expect(office.submit(order.token)).resolves.toEqual({ kind: 'work-order', id: order.id });
    const opened = await office.cases.open('rec-1');
    expect(opened).toMatchObject({ item: { state: 'in-review', originals: [3], workOrders: [order.id] }, manifestVerdict: { valid: true }, timeline: { tracks: [{ trackId: 3, sealed: true, spans: [{ fromUs: 0, untilUs: 300_000 }] }] } });
    expect(await opened.media.text()).toBe('redacted pictures');
    expect((await fixture.audited('review.opened')).at(-1)?.ids).toEqual({ recordingId: 'rec-1', staff: 'rita' });
    await expect(office.auditLog({})).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await expect(office.closeWorkOrder(order.id)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await expect(office.holds.place('rec-1', { reason: 'a dispute is open', until: fixture.now + DAY_MS })).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await fixture.signIn('sam', ['supervisor']);
    await office.closeWorkOrder(order.id);
    await fixture.signIn('rita', ['reviewer']);
    await expect(office.cases.open('rec-1')).rejects.toMatchObject({ details: { factor: 'work-order' } });
  });

  it('an auditor lists and reads the log, and opens nothing; an administrator sees no recording', async () => {
    const { office } = fixture;
    await fixture.signIn('adam', ['auditor']);
    await expect(office.cases.queue({})).resolves.toHaveLength(1);
    await expect(office.cases.open('rec-1')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    const log = await office.auditLog({});
    await expect(verifyChain(log)).resolves.toMatchObject({ intact: true });
    expect((await office.auditLog({ codes: ['staff.signed-in'] })).map(({ ids }) => ids['staff'])).toEqual(['adam']);
    expect((await office.exportAudit()).size).toBeGreaterThan(0);
    await fixture.signIn('ada', ['administrator']);
    await expect(office.cases.queue({})).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await expect(office.workOrders()).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await expect(office.noteBundle('manifest-1')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' });
    await fixture.signIn('rita', ['reviewer']);
    await office.noteBundle('manifest-1');
    expect((await fixture.audited('review.bundle-opened')).map(({ ids }) => ids)).toEqual([{ manifestId: 'manifest-1', staff: 'rita' }]);
  });

  it('a supervisor decides, and what is added stays', async () => {
    const { office } = fixture;
    await fixture.signIn('sam', ['supervisor']);
    await expect(office.cases.queue({ state: 'new' })).resolves.toHaveLength(1);
    const box = { x: 1, y: 2, width: 30, height: 40 };
    await office.cases.addBox('rec-1', { fromUs: 0, untilUs: 500_000, box });
    await office.cases.addNote('rec-1', 'parcel handed over');
    await office.cases.decide('rec-1', 'escalate', '');
    await expect(office.cases.queue({ state: 'in-review' })).resolves.toMatchObject([{ decision: { outcome: 'escalate' } }]);
    await office.cases.decide('rec-1', 'no-issue', 'all is well');
    await expect(office.cases.queue({ state: 'decided' })).resolves.toMatchObject([{ decision: { outcome: 'no-issue', by: 'sam' } }]);
    await expect(office.cases.notesOf('rec-1')).resolves.toMatchObject({ boxes: [{ box, by: 'sam' }], notes: [{ text: 'parcel handed over', role: 'staff' }], decisions: [{ outcome: 'escalate' }, { outcome: 'no-issue' }] });
    for (const entry of fixture.place.audit) expect(JSON.stringify(entry)).not.toContain('parcel');
    await expect(office.cases.addBox('rec-1', { fromUs: 0, untilUs: 1, box: { ...box, width: 700 } })).rejects.toThrow(TypeError);
    await expect(office.cases.addNote('rec-1', ' ')).rejects.toThrow(TypeError);
  });
});

describe('statements [TAF-5.3b]', () => {
  it('that could lead nowhere are refused with the factor, and not kept', async () => {
    const { office } = fixture;
    await fixture.signIn('rita', ['reviewer']);
    const order = await fixture.order();
    await expect(office.submit((await fixture.request(order)).token)).rejects.toMatchObject({ code: 'ERR_UNMASK_REFUSED', details: { factor: 'work-order' } });
    await office.submit(order.token);
    // Once more is no fault, and kept once.
    await office.submit(order.token);
    const request = await fixture.request(order);
    await expect(office.submit((await fixture.decision(request)).token)).rejects.toMatchObject({ details: { factor: 'request' } });
    await office.submit(request.token);
    const approval = await fixture.decision(request);
    await office.submit(approval.token);
    await expect(office.submit((await fixture.decision(request)).token)).rejects.toMatchObject({ details: { factor: 'second-person' } });
    await expect(office.submit((await fixture.order({ recordingId: 'rec-9' })).token)).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID' });
    await expect(office.submit('a.b.c')).rejects.toMatchObject({ code: 'ERR_STATEMENT_INVALID' });
    await expect(office.submit(await fixture.assertion('rita', ['reviewer']))).rejects.toMatchObject({ code: 'ERR_STATEMENT_INVALID' });
    expect((await fixture.additions.list('statement')).map(({ value }) => value.kind)).toEqual(['work-order', 'unmask-request', 'unmask-decision']);
    expect(fixture.place.audit.map(({ code }) => code).filter((code) => /^(work-order|unmask)\./.test(code))).toEqual(['unmask.refused', 'work-order.issued', 'unmask.refused', 'unmask.requested', 'unmask.approved', 'unmask.refused']);
  });

  it('that another tab took in a moment before: the same is kept once, another one of its id is refused', async () => {
    await fixture.signIn('rita', ['reviewer']);
    const [order, other] = [await fixture.order(), await fixture.order()];
    const keep = fixture.additions.add.bind(fixture.additions);
    const outrun = (token: string): void => {
      fixture.additions.add = async (kind, id, row, addedAt) => {
        if (kind === 'statement') await keep('statement', id, { recordingId: 'rec-1', value: { id, kind: 'work-order', token, keptAt: addedAt } }, addedAt);
        return keep(kind, id, row, addedAt);
      };
    };
    outrun(order.token);
    await expect(fixture.office.submit(order.token)).resolves.toMatchObject({ id: order.id });
    outrun('another');
    await expect(fixture.office.submit(other.token)).rejects.toMatchObject({ code: 'ERR_STATEMENT_REPLAYED', details: { field: 'jti' } });
  });

  it('of another id that were put in a kept one\'s place count as missing', async () => {
    const { requestId } = await fixture.approved();
    const statement = fixture.additions.rows.find(({ kind, row }) => kind === 'statement' && 'kind' in row.value && row.value.kind === 'unmask-decision')!;
    const other = await fixture.request(await fixture.order());
    Object.assign(statement.row.value, { token: (await fixture.decision(other)).token });
    await expect(fixture.office.unmask(requestId, () => fixture.surface)).rejects.toMatchObject({ details: { factor: 'approval' } });
    Object.assign(statement.row.value, { token: 'x' });
    await expect(fixture.office.unmask(requestId, () => fixture.surface)).rejects.toMatchObject({ details: { factor: 'approval' } });
  });

  it('are read by those who may: a reviewer their own, a supervisor all', async () => {
    await fixture.approved();
    await expect(fixture.office.requests()).resolves.toMatchObject([{ state: 'approved', approvals: ['sue'], by: 'rita', looksUsed: 0, maxLooks: 2 }]);
    await fixture.signIn('rosa', ['reviewer']);
    await expect(fixture.office.requests()).resolves.toEqual([]);
    await expect(fixture.office.workOrders()).resolves.toEqual([]);
    await fixture.signIn('sam', ['supervisor']);
    await expect(fixture.office.requests()).resolves.toHaveLength(1);
    fixture.now += 9 * 3_600_000;
    await fixture.signIn('sam', ['supervisor']);
    await expect(fixture.office.workOrders()).resolves.toMatchObject([{ state: 'over' }]);
    await expect(fixture.office.requests()).resolves.toMatchObject([{ state: 'over' }]);
  });
});

describe('what is over is not shown [TAF-5.5a, TAF-5.5b]', () => {
  it('expired, withdrawn or restricted; a hold keeps it for staff, with an end', async () => {
    const { office } = fixture;
    await fixture.signIn('sam', ['supervisor'], { validForMs: 3_600_000 });
    const hold = await office.holds.place('rec-1', { reason: 'the parcel is missing', until: fixture.now + 30 * DAY_MS });
    await expect(office.holds.place('rec-1', { reason: 'short', until: fixture.now + DAY_MS })).rejects.toMatchObject({ code: 'ERR_HOLD_REFUSED', details: { field: 'reason' } });
    fixture.now += 11 * DAY_MS;
    await fixture.signIn('sam', ['supervisor']);
    await expect(office.cases.queue({ held: true })).resolves.toMatchObject([{ recordingId: 'rec-1', held: true }]);
    await fixture.ledger.withdraw('subject-1');
    expect((await office.cases.open('rec-1')).item.held).toBe(true);
    await expect(office.holds.list(null)).resolves.toMatchObject([{ holdId: hold.holdId, owner: 'sam', recordingId: 'rec-1' }]);
    await office.holds.release('rec-1', hold.holdId);
    await expect(office.cases.queue({})).resolves.toEqual([]);
    await expect(office.cases.open('rec-1')).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID' });
    await fixture.record('rec-2');
    await expect(office.cases.open('rec-2')).rejects.toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
    expect(fixture.place.audit.map(({ code }) => code).filter((code) => code.startsWith('retention'))).toEqual(['retention.hold-placed', 'retention.hold-released']);
  });

  it('is shown without its sound, and with the manifest of that, where nobody can tell that the person agrees to sound [MEG-separate]', async () => {
    const { manifest, format, key } = await fixture.record('rec-1');
    const sound = { key, consentRecordId: 'record', createdAt: 1, expiresAt: Number.MAX_SAFE_INTEGER, ending: null, silent: { format, manifest } };
    await fixture.record('rec-1', { sound, manifest: { ...manifest!, audio: { policy: 'kept', purpose: 'sound-recording' } } });
    await fixture.signIn('sam', ['supervisor']);
    await expect(fixture.office.cases.open('rec-1')).resolves.toMatchObject({ manifest: { audio: { policy: 'dropped' } }, manifestVerdict: { valid: true } });
    await expect(fixture.office.cases.gone(['rec-1'])).resolves.toEqual([]);
  });

  it('a restricted one is listed; nothing is done with it', async () => {
    const { office: { cases } } = fixture;
    await expect(cases.gone(['rec-1'])).resolves.toEqual([]);
    await fixture.record('rec-1', { restriction: { requestId: 'r', since: 1 } });
    await fixture.signIn('sam', ['supervisor']);
    await expect(cases.queue({})).resolves.toMatchObject([{ restricted: true }]);
    const box = { fromUs: 0, untilUs: 500_000, box: { x: 1, y: 2, width: 30, height: 40 } };
    const tries = [cases.open('rec-1'), cases.notesOf('rec-1'), cases.addBox('rec-1', box), cases.addNote('rec-1', 'seen'), cases.decide('rec-1', 'no-issue', 'all is well')];
    for (const attempt of await Promise.allSettled(tries)) expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'ERR_RESTRICTED' } });
    expect(fixture.additions.rows).toEqual([]);
    await expect(cases.gone(['rec-1', 'rec-9'])).resolves.toEqual(['rec-1', 'rec-9']);
  });

  it.each([
    ['restricted', 'ERR_RESTRICTED', () => fixture.record('rec-1', { restriction: { requestId: 'r', since: 1 } })],
    ['withdrawn', 'ERR_CONSENT_WITHDRAWN', () => fixture.ledger.withdraw('subject-1')],
    ['erased', 'ERR_MEDIA_INVALID', () => { fixture.recordings.delete('rec-1'); }],
    ['signed out', 'ERR_ACCESS_DENIED', () => fixture.office.staff.signOut('asked')],
    ['signed in anew', 'ERR_ACCESS_DENIED', () => fixture.signIn('sue', ['supervisor'])],
  ])('while it is read: %s, and it does not go out, nor is it written that it was opened', async (_name, code, happen) => {
    await fixture.signIn('sam', ['supervisor']);
    fixture.onRead = happen;
    await expect(fixture.office.cases.open('rec-1')).rejects.toMatchObject({ code });
    expect(await fixture.audited('review.opened')).toEqual([]);
    expect(incidents()).toEqual([]);
  });

  it('erased while it is read is no tampering; what cannot be read and is there, is [MEG-incident]', async () => {
    await fixture.signIn('sam', ['supervisor']);
    const torn = new FacePrivacyError('ERR_VAULT_INTEGRITY', 'A piece is missing.', { details: { recordingId: 'rec-1' } });
    const row = fixture.recordings.get('rec-1')!;
    fixture.onRead = () => {
      fixture.recordings.delete('rec-1');
      throw torn;
    };
    await expect(fixture.office.cases.open('rec-1')).rejects.toMatchObject({ code: 'ERR_MEDIA_INVALID' });
    expect(incidents()).toEqual([]);
    fixture.recordings.set('rec-1', row);
    fixture.onRead = () => { throw torn; };
    await expect(fixture.office.cases.open('rec-1')).rejects.toMatchObject({ code: 'ERR_VAULT_INTEGRITY' });
    expect(incidents()).toEqual(['integrity-failed']);
  });

  it('a manifest of other media is thrown, and an incident; one that is missing is told', async () => {
    const row = await fixture.record('rec-1');
    await fixture.signIn('sam', ['supervisor']);
    fixture.recordings.set('rec-1', { ...row, manifest: { ...row.manifest!, media: { ...row.manifest!.media, sha256: 'a'.repeat(64) } } });
    await expect(fixture.office.cases.open('rec-1')).rejects.toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
    expect(incidents()).toEqual(['integrity-failed']);
    fixture.recordings.set('rec-1', { ...row, manifest: null });
    await expect(fixture.office.cases.open('rec-1')).resolves.toMatchObject({ manifest: null, manifestVerdict: { valid: false, error: { code: 'ERR_MANIFEST_INVALID' } } });
  });

  it('what was said about a recording goes with it, and is found under the id that it had before', async () => {
    await fixture.approved();
    await fixture.office.cases.addNote('rec-1', 'seen');
    const row = fixture.recordings.get('rec-1')!;
    fixture.recordings.delete('rec-1');
    fixture.recordings.set('rec-1b', { ...row, recordingId: 'rec-1b', formerIds: ['rec-1'], manifest: null });
    await expect(fixture.office.tidy()).resolves.toBe(0);
    await expect(fixture.office.cases.queue({ mine: true })).resolves.toMatchObject([{ recordingId: 'rec-1b', originals: [3], state: 'in-review' }]);
    await expect(fixture.office.cases.notesOf('rec-1b')).resolves.toMatchObject({ notes: [{ text: 'seen' }] });
    fixture.recordings.clear();
    const rows = fixture.additions.rows.length;
    const erase = fixture.additions.erase.bind(fixture.additions);
    fixture.additions.erase = () => Promise.reject(new FacePrivacyError('ERR_STORAGE_FAILED', 'the page has gone'));
    await expect(fixture.office.tidy()).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
    // Nothing is gone of which the log does not know.
    expect((await fixture.audited('retention.erased')).map(({ ids }) => ids)).toEqual([{ reason: 'purpose-met', reviewRows: rows }]);
    fixture.additions.erase = erase;
    await expect(fixture.office.tidy()).resolves.toBe(rows);
    expect(rows).toBeGreaterThan(3);
    expect(fixture.additions.rows).toEqual([]);
  });
});
