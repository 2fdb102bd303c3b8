import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { at } from '../../scripts/paths.mjs';
import { expect, openStage, test } from '../support/stage-test.ts';
import { slow } from '../support/slow.ts';

interface Photo {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly { readonly id: string; readonly x: number; readonly y: number; readonly width: number; readonly height: number }[];
}

const photos = JSON.parse(readFileSync(at('demo', 'clip', 'faces.json'), 'utf8')) as Photo[];

/** What the pages of these tests share: a person with a grant, and pictures. */
declare global {
  interface Window {
    albumTools?: Awaited<ReturnType<typeof makeTools>>;
  }
}

/** Runs in the page. */
async function makeTools() {
  const { stage } = window;
  const { consent, real } = stage;
  const { openFaceFeatures } = await stage.loadFeatures();
  const albumAddress: string = 'bauta/album';
  const { openFaceAlbum } = (await import(albumAddress)) as typeof import('bauta/album');
  const ledger = await consent.openLedger({ scene: 'processing', purposes: ['album-grouping', 'comparison'] });
  const photo = async (file: string): Promise<Blob> => (await fetch(`/photos/${file}`)).blob();
  /** The same photo again: half as large, and lying on its side with a note in EXIF that it does. */
  const lying = async (file: string): Promise<Blob> => {
    const upright = await real.createImageBitmap(await photo(file));
    const canvas = new OffscreenCanvas(upright.height / 2, upright.width / 2);
    const context = canvas.getContext('2d')!;
    // Turned a quarter anticlockwise: orientation 6 turns it back.
    context.translate(0, canvas.height);
    context.rotate(-Math.PI / 2);
    context.drawImage(upright, 0, 0, canvas.height, canvas.width);
    const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
    const tiff = [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
    const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
    return new Blob([jpeg.slice(0, 2), Uint8Array.from([0xff, 0xe1, 0, exif.length + 2, ...exif]), jpeg.slice(2)]);
  };
  /** Everything in a database, as text in which bytes are letters. */
  const dump = async (name: string): Promise<string> => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => { resolve(opening.result); };
      opening.onerror = () => { reject(new Error('no database')); };
    });
    const rows: unknown[] = [];
    for (const store of db.objectStoreNames) {
      rows.push(store, ...(await new Promise<unknown[]>((resolve, reject) => {
        const all = db.transaction(store).objectStore(store).getAll();
        all.onsuccess = () => { resolve(all.result); };
        all.onerror = () => { reject(new Error('no rows')); };
      })));
    }
    db.close();
    return JSON.stringify(rows, (_key, value: unknown) => {
      if (value instanceof Uint8Array) return String.fromCharCode(...value);
      if (value instanceof CryptoKey) return `key, ${value.extractable ? 'can be exported' : 'stays'}`;
      return value;
    });
  };
  return { ledger, openFaceFeatures, openFaceAlbum, photo, lying, dump };
}

async function withTools(page: Page): Promise<void> {
  // Types of what is passed to the page are erased; so is the name of the function.
  await page.evaluate(`(async () => { window.albumTools = await (${makeTools.toString()})(); })()`);
}

test('photos are grouped by person, bad ones are listed, and nothing of it leaves the device or lies about [TEN-album] [TEN-face-info] [TEN-stop]', async ({ stage: page, server }) => {
  test.setTimeout(120_000);
  await withTools(page);
  const result = await page.evaluate(async () => {
    const { stage, albumTools } = window;
    const { ledger, openFaceFeatures, openFaceAlbum, photo, lying, dump } = albumTools!;
    const { consent } = stage;
    const subject = 'anna-of-the-album-test';
    const grant = await consent.grantFrom(ledger, 'album-grouping', subject);
    const features = await openFaceFeatures({ grant });
    const album = await openFaceAlbum(features, { name: 'our-holiday' });
    const huge = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10, 8, 2, 0, 0, 0];
    const one = await photo('sample1.jpg');
    const bitmap = await stage.real.createImageBitmap(await photo('sample6.jpg'));
    const pictures = [
      { pictureId: 'beach-1', picture: one },
      { pictureId: 'a-letter', picture: new Blob(['Dear Anna']) },
      { pictureId: 'beach-1-lying', picture: await lying('sample1.jpg') },
      { pictureId: 'cut-off', picture: one.slice(0, one.size / 2) },
      { pictureId: 'huge', picture: new Blob([Uint8Array.from(huge)]) },
      { pictureId: 'bitmap-6', picture: bitmap },
      { pictureId: 'beach-1-again', picture: new File([one], 'anna.jpg') },
      { pictureId: 'beach-1', picture: one },
    ].map((picture) => ({ ...picture, mayBeGrouped: true as const }));
    const unsaid = await stage.failure(() => album.add([{ ...pictures[0]!, mayBeGrouped: false as never }]));
    const silent = await stage.failure(() => album.add([{ pictureId: 'beach-1', picture: one } as never]));
    const before = { pixels: stage.spied.pixelCalls.length, heard: stage.spied.bytesHeard.length };
    const progress: string[] = [];
    const report = await album.add(pictures, { onProgress: ({ phase, done, total }) => progress.push(`${phase} ${done}/${total}`) });
    const seen = {
      unsaid,
      silent,
      bitmapWidth: bitmap.width,
      pixelCalls: stage.spied.pixelCalls.slice(before.pixels),
      largestHeard: Math.max(0, ...stage.spied.bytesHeard.slice(before.heard)),
      progress,
      added: report.added,
      known: report.known,
      skipped: report.skipped.map(({ pictureId, error }) => ({ pictureId, ...stage.seen(error) })),
      pictures: album.pictures(),
      faces: album.faces().map((face) => ({ ...face, feature: Object.keys(face.feature).sort() })),
      groups: album.groups(),
      calls: features.calls.map(({ origin }) => origin.kind),
    };
    const stored = await dump('bauta-albums');
    await features.close();
    const again = await openFaceFeatures({ grant });
    const reopened = await openFaceAlbum(again, { name: 'our-holiday' });
    const kept = { pictures: reopened.pictures(), groups: reopened.groups(), damaged: reopened.damaged };
    const resumed = await reopened.add(pictures.slice(0, 1));
    const other = await openFaceAlbum(again, { name: 'another' });
    const otherIsEmpty = other.pictures().length;
    const receipt = await reopened.erase();
    const closed = await stage.failure(() => reopened.groups());
    await again.close();
    return { ...seen, stored, kept, resumed, otherIsEmpty, receipt, closed, after: await dump('bauta-albums'), log: await ledger.auditLog() };
  });

  // Which face is which, by where the faces are known to be: in the upright, in the lying and in the same photo again.
  const placed = (pictureId: string, scale: number): Map<string, string | null> => {
    const { faceIds } = result.pictures.find((picture) => picture.pictureId === pictureId)!;
    const inPicture = result.faces.filter(({ faceId }) => faceIds.includes(faceId));
    return new Map(
      photos[0]!.faces.map((known) => {
        const [x, y] = [(known.x + known.width / 2) * scale, (known.y + known.height / 2) * scale];
        const face = inPicture.find(({ box }) => x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height);
        return [known.id, face?.groupId ?? null];
      }),
    );
  };
  const groupsOfOne = placed('beach-1', 1);
  test.info().annotations.push({ type: 'figures', description: JSON.stringify({ added: result.added, groups: result.groups.map(({ faceIds }) => faceIds.length), largestHeard: result.largestHeard }) });
  expect([...groupsOfOne.values()]).not.toContain(null);
  expect(new Set(groupsOfOne.values()).size).toBe(photos[0]!.faces.length);
  expect(placed('beach-1-lying', 0.5)).toEqual(groupsOfOne);
  expect(placed('beach-1-again', 1)).toEqual(groupsOfOne);
  for (const face of result.faces) {
    expect(Object.keys(face).sort()).toEqual(['box', 'faceId', 'feature', 'groupId', 'rotationDeg']);
    expect(face.feature).toEqual(['ciphertext', 'expiresAt', 'galleryId', 'iv', 'templateId', 'version']);
    expect(Math.abs(face.rotationDeg)).toBeLessThan(45);
  }
  expect(result.groups.flatMap(({ faceIds }) => faceIds).sort()).toEqual(result.faces.map(({ faceId }) => faceId).sort());

  expect(result.unsaid).toMatchObject({ name: 'TypeError', message: expect.stringContaining("'beach-1'") });
  expect(result.silent).toMatchObject({ name: 'TypeError', message: expect.stringContaining('mayBeGrouped') });
  expect(result.added.map(({ pictureId }) => pictureId)).toEqual(['beach-1', 'beach-1-lying', 'bitmap-6', 'beach-1-again']);
  expect(result.known).toEqual(['beach-1']);
  expect(result.skipped.map(({ pictureId, code, details }) => [pictureId, code, (details as { reason?: string }).reason])).toEqual([
    ['a-letter', 'ERR_PICTURE_INVALID', 'format'],
    ['cut-off', 'ERR_PICTURE_INVALID', 'decode'],
    ['huge', 'ERR_PICTURE_TOO_LARGE', undefined],
  ]);
  expect(result.progress).toEqual([...Array.from({ length: 8 }, (_, i) => `reading ${i}/8`), 'grouping 4/4']);
  expect(result.bitmapWidth).toBeGreaterThan(0);

  // No look at pixels on the main thread, and nothing binary that a picture or a vector (512 bytes) would fit into: sealed templates of 276 bytes only.
  expect(result.pixelCalls).toEqual([]);
  expect(result.largestHeard).toBeLessThanOrEqual(276);
  expect(new Set(result.calls)).toEqual(new Set(['picture']));

  for (const name of ['our-holiday', 'beach', 'anna', 'JFIF', 'can be exported', '"box"']) expect(result.stored).not.toContain(name);
  expect(result.stored).toContain('key, stays');
  expect(result.kept).toEqual({ pictures: result.pictures, groups: result.groups, damaged: 0 });
  expect(result.resumed).toEqual({ added: [], known: ['beach-1'], skipped: [] });
  expect(result.otherIsEmpty).toBe(0);

  expect(result.receipt).toMatchObject({ kind: 'erasure-receipt', scope: 'album', reason: 'requested', dataSubject: 'anna-of-the-album-test', erased: { templates: result.faces.length, keys: 3 } });
  expect(result.closed).toMatchObject({ code: 'ERR_SESSION_CLOSED' });
  expect(result.after).not.toContain('ciphertext":"' + result.receipt.storeId);
  expect(result.after).not.toContain(result.receipt.storeId);
  expect(result.log.map(({ code }) => code)).toEqual(expect.arrayContaining(['album.added', 'album.grouped', 'album.erased']));
  await expect.poll(() => page.workers().length).toBe(0);
  expect(server.requests.filter((path) => /album|template|upload/.test(path) && !path.endsWith('.js'))).toEqual([]);
});

slow(test)('nothing is asked of the network while an album is worked on [TEN-album]', async ({ stage: page, server }) => {
  test.setTimeout(90_000);
  await withTools(page);
  const asked = await page.evaluate(async () => {
    const { stage, albumTools } = window;
    const { ledger, openFaceFeatures, openFaceAlbum, photo } = albumTools!;
    const features = await openFaceFeatures({ grant: await stage.consent.grantFrom(ledger, 'album-grouping') });
    const picture = await photo('sample2.jpg');
    performance.clearResourceTimings();
    await fetch('/clips/../marker-before', { method: 'HEAD' });
    const album = await openFaceAlbum(features, { name: 'quiet' });
    await album.add([{ pictureId: 'two', picture, mayBeGrouped: true }]);
    await album.erase();
    await features.close();
    return performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
  });
  expect(asked).toEqual(['/marker-before']);
  const from = server.requests.lastIndexOf('/marker-before');
  expect(from).toBeGreaterThan(-1);
  expect(server.requests.slice(from + 1)).toEqual([]);
});

slow(test)('withdrawal while faces are grouped ends it at once and erases the album, open elsewhere or not [TEN-destroy]', async ({ stage: page, server, context }) => {
  test.setTimeout(120_000);
  await withTools(page);
  const result = await page.evaluate(async () => {
    const { stage, albumTools } = window;
    const { ledger, openFaceFeatures, openFaceAlbum, photo, dump } = albumTools!;
    const subject = stage.consent.newSubject();
    const grant = await stage.consent.grantFrom(ledger, 'album-grouping', subject);
    const features = await openFaceFeatures({ grant });
    const album = await openFaceAlbum(features, { name: 'to be withdrawn' });
    const closed = new Promise<string | null>((resolve) => {
      features.addEventListener('closed', ({ detail }) => { resolve(detail.cause?.code ?? null); });
    });
    const causes: (string | null)[] = [];
    album.addEventListener('closed', ({ detail }) => causes.push(detail.cause?.code ?? null));
    await album.add([{ pictureId: 'one', picture: await photo('sample1.jpg'), mayBeGrouped: true }]);
    const before = (await dump('bauta-albums')).includes('"templates":[{');
    const withdrawn: Promise<void>[] = [];
    const failure = await stage.failure(async () =>
      album.add([{ pictureId: 'three', picture: await photo('sample3.jpg'), mayBeGrouped: true }], {
        onProgress: ({ phase }) => {
          if (phase === 'grouping') withdrawn.push(ledger.withdraw(subject));
        },
      }),
    );
    await Promise.all(withdrawn);
    const cause = await closed;
    return { before, failure, cause, causes, after: await dump('bauta-albums'), later: await stage.failure(() => album.faces()), log: (await ledger.auditLog()).map(({ code }) => code) };
  });
  expect(result.before).toBe(true);
  expect(result.failure).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
  expect(result.cause).toBe('ERR_CONSENT_WITHDRAWN');
  expect(result.causes).toEqual(['ERR_CONSENT_WITHDRAWN']);
  expect(result.later).toMatchObject({ code: 'ERR_CONSENT_WITHDRAWN' });
  expect(result.after).not.toContain('ciphertext');
  expect(result.log).toContain('album.erased');
  await expect.poll(() => page.workers().length).toBe(0);

  // An album of a session that is over: its person withdraws in a tab that has nothing open; the next opening erases it before anything else.
  const left = await page.evaluate(async () => {
    const { stage, albumTools } = window;
    const { ledger, openFaceFeatures, openFaceAlbum, photo, dump } = albumTools!;
    const subject = stage.consent.newSubject();
    const features = await openFaceFeatures({ grant: await stage.consent.grantFrom(ledger, 'album-grouping', subject) });
    const album = await openFaceAlbum(features, { name: 'left behind' });
    await album.add([{ pictureId: 'one', picture: await photo('sample1.jpg'), mayBeGrouped: true }]);
    await features.close();
    return { subject, stored: (await dump('bauta-albums')).includes('ciphertext') };
  });
  expect(left.stored).toBe(true);
  const other = await openStage(await context.newPage(), server);
  await withTools(other);
  const swept = await other.evaluate(async (subject) => {
    const { stage, albumTools } = window;
    const { ledger, openFaceFeatures, openFaceAlbum, dump } = albumTools!;
    await ledger.withdraw(subject);
    const features = await openFaceFeatures({ grant: await stage.consent.grantFrom(ledger, 'album-grouping') });
    const album = await openFaceAlbum(features, { name: 'mine' });
    const stored = await dump('bauta-albums');
    await album.erase();
    await features.close();
    return { albums: stored.split('"nameTag"').length - 1, pictures: stored.includes('"rowId"') };
  }, left.subject);
  expect(swept).toEqual({ albums: 1, pictures: false });
});

slow(test)('adding can be cancelled and taken up again, also in another tab at the same time [TEN-stop]', async ({ stage: page, server, context }) => {
  test.setTimeout(120_000);
  await withTools(page);
  const subject = await page.evaluate(() => window.stage.consent.newSubject());
  const first = await page.evaluate(async (subject) => {
    const { stage, albumTools } = window;
    const { ledger, openFaceFeatures, openFaceAlbum, photo } = albumTools!;
    const features = await openFaceFeatures({ grant: await stage.consent.grantFrom(ledger, 'album-grouping', subject) });
    const album = await openFaceAlbum(features, { name: 'shared' });
    const pictures = await Promise.all([1, 2, 3, 4].map(async (i) => ({ pictureId: `p${i}`, picture: await photo(`sample${i}.jpg`), mayBeGrouped: true as const })));
    const stop = new AbortController();
    const cancelled = await stage.failure(() =>
      album.add(pictures, {
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done === 2) stop.abort();
        },
      }),
    );
    const kept = album.pictures().map(({ pictureId }) => pictureId);
    const ungrouped = album.faces().every(({ groupId }) => groupId === null);
    const calls = features.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    Object.assign(window, { album, pictures });
    return { cancelled, kept, ungrouped, idle: features.calls.length === calls };
  }, subject);
  expect(first).toEqual({ cancelled: expect.objectContaining({ code: 'ERR_ABORTED' }) as unknown, kept: ['p1', 'p2'], ungrouped: true, idle: true });

  const other = await openStage(await context.newPage(), server);
  await withTools(other);
  const second = await other.evaluate(async (subject) => {
    const { stage, albumTools } = window;
    const { ledger, openFaceFeatures, openFaceAlbum, photo } = albumTools!;
    const features = await openFaceFeatures({ grant: await stage.consent.requireGrant(ledger, 'album-grouping', subject) });
    const album = await openFaceAlbum(features, { name: 'shared' });
    const before = album.pictures().map(({ pictureId }) => pictureId);
    const report = await album.add([{ pictureId: 'p3', picture: await photo('sample3.jpg'), mayBeGrouped: true }]);
    Object.assign(window, { album });
    return { before, added: report.added.map(({ pictureId }) => pictureId), groups: album.groups().length };
  }, subject);
  expect(second).toMatchObject({ before: ['p1', 'p2'], added: ['p3'] });

  type Shared = Window & { album: Awaited<ReturnType<typeof import('bauta/album').openFaceAlbum>>; pictures: Parameters<Shared['album']['add']>[0] };
  const finished = await page.evaluate(async () => {
    const { album, pictures } = window as unknown as Shared;
    const report = await album.add(pictures);
    const [largest] = [...album.groups()].sort((a, b) => b.faceIds.length - a.faceIds.length);
    const others = album.groups().filter(({ groupId }) => groupId !== largest!.groupId);
    await album.merge(largest!.groupId, others[0]!.groupId);
    const merged = album.groups().find(({ groupId }) => groupId === largest!.groupId)!;
    const out = others[0]!.faceIds;
    await album.split(merged.groupId, out);
    await album.group();
    const parted = album.groups().filter(({ faceIds }) => out.some((faceId) => faceIds.includes(faceId)));
    await album.group({ afresh: true });
    const still = album.groups().filter(({ faceIds }) => out.some((faceId) => faceIds.includes(faceId)));
    const removed = [await album.remove('p1'), await album.remove('p1')];
    return {
      added: report.added.map(({ pictureId }) => pictureId),
      known: report.known,
      merged: merged.faceIds.length === largest!.faceIds.length + out.length,
      parted: parted.every(({ groupId }) => groupId !== merged.groupId),
      still: still.every(({ groupId }) => groupId !== merged.groupId),
      removed,
      pictures: album.pictures().map(({ pictureId }) => pictureId),
      grouped: album.groups().reduce((sum, { faceIds }) => sum + faceIds.length, 0) === album.faces().length,
    };
  });
  expect(finished).toEqual({ added: ['p4'], known: ['p1', 'p2', 'p3'], merged: true, parted: true, still: true, removed: [true, false], pictures: ['p2', 'p3', 'p4'], grouped: true });

  // The other tab hears of it, and loses the album when it is erased here.
  await expect.poll(() => other.evaluate(() => (window as unknown as Shared).album.pictures().map(({ pictureId }) => pictureId))).toEqual(['p2', 'p3', 'p4']);
  await page.evaluate(() => (window as unknown as Shared).album.erase());
  await expect.poll(() => other.evaluate(() => window.stage.failure(() => (window as unknown as Shared).album.groups()).then(({ code }) => code, () => 'open'))).toBe('ERR_SESSION_CLOSED');
});
