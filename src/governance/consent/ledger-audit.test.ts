import { describe, expect, it } from 'vitest';
import { HEAD_INTERVAL } from '../audit/head.ts';
import { verifyAuditExport } from '../audit/verify-export.ts';
import type { Incident } from '../incidents.ts';
import { ConsentGrant } from './grant.ts';
import { adult, FakeBrowser, granted } from './ledger-fixture.contract.ts';
import { ConsentLedger } from './ledger.ts';
import { FIXTURE_NOW, noticeFixture } from './notice-fixture.contract.ts';

const VIEW = 'live-redacted-view';
const notice = noticeFixture();

async function startWithYes() {
  const browser = new FakeBrowser();
  const ledger = await browser.open();
  await ledger.answer(adult(notice, 'given'));
  return { browser, ledger, grant: granted(await ledger.require(VIEW, 'subject-1')) };
}

const incidentsOf = (ledger: ConsentLedger): Incident[] => {
  const seen: Incident[] = [];
  ledger.addEventListener('incident', ({ detail }) => seen.push(detail));
  return seen;
};
/** What a ledger does on its own after it was opened. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('signed heads of the audit log [MEG-audit]', () => {
  it('are written with the entry that makes them due: the first, after so many, after so long', async () => {
    const { browser, grant } = await startWithYes();
    const { heads } = browser.place;
    expect(heads.map(({ sequence }) => sequence)).toEqual([1]);
    for (let index = 0; index < HEAD_INTERVAL.entries; index += 1) await ConsentGrant.note(grant, 'camera.asked', { index });
    expect(heads.map(({ sequence }) => sequence)).toEqual([1, 1 + HEAD_INTERVAL.entries]);
    browser.clock += HEAD_INTERVAL.timeMs;
    await ConsentGrant.note(grant, 'camera.asked');
    expect(heads.at(-1)).toMatchObject({ sequence: 2 + HEAD_INTERVAL.entries, at: browser.clock });
    expect(heads).toHaveLength(3);
  });

  it('and the log is read with all that was to be written, though nobody has waited for it', async () => {
    const { ledger, grant } = await startWithYes();
    void ConsentGrant.note(grant, 'capture.started');
    expect((await ledger.auditLog()).map(({ code }) => code)).toEqual(['consent.given', 'capture.started']);
  });

  it('go out with the log, which anybody can verify; the export is in it', async () => {
    const { browser, ledger, grant } = await startWithYes();
    await ConsentGrant.note(grant, 'capture.started');
    const text = await (await ledger.exportAudit()).text();
    const { keyId } = await browser.stores[0]!.deviceKey();
    const verdict = await verifyAuditExport(text, { keyId });
    expect(verdict).toMatchObject({ intact: true, entryCount: 3, opening: { origin: browser.origin } });
    expect((await ledger.auditLog()).at(-1)).toMatchObject({ code: 'audit.exported', ids: { keyId } });
    expect(browser.place.heads.at(-1)).toMatchObject({ sequence: 3 });
  });

  it('that were kept elsewhere show what was cut off or written anew since', async () => {
    const { browser, ledger, grant } = await startWithYes();
    await ConsentGrant.note(grant, 'capture.started');
    const head = await ledger.signAuditHead();
    expect(head).toMatchObject({ sequence: 3, at: FIXTURE_NOW });
    const whole = await (await ledger.exportAudit()).text();
    expect(await verifyAuditExport(whole, { heads: [head] })).toMatchObject({ intact: true, anchoredUntil: 3 });
    // Somebody with the developer tools cuts log and heads, and life goes on.
    browser.place.audit.length = 1;
    browser.place.heads.length = 1;
    expect((await verifyAuditExport(await (await ledger.exportAudit()).text(), { heads: [head] })).faults).toContainEqual(expect.objectContaining({ kind: 'truncated', sequences: [3, 3] }));
    await ConsentGrant.note(grant, 'capture.started');
    const regrown = await verifyAuditExport(await (await ledger.exportAudit()).text(), { heads: [head] });
    expect(regrown).toMatchObject({ intact: false, anchoredUntil: 0 });
    expect(regrown.faults.map(({ kind }) => kind)).toEqual(['rewritten']);
  });

  it('are signed again where the one that is kept speaks of entries that are gone', async () => {
    const { browser, ledger, grant } = await startWithYes();
    await ledger.signAuditHead();
    browser.place.audit.length = 1;
    await ConsentGrant.note(grant, 'capture.started');
    expect(browser.place.heads.map(({ sequence }) => sequence)).toEqual([1, 2, 2]);
  });
});

describe('incidents [MEG-incident]', () => {
  it.each<[string, (browser: FakeBrowser) => void]>([
    ['cut off', ({ place }) => { place.audit.pop(); }],
    ['written anew', ({ place }) => { Object.assign(place.audit.at(-1)!, { hash: 'a'.repeat(64) }); }],
    ['without an honest head', ({ place }) => { Object.assign(place.heads.at(-1)!, { sequence: 1 }); }],
  ])('a log that is %s in this browser is told and audited when the ledger is opened', async (_name, spoil) => {
    const { browser, ledger } = await startWithYes();
    await ledger.signAuditHead();
    spoil(browser);
    const reloaded = await browser.open();
    const seen = incidentsOf(reloaded);
    await settled();
    expect(seen).toEqual([expect.objectContaining({ kind: 'integrity-failed', about: 'audit-log', severity: 'high' })]);
    expect((await reloaded.auditLog()).at(-1)).toMatchObject({ code: 'incident.raised', ids: { incident: 'integrity-failed', about: 'audit-log', incidentId: seen[0]!.incidentId } });
  });

  it('an honest log raises none', async () => {
    const { browser, ledger } = await startWithYes();
    await ledger.signAuditHead();
    const reloaded = await browser.open();
    const seen = incidentsOf(reloaded);
    await settled();
    expect(seen).toEqual([]);
  });

  it('a record that somebody edited, a clock that was set back, storage that was taken away', async () => {
    const { browser } = await startWithYes();
    Object.assign(browser.place.rows[0]!.record as object, { noticeHash: 'f'.repeat(64) });
    browser.clock -= 3_600_000;
    const reloaded = await browser.open();
    const seen = incidentsOf(reloaded);
    await settled();
    await reloaded.require(VIEW, 'subject-1');
    browser.stores.at(-1)!.onLost!();
    await settled();
    expect(seen.map(({ kind, about }) => `${kind} ${about}`).sort()).toEqual(['clock-tampered clock', 'integrity-failed consent-record', 'storage-lost consent']);
    expect((await reloaded.auditLog()).filter(({ code }) => code === 'incident.raised')).toHaveLength(3);
  });

  it('reach the ledger through a grant, and are told even when the disk is full', async () => {
    const { browser, ledger, grant } = await startWithYes();
    const seen = incidentsOf(ledger);
    browser.place.full = true;
    await expect(ConsentGrant.context(grant).report({ kind: 'egress-attempted', about: 'fetch' })).rejects.toMatchObject({ code: 'ERR_STORAGE_FAILED' });
    expect(seen).toEqual([expect.objectContaining({ kind: 'egress-attempted', about: 'fetch' })]);
  });
});

it('a look-alike of a ledger keeps nothing', () => {
  expect(() => ConsentLedger.keeping({} as ConsentLedger)).toThrow(TypeError);
});
