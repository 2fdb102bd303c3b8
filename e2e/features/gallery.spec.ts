import type { Page } from '@playwright/test';
import { expect, openStage, test } from '../support/stage-test.ts';
import { photoOf, portraitOf } from './portraits.ts';
import { slow } from '../support/slow.ts';

/** Portraits of the sample photos, and what is wrong with some. */
async function pictures() {
  const entries = await Promise.all([
    ['wilma', portraitOf({ photo: 3, face: 1 })],
    ['wilma again', portraitOf({ photo: 3, face: 1, again: true })],
    ['bea', portraitOf({ photo: 3, face: 0 })],
    ['bea again', portraitOf({ photo: 3, face: 0, again: true })],
    ['cleo', portraitOf({ photo: 6, face: 1 })],
    ['blurred', portraitOf({ photo: 3, face: 1, blurPx: 12 })],
    ['small', portraitOf({ photo: 3, face: 1, sidePx: 64 })],
    ['several', photoOf(3)],
  ].map(async ([name, data]) => [name as string, await (data as Promise<string>)] as const));
  return Object.fromEntries(entries);
}

/** What each page of these tests works with: pictures by name, and features of a person who said yes. */
async function prepare(page: Page): Promise<void> {
  await page.evaluate(async (encoded) => {
    const { stage } = window;
    const { consent } = stage;
    const { openFaceFeatures, openFaceGallery, verifyErasureReceipt } = await stage.loadFeatures();
    const purposes = ['live-redacted-view', 'feature-extraction', 'comparison'] as const;
    const ledger = await consent.openLedger({ purposes, inBackground: 'continue' });
    const picture = (name: string) => new Blob([Uint8Array.from(atob(encoded[name]!), (char) => char.charCodeAt(0))], { type: 'image/jpeg' });
    /** Every row of both databases, as text; keys by their names. */
    const rows = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const name of ['bauta-templates', 'bauta-identities']) {
        if (!(await indexedDB.databases()).some((database) => database.name === name)) continue;
        const db = await new Promise<IDBDatabase>((resolve, reject) => {
          const opening = indexedDB.open(name);
          opening.onsuccess = () => { resolve(opening.result); };
          opening.onerror = () => { reject(opening.error!); };
        });
        for (const store of db.objectStoreNames) {
          const all = await new Promise<unknown[]>((resolve, reject) => {
            const reading = db.transaction(store).objectStore(store).getAll();
            reading.onsuccess = () => { resolve(reading.result as unknown[]); };
            reading.onerror = () => { reject(reading.error!); };
          });
          found.push(...all.map((row) => `${name} ${store} ${row instanceof CryptoKey ? 'key' : JSON.stringify(row)}`));
        }
        db.close();
      }
      return found;
    };
    const grantOf = async (dataSubject: string) => {
      const standing = await ledger.standing(dataSubject);
      if (standing?.state !== 'given') await consent.answerAll(ledger, dataSubject);
      return consent.requireGrant(ledger, ['feature-extraction', 'comparison'], dataSubject);
    };
    const featuresOf = async (dataSubject: string) => openFaceFeatures({ grant: await grantOf(dataSubject) });
    Object.assign(globalThis, { kit: { ledger, picture, rows, grantOf, featuresOf, openFaceFeatures, openFaceGallery, verifyErasureReceipt } });
  }, await pictures());
}

type Features = typeof import('bauta/features');
interface Kit extends Pick<Features, 'openFaceFeatures' | 'openFaceGallery' | 'verifyErasureReceipt'> {
  readonly ledger: import('bauta').ConsentLedger;
  picture(name: string): Blob;
  rows(): Promise<string[]>;
  grantOf(dataSubject: string): Promise<import('bauta').ConsentGrant>;
  featuresOf(dataSubject: string): Promise<import('bauta/features').FaceFeatures>;
}

declare global {
  var kit: Kit;
}

test.beforeEach(async ({ stage: page }) => {
  await prepare(page);
});

test('enrol from pictures, verify, identify, remove: the person who agreed and nobody else [TEN-enrol] [TEN-gallery] [TEN-vector] [CARD-features] [TEN-local]', async ({ stage: page, server }) => {
  await page.evaluate(async () => {
    Object.assign(globalThis, { first: await kit.featuresOf('wilma') });
  });
  server.requests.length = 0;
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const { first } = globalThis as unknown as { first: Awaited<ReturnType<Kit['featuresOf']>> };
    const { picture } = kit;
    stage.spied.pixelCalls.length = 0;
    const gallery = await kit.openFaceGallery(first, { name: 'staff' });
    const progress: number[] = [];
    const enrolment = await gallery.enrol(picture('wilma'), { onProgress: ({ taken, wanted }) => progress.push(taken, wanted) });
    const same = await gallery.verify(picture('wilma again'));
    const other = await gallery.verify(picture('bea'));
    const log = (await kit.ledger.auditLog()).map(({ code }) => code).filter((code) => /^(template|comparison|gallery|vector)/.test(code));

    const second = await kit.featuresOf('bea');
    const theirs = await kit.openFaceGallery(second, { name: 'staff' });
    await theirs.enrol([picture('bea')]);
    await stage.until(() => gallery.count === 2, 'the other session to notice');
    const who = await gallery.identify(picture('bea again'), { limit: 2 });
    const stranger = await theirs.identify(picture('cleo'));
    const vectorLength = (await first.extract(picture('wilma'))).length;
    const receipt = await gallery.remove('bea');
    const verified = await kit.verifyErasureReceipt(receipt, { origin: location.origin });
    await stage.until(() => theirs.count === 1, 'the other session to notice');
    const gone = await stage.failure(() => theirs.verify(picture('bea')));
    const forged = await stage.failure(() => kit.verifyErasureReceipt({ ...receipt, erasedAt: 1 }, { origin: location.origin }));
    const { count } = gallery;
    const calls = first.calls.length;
    const pixelCalls = [...stage.spied.pixelCalls];
    await Promise.all([first.close(), second.close()]);
    return { enrolment, progress, same, other, log, who, stranger, vectorLength, verified, gone: gone.code, forged: forged.code, count, calls, pixelCalls };
  });
  expect(result.enrolment).toMatchObject({ dataSubject: 'wilma', replaced: false });
  expect(result.progress).toEqual([1, 1]);
  expect(result.same.match).toBe(true);
  expect(result.other.match).toBe(false);
  expect(result.log).toEqual(['template.enrolled', 'comparison.made', 'comparison.made']);
  expect(result.who.map(({ dataSubject, match }) => [dataSubject, match])).toEqual([['bea', true], ['wilma', false]]);
  expect(result.stranger.every(({ match }) => !match)).toBe(true);
  expect(result.vectorLength).toBe(128);
  expect(result.verified).toMatchObject({ scope: 'person', dataSubject: 'bea', erased: { templates: 1, rows: 2, keys: 0 } });
  expect(result.gone).toBe('ERR_TEMPLATE_UNKNOWN');
  expect(result.forged).toBe('ERR_RECEIPT_INVALID');
  expect(result.count).toBe(1);
  expect(result.calls).toBe(5);
  // Pictures were decoded and looked at in the worker alone, and nothing was fetched but for the second person's worker.
  expect(result.pixelCalls).toEqual([]);
  expect(server.requests.filter((path) => !/^\/bauta\/(workers|models|runtime)\//.test(path))).toEqual([]);
  test.info().annotations.push({ type: 'figures', description: JSON.stringify({ same: result.same, other: result.other, who: result.who, stranger: result.stranger }) });
});

test('what is not good enough, or not one person, is refused with what is wrong; nothing is written', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const { picture } = kit;
    const features = await kit.featuresOf('wilma');
    const gallery = await kit.openFaceGallery(features, { name: 'staff' });
    const empty = (await kit.rows()).length;
    const quality: unknown[] = [];
    features.addEventListener('quality', ({ detail }) => { if (!detail.report.passed) quality.push(detail.report.faults[0]?.check); });
    const cancelled = new AbortController();
    const enrolling = stage.failure(() => gallery.enrol([picture('wilma'), picture('wilma')], { signal: cancelled.signal }));
    cancelled.abort();
    const canvas = new OffscreenCanvas(300, 300);
    canvas.getContext('2d')!.fillRect(0, 0, 10, 10);
    const bitmap = canvas.transferToImageBitmap();
    const refusals = {
      several: await stage.failure(() => gallery.enrol(picture('several'))),
      blurred: await stage.failure(() => gallery.enrol(picture('blurred'))),
      small: await stage.failure(() => gallery.enrol(picture('small'))),
      'nobody in it': await stage.failure(() => gallery.enrol(bitmap)),
      'no picture': await stage.failure(() => gallery.enrol(new Blob(['hello'], { type: 'image/jpeg' }))),
      'cut off': await stage.failure(() => gallery.enrol(picture('wilma').slice(0, 2000))),
      'two people': await stage.failure(() => gallery.enrol([picture('wilma'), picture('bea')])),
      'not enrolled': await stage.failure(() => gallery.verify(picture('wilma'))),
      cancelled: await enrolling,
      'no probe': await stage.failure(() => gallery.enrol('me' as never)),
      'unknown option': await stage.failure(() => gallery.enrol(picture('wilma'), { sample: 3 } as never)),
      'no name': await stage.failure(() => kit.openFaceGallery(features, { name: '' })),
    };
    const left = (await kit.rows()).length - empty;
    const { count } = gallery;
    await features.close();
    const closed = await stage.failure(() => gallery.enrol(picture('wilma')));
    return { refusals: Object.fromEntries(Object.entries(refusals).map(([why, { code, name, details }]) => [why, [code ?? name, (details as { check?: string } | null)?.check ?? null]])), left, count, quality, closed: closed.code };
  });
  expect(result.refusals).toEqual({
    several: ['ERR_FACE_QUALITY', 'one-face'],
    blurred: ['ERR_FACE_QUALITY', expect.any(String)],
    small: ['ERR_FACE_QUALITY', 'size'],
    'nobody in it': ['ERR_FACE_NOT_FOUND', null],
    'no picture': ['ERR_PICTURE_INVALID', null],
    'cut off': ['ERR_PICTURE_INVALID', null],
    'two people': ['ERR_CLAIM_AMBIGUOUS', null],
    'not enrolled': ['ERR_TEMPLATE_UNKNOWN', null],
    cancelled: ['ERR_ABORTED', null],
    'no probe': ['TypeError', null],
    'unknown option': ['TypeError', null],
    'no name': ['TypeError', null],
  });
  expect(result).toMatchObject({ left: 0, count: 0, closed: 'ERR_SESSION_CLOSED' });
  expect(result.quality).toHaveLength(3);
});

slow(test)('kept across a reload, renewed, erased: keys and rows are gone and nothing is left [TEN-destroy] [MEG-crypt]', async ({ stage: page, server }) => {
  const before = await page.evaluate(async () => {
    const features = await kit.featuresOf('wilma');
    const gallery = await kit.openFaceGallery(features, { name: 'front desk' });
    await gallery.enrol(kit.picture('wilma'));
    const { count } = gallery;
    await gallery.close();
    return count;
  });
  expect(before).toBe(1);
  await openStage(page, server);
  await prepare(page);
  const after = await page.evaluate(async () => {
    const { stage } = window;
    const { picture } = kit;
    const workers = stage.spied.workers.length;
    const features = await kit.featuresOf('wilma');
    const gallery = await kit.openFaceGallery(features, { name: 'front desk' });
    const kept = await gallery.verify(picture('wilma again'));
    const enrolments = gallery.enrolments().map(({ dataSubject }) => dataSubject);
    const stored = await kit.rows();
    const renewal = await kit.verifyErasureReceipt(await gallery.renew(), { origin: location.origin });
    const renewed = { count: gallery.count, refused: (await stage.failure(() => gallery.verify(picture('wilma')))).code };
    await gallery.enrol(picture('wilma'));
    const again = await gallery.verify(picture('wilma again'));
    const receipt = await kit.verifyErasureReceipt(await gallery.erase(), { origin: location.origin });
    const closed = (await stage.failure(() => gallery.verify(picture('wilma')))).code;
    const rows = await kit.rows();
    await features.close();
    return { kept, enrolments, stored, renewal, renewed, again, receipt, closed, rows, started: stage.spied.workers.length - workers };
  });
  expect(after.kept.match).toBe(true);
  expect(after.enrolments).toEqual(['wilma']);
  // No name that the digits of a random id could spell.
  expect(after.stored.join('\n')).not.toMatch(/wilma|front desk|\d\.\d/);
  expect(after.renewal).toMatchObject({ scope: 'renewal', erased: { templates: 1, rows: 2, keys: 4 } });
  expect(after.renewed).toEqual({ count: 0, refused: 'ERR_TEMPLATE_UNKNOWN' });
  expect(after.again.match).toBe(true);
  expect(after.receipt).toMatchObject({ scope: 'gallery', erased: { templates: 1, rows: 2, keys: 4 } });
  expect(after.closed).toBe('ERR_SESSION_CLOSED');
  expect(after.rows).toEqual(['bauta-templates keys key']);
});

test('consent withdrawn: the worker is gone and what was kept is erased, here, in other tabs, and for whom no session was open [MEG-withdraw] [TEN-destroy]', async ({ stage: page, server }) => {
  await page.evaluate(async () => {
    const [features, other] = await Promise.all([kit.featuresOf('wilma'), kit.featuresOf('bea')]);
    const [gallery, theirs] = [await kit.openFaceGallery(features, { name: 'staff' }), await kit.openFaceGallery(other, { name: 'staff' })];
    await gallery.enrol(kit.picture('wilma'));
    await theirs.enrol(kit.picture('bea'));
    Object.assign(globalThis, { features, gallery, theirs, other });
  });
  const tab = await openStage(await page.context().newPage(), server);
  await prepare(tab);
  const seen = await tab.evaluate(async () => {
    const features = await kit.featuresOf('cleo');
    const gallery = await kit.openFaceGallery(features, { name: 'staff' });
    Object.assign(globalThis, { gallery });
    return gallery.count;
  });
  expect(seen).toBe(2);
  type Live = { features: Awaited<ReturnType<Kit['featuresOf']>>; gallery: Awaited<ReturnType<Kit['openFaceGallery']>>; theirs: Awaited<ReturnType<Kit['openFaceGallery']>>; other: Awaited<ReturnType<Kit['featuresOf']>> };
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const { features, gallery, theirs, other } = globalThis as unknown as Live;
    const over = new Promise<string | null>((resolve) => { features.addEventListener('closed', ({ detail }) => { resolve(detail.cause?.code ?? null); }); });
    const inTheMiddle = stage.failure(() => gallery.enrol([kit.picture('wilma'), kit.picture('wilma again')]));
    await kit.ledger.withdraw('wilma');
    const cause = await over;
    await stage.until(() => theirs.count === 1, 'the other session to notice');
    const refused = await stage.failure(() => features.extract(kit.picture('wilma')));
    const mine = theirs.enrolments().map(({ dataSubject }) => dataSubject);
    const removed = (await kit.ledger.auditLog()).filter(({ code }) => code === 'template.removed').length;
    // Closing features, or the ledger, leaves what is kept as it is.
    await other.close();
    return { cause, inTheMiddle: (await inTheMiddle).code, refused: refused.code, mine, removed, rows: (await kit.rows()).filter((row) => /identities identities|templates templates/.test(row)).length };
  });
  expect(result).toEqual({ cause: 'ERR_CONSENT_WITHDRAWN', inTheMiddle: 'ERR_CONSENT_WITHDRAWN', refused: 'ERR_CONSENT_WITHDRAWN', mine: ['bea'], removed: 1, rows: 2 });
  await tab.waitForFunction(() => (globalThis as unknown as Live).gallery.count === 1);
  // Bea withdraws in a tab in which no session of hers is open.
  const left = await tab.evaluate(async () => {
    const { gallery } = globalThis as unknown as Live;
    await kit.ledger.withdraw('bea');
    await window.stage.until(() => gallery.count === 0, 'the gallery to notice');
    await window.stage.until(() => true, '');
    return gallery.count;
  });
  expect(left).toBe(0);
  await expect.poll(() => tab.evaluate(async () => (await kit.rows()).filter((row) => /identities identities|templates templates/.test(row)).length)).toBe(0);
});

slow(test)('a worker that is lost while enrolling, and storage that is full, leave nothing half written', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const { picture } = kit;
    const count = async () => (await kit.rows()).filter((row) => /identities identities|templates templates/.test(row)).length;
    const features = await kit.featuresOf('wilma');
    const gallery = await kit.openFaceGallery(features, { name: 'staff' });
    await gallery.enrol(picture('wilma'));

    const add = IDBObjectStore.prototype.add;
    const full: (string | null)[] = [];
    for (const store of ['templates', 'identities']) {
      IDBObjectStore.prototype.add = function (...args) {
        if (this.name === store) throw new DOMException('no space left', 'QuotaExceededError');
        return add.apply(this, args);
      };
      full.push((await stage.failure(() => gallery.enrol(picture('wilma again')))).code);
      IDBObjectStore.prototype.add = add;
    }
    const afterFull = { rows: await count(), match: (await gallery.verify(picture('wilma again'))).match };

    const worker = stage.spied.workers.at(-1)!;
    const events: (string | null)[] = [];
    features.addEventListener('error', ({ detail }) => events.push(detail.code));
    const lost = stage.failure(() => gallery.enrol([picture('wilma'), picture('wilma again')]));
    worker.dispatchEvent(new ErrorEvent('error', { message: 'gone' }));
    const { code } = await lost;
    const afterLoss = await count();
    const reopened = await kit.openFaceGallery(await kit.featuresOf('wilma'), { name: 'staff' });
    const match = (await reopened.verify(picture('wilma again'))).match;
    return { full, afterFull, code, afterLoss, events, match };
  });
  expect(result).toEqual({ full: ['ERR_STORAGE_FAILED', 'ERR_STORAGE_FAILED'], afterFull: { rows: 2, match: true }, code: 'ERR_WORKER_LOST', afterLoss: 2, events: ['ERR_WORKER_LOST'], match: true });
});

slow(test)('a row that somebody edited is not used; the others are [MEG-crypt]', async ({ stage: page }) => {
  const result = await page.evaluate(async () => {
    const { stage } = window;
    const { picture } = kit;
    const [one, two] = [await kit.featuresOf('wilma'), await kit.featuresOf('bea')];
    const [gallery, theirs] = [await kit.openFaceGallery(one, { name: 'staff' }), await kit.openFaceGallery(two, { name: 'staff' })];
    await gallery.enrol(picture('wilma'));
    const first = new Set(await kit.rows());
    await theirs.enrol(picture('bea'));
    const row = (await kit.rows()).find((text) => text.startsWith('bauta-templates templates') && !first.has(text))!;
    const { templateId } = JSON.parse(row.slice('bauta-templates templates '.length)) as { templateId: string };
    await Promise.all([gallery.close(), theirs.close()]);
    const db = await new Promise<IDBDatabase>((resolve) => { const opening = indexedDB.open('bauta-templates'); opening.onsuccess = () => { resolve(opening.result); }; });
    await new Promise<void>((resolve) => {
      const store = db.transaction('templates', 'readwrite').objectStore('templates');
      const reading = store.get(templateId);
      reading.onsuccess = () => {
        const stored = reading.result as { ciphertext: Uint8Array };
        stored.ciphertext[5]! ^= 1;
        store.put(stored).onsuccess = () => { resolve(); };
      };
    });
    db.close();
    const again = await kit.openFaceGallery(two, { name: 'staff' });
    const state = { count: again.count, broken: again.broken };
    const mine = await stage.failure(() => again.verify(picture('bea again')));
    const found = await again.identify(picture('wilma again'));
    await again.enrol(picture('bea'));
    const healed = { count: again.count, broken: again.broken, match: (await again.verify(picture('bea again'))).match };
    return { state, mine: mine.code, found: found.map(({ dataSubject, match }) => [dataSubject, match]), healed };
  });
  expect(result).toEqual({ state: { count: 1, broken: 1 }, mine: 'ERR_VAULT_INTEGRITY', found: [['wilma', true]], healed: { count: 2, broken: 0, match: true } });
});
