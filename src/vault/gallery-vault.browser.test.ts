import { openDB } from 'idb';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SealedTemplate } from '../core/features-protocol.ts';
import { GalleryVault, type LoadedGallery, type VaultNames } from './gallery-vault.ts';
import type { Identity } from './identity-store.ts';

const NOW = 1_800_000_000_000;
const LATER = NOW + 1_000_000;
const failed = { code: 'ERR_STORAGE_FAILED' };

const made: string[] = [];
const opened: GalleryVault[] = [];

function freshNames(): VaultNames {
  const names = { templates: `templates-${crypto.randomUUID()}`, identities: `identities-${crypto.randomUUID()}` };
  made.push(names.templates, names.identities);
  return names;
}

async function open(names: VaultNames): Promise<GalleryVault> {
  const vault = await GalleryVault.open(names);
  opened.push(vault);
  return vault;
}

/** Rows as the worker would seal them: to the vault they are bytes. */
function templateOf(galleryId: string, expiresAt = LATER): SealedTemplate {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  return { templateId: crypto.randomUUID(), galleryId, version: 1, expiresAt, iv: random(12), ciphertext: random(148) };
}

function identityOf({ templateId, expiresAt }: SealedTemplate, dataSubject: string): Identity {
  return { templateId, dataSubject, recordId: 'r1', enrolledAt: NOW, expiresAt };
}

const wanted = (): void => undefined;

async function enrol(vault: GalleryVault, { gallery }: LoadedGallery, dataSubject: string, expiresAt = LATER): Promise<SealedTemplate> {
  const template = templateOf(gallery.galleryId, expiresAt);
  await vault.add(template, identityOf(template, dataSubject), wanted);
  return template;
}

const peopleIn = ({ identities }: LoadedGallery): string[] => identities.map(({ dataSubject }) => dataSubject).sort();

/** Every row of a database, with its key. */
async function everyRow(name: string): Promise<{ store: string; value: unknown }[]> {
  const db = await openDB(name);
  const rows: { store: string; value: unknown }[] = [];
  for (const store of db.objectStoreNames) for (const value of (await db.getAll(store)) as unknown[]) rows.push({ store, value });
  db.close();
  return rows;
}

async function edit(name: string, store: string, key: string, change: (row: Record<string, unknown>) => Record<string, unknown>): Promise<void> {
  const db = await openDB(name);
  await db.put(store, change((await db.get(store, key)) as Record<string, unknown>));
  db.close();
}

let names: VaultNames;
let vault: GalleryVault;

beforeEach(async () => {
  names = freshNames();
  vault = await open(names);
});
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});
afterAll(() => {
  for (const name of made) indexedDB.deleteDatabase(name);
});

describe('a gallery in the vault', () => {
  it('keeps what a person restricted, serves nobody with it, and erases it as ever [MEG-rights]', async () => {
    const gallery = await vault.load('staff', NOW);
    await enrol(vault, gallery, 'ada');
    await enrol(vault, gallery, 'bea');
    const { galleryId } = gallery.gallery;
    const before = await vault.generation(galleryId);
    expect(await vault.restrictPerson('ada', 'request-1')).toEqual([galleryId]);
    expect(await vault.generation(galleryId)).not.toBe(before);
    const loaded = await vault.load('staff', NOW);
    expect(peopleIn(loaded)).toEqual(['bea']);
    expect(loaded.rows).toHaveLength(1);
    expect(loaded.restricted.map(({ dataSubject }) => dataSubject)).toEqual(['ada']);
    expect((await vault.templatesOf('ada')).map((template) => template.galleryId)).toEqual([galleryId]);
    await vault.restrictPerson('ada', null, 'another request');
    expect(peopleIn(await vault.load('staff', NOW))).toEqual(['bea']);
    await vault.restrictPerson('ada', null, 'request-1');
    expect(peopleIn(await vault.load('staff', NOW))).toEqual(['ada', 'bea']);
    await vault.restrictPerson('ada', 'request-2');
    expect((await vault.load('staff', LATER + 1)).expired).toBe(2);
    expect(await vault.templatesOf('ada')).toEqual([]);
  });

  it('keeps people across a reload, each gallery apart with keys of its own [TEN-gallery]', async () => {
    const staff = await vault.load('staff', NOW);
    const guests = await vault.load('guests', NOW);
    const template = await enrol(vault, staff, 'ada');
    await enrol(vault, staff, 'bea');
    await enrol(vault, guests, 'ada');
    vault.close();

    const again = await open(names);
    const loaded = await again.load('staff', NOW);
    expect(loaded.gallery.galleryId).toBe(staff.gallery.galleryId);
    expect(peopleIn(loaded)).toEqual(['ada', 'bea']);
    expect(loaded.rows).toContainEqual(template);
    expect(peopleIn(await again.load('guests', NOW))).toEqual(['ada']);
    expect(guests.gallery.galleryId).not.toBe(staff.gallery.galleryId);
    for (const key of [loaded, guests].flatMap(({ gallery }) => [gallery.keys.projection, gallery.keys.sealing])) {
      expect(key.extractable).toBe(false);
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
    }
  });

  it('enrolling again replaces the earlier template', async () => {
    const gallery = await vault.load('g', NOW);
    const first = await enrol(vault, gallery, 'ada');
    const second = templateOf(gallery.gallery.galleryId);
    const change = await vault.add(second, identityOf(second, 'ada'), wanted);
    expect(change.removed).toEqual([first.templateId]);
    const { rows, identities } = await vault.load('g', NOW);
    expect(rows).toEqual([second]);
    expect(identities.map(({ templateId }) => templateId)).toEqual([second.templateId]);
  });

  it('deletes a person from one gallery, or from all of them', async () => {
    const [staff, guests] = [await vault.load('staff', NOW), await vault.load('guests', NOW)];
    const template = await enrol(vault, staff, 'ada');
    await enrol(vault, staff, 'bea');
    await enrol(vault, guests, 'ada');
    expect((await vault.removePerson(staff.gallery.galleryId, 'ada')).removed).toEqual([template.templateId]);
    expect((await vault.removePerson(staff.gallery.galleryId, 'ada')).removed).toEqual([]);
    expect(peopleIn(await vault.load('staff', NOW))).toEqual(['bea']);
    expect(peopleIn(await vault.load('guests', NOW))).toEqual(['ada']);
    expect(await vault.erasePerson('ada')).toMatchObject([{ galleryId: guests.gallery.galleryId }]);
    expect(peopleIn(await vault.load('guests', NOW))).toEqual([]);
  });

  it('renewal destroys keys and rows and begins anew under the same name', async () => {
    const before = await vault.load('g', NOW);
    await enrol(vault, before, 'ada');
    const { next, erased } = await vault.renew(before.gallery.galleryId);
    expect(erased).toEqual({ templates: 1, rows: 2, keys: 4 });
    const after = await vault.load('g', NOW);
    expect(after.gallery.galleryId).toBe(next.galleryId);
    expect(after).toMatchObject({ rows: [], identities: [] });
    const rows = JSON.stringify([...(await everyRow(names.templates)), ...(await everyRow(names.identities))]);
    expect(rows).not.toContain(before.gallery.galleryId);
    // What was made for the old one is not taken into the new one.
    const late = templateOf(before.gallery.galleryId);
    await expect(vault.add(late, identityOf(late, 'ada'), wanted)).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    expect(await vault.reload('g', before.gallery.galleryId, NOW)).toBeNull();
  });

  it('erasure leaves no key and no row [TEN-destroy]', async () => {
    const gallery = await vault.load('g', NOW);
    await enrol(vault, gallery, 'ada');
    await enrol(vault, gallery, 'bea');
    expect(await vault.erase(gallery.gallery.galleryId)).toEqual({ templates: 2, rows: 4, keys: 4 });
    const left = [...(await everyRow(names.templates)), ...(await everyRow(names.identities))];
    // The key that turns names of galleries into tags is of no gallery.
    expect(left.map(({ store }) => store)).toEqual(['keys']);
    expect(await vault.erase(gallery.gallery.galleryId)).toEqual({ templates: 0, rows: 0, keys: 0 });
    expect(await vault.generation(gallery.gallery.galleryId)).toBeNull();
  });

  it('sweeps what has expired before anybody can use it', async () => {
    const gallery = await vault.load('g', NOW);
    await enrol(vault, gallery, 'ada', NOW + 10);
    await enrol(vault, gallery, 'bea');
    expect(await vault.load('g', NOW + 9)).toMatchObject({ expired: 0 });
    const swept = await vault.load('g', NOW + 10);
    expect(swept.expired).toBe(1);
    expect(peopleIn(swept)).toEqual(['bea']);
    expect(await everyRow(names.identities)).toHaveLength(2); // one identity, one pair of keys
  });
});

describe('a raw scan', () => {
  it('finds no name of a person or gallery, no number of a vector, no picture [MEG-crypt] [MEG-separate] [MEG-no-raw-face]', async () => {
    const gallery = await vault.load('Gäste von Zimmer 12', NOW);
    // Names that cannot come about by chance in the hexadecimal digits of the random ids.
    const template = await enrol(vault, gallery, 'wilma-lovelace');
    const templates = await everyRow(names.templates);
    const identities = await everyRow(names.identities);
    const texts: string[] = [];
    const look = (value: unknown, place: string): void => {
      if (value instanceof CryptoKey) {
        expect(value.extractable, place).toBe(false);
        return;
      }
      if (value instanceof Uint8Array) {
        texts.push(new TextDecoder('latin1').decode(value), new TextDecoder('utf-16le').decode(value.slice(0, value.length & ~1)));
        return;
      }
      if (typeof value === 'object' && value !== null) {
        // Only plain bytes, texts and whole numbers: nothing in which a vector or a picture could lie.
        expect(Object.getPrototypeOf(value), place).toBe(Object.prototype);
        for (const [key, inner] of Object.entries(value)) look(inner, `${place}.${key}`);
        return;
      }
      if (typeof value === 'number') expect(Number.isInteger(value), place).toBe(true);
      texts.push(String(value));
    };
    for (const { store, value } of [...templates, ...identities]) look(value, store);
    const all = texts.join('\n');
    for (const secret of ['wilma', 'lovelace', 'Zimmer', 'Gäste']) expect(all).not.toContain(secret);
    // Each database says nothing of what the other is for.
    const ids = JSON.stringify(identities);
    expect(ids).toContain(template.templateId);
    expect(Object.keys(templates.find(({ store }) => store === 'templates')!.value as object).sort()).toEqual(['ciphertext', 'expiresAt', 'galleryId', 'iv', 'templateId', 'version']);
  });

  it('does not tell long names from short ones by the length of their rows', async () => {
    const gallery = await vault.load('g', NOW);
    await enrol(vault, gallery, 'a');
    await enrol(vault, gallery, 'a'.repeat(60));
    const rows = (await everyRow(names.identities)).filter(({ store }) => store === 'identities');
    expect(new Set(rows.map(({ value }) => (value as { ciphertext: Uint8Array }).ciphertext.length)).size).toBe(1);
  });
});

describe('a database edited by hand', () => {
  it('an identity that was changed serves nobody; the others serve [MEG-crypt]', async () => {
    const gallery = await vault.load('g', NOW);
    const [ada, bea, eve] = [await enrol(vault, gallery, 'ada'), await enrol(vault, gallery, 'bea'), await enrol(vault, gallery, 'eve')];
    await edit(names.identities, 'identities', ada.templateId, (row) => ({ ...row, ciphertext: new Uint8Array(272) }));
    const db = await openDB(names.identities);
    // Bea's name under Eve's template.
    const stolen = (await db.get('identities', bea.templateId)) as object;
    await db.put('identities', { ...stolen, templateId: eve.templateId });
    db.close();
    const loaded = await vault.load('g', NOW);
    expect(peopleIn(loaded)).toEqual(['bea']);
    expect([...loaded.broken].sort()).toEqual([ada.templateId, eve.templateId].sort());
    expect(loaded.rows.map(({ templateId }) => templateId)).toEqual([bea.templateId]);
  });

  it('an expiry put off does not keep anybody longer', async () => {
    const gallery = await vault.load('g', NOW);
    const template = await enrol(vault, gallery, 'ada', NOW + 10);
    await edit(names.templates, 'templates', template.templateId, (row) => ({ ...row, expiresAt: NOW + 1e9 }));
    expect(await vault.load('g', NOW + 20)).toMatchObject({ rows: [], identities: [], expired: 1 });
  });

  it('rows that are no rows are swept', async () => {
    const { gallery } = await vault.load('g', NOW);
    const [templates, identities] = [await openDB(names.templates), await openDB(names.identities)];
    await templates.put('templates', { templateId: 'x', galleryId: gallery.galleryId });
    await identities.put('identities', { templateId: 'y', galleryId: gallery.galleryId });
    templates.close();
    identities.close();
    expect(await vault.load('g', NOW)).toMatchObject({ rows: [], identities: [], broken: [] });
    expect((await everyRow(names.templates)).filter(({ store }) => store === 'templates')).toEqual([]);
    expect((await everyRow(names.identities)).filter(({ store }) => store === 'identities')).toEqual([]);
  });
});

/** Lets a store method fail as the browser would, for some calls. */
async function failing(method: 'add' | 'put' | 'delete', when: (store: IDBObjectStore) => boolean, run: () => Promise<void>): Promise<void> {
  const prototype = IDBObjectStore.prototype as unknown as Record<string, (this: IDBObjectStore, ...args: unknown[]) => unknown>;
  const original = prototype[method]!;
  prototype[method] = function (this: IDBObjectStore, ...args: unknown[]) {
    if (when(this)) throw new DOMException('no space left', 'QuotaExceededError');
    return original.apply(this, args);
  };
  try {
    await run();
  } finally {
    prototype[method] = original;
  }
}

describe('storage that fails', () => {
  it('full at any step of enrolling: nothing half written, whoever was enrolled stays', async () => {
    const gallery = await vault.load('g', NOW);
    const first = await enrol(vault, gallery, 'ada');
    for (const store of ['templates', 'identities']) {
      await failing('add', ({ name }) => name === store, async () => {
        await expect(enrol(vault, gallery, 'ada')).rejects.toMatchObject(failed);
      });
      const loaded = await vault.load('g', NOW);
      expect(loaded.rows).toEqual([first]);
      expect(peopleIn(loaded)).toEqual(['ada']);
      expect((await everyRow(names.templates)).filter((row) => row.store === 'templates')).toHaveLength(1);
    }
  });

  it('a crash between the two databases leaves an orphan that nobody sees, and that is swept', async () => {
    const gallery = await vault.load('g', NOW);
    const first = await enrol(vault, gallery, 'ada');
    // As if the tab had gone between the writes: the second one never happens, and neither does the clearing up.
    await failing('add', ({ name }) => name === 'identities', () =>
      failing('delete', ({ name }) => name === 'templates', async () => {
        await expect(enrol(vault, gallery, 'bea')).rejects.toMatchObject(failed);
      }));
    expect((await everyRow(names.templates)).filter((row) => row.store === 'templates')).toHaveLength(2);
    const loaded = await vault.load('g', NOW);
    expect(loaded.rows).toEqual([first]);
    expect((await everyRow(names.templates)).filter((row) => row.store === 'templates')).toHaveLength(1);
  });

  it('a crash in the middle of a removal has removed', async () => {
    const gallery = await vault.load('g', NOW);
    await enrol(vault, gallery, 'ada');
    await failing('delete', ({ name }) => name === 'templates', async () => {
      await expect(vault.removePerson(gallery.gallery.galleryId, 'ada')).rejects.toMatchObject(failed);
    });
    expect(await vault.load('g', NOW)).toMatchObject({ rows: [], identities: [] });
  });

  it('a crash in the middle of an erasure has erased: the next opening finishes it', async () => {
    const gallery = await vault.load('g', NOW);
    await enrol(vault, gallery, 'ada');
    await failing('delete', ({ name }) => name === 'identities', async () => {
      await expect(vault.erase(gallery.gallery.galleryId)).rejects.toMatchObject(failed);
    });
    expect(await everyRow(names.identities)).toHaveLength(2);
    await vault.load('another', NOW);
    expect(await everyRow(names.identities)).toEqual([]);
  });

  it('says so when the browser blocks storage, or somebody deletes it', async () => {
    const lost = new Promise<void>((resolve) => { vault.onLost = resolve; });
    indexedDB.deleteDatabase(names.identities);
    await lost;
    await expect(vault.load('g', NOW)).rejects.toMatchObject(failed);
    const original = IDBFactory.prototype.open;
    IDBFactory.prototype.open = () => { throw new DOMException('storage is blocked', 'SecurityError'); };
    try {
      await expect(GalleryVault.open(freshNames())).rejects.toMatchObject(failed);
    } finally {
      IDBFactory.prototype.open = original;
    }
  });
});

describe('several tabs', () => {
  it('see each other by the generation, and enrol one after the other', async () => {
    const other = await open(names);
    const gallery = await vault.load('g', NOW);
    const { generation, galleryId } = gallery.gallery;
    const ids = await Promise.all([vault, other, vault, other].map((each) => enrol(each, gallery, 'ada')));
    expect(await other.generation(galleryId)).toBeGreaterThan(generation);
    const loaded = await vault.load('g', NOW);
    expect(loaded.identities).toHaveLength(1);
    expect(loaded.rows).toHaveLength(1);
    expect(ids.map(({ templateId }) => templateId)).toContain(loaded.rows[0]!.templateId);
  });

  it('make one gallery of a name, and its keys once, whoever is first', async () => {
    const other = await open(names);
    const [one, two] = await Promise.all([vault.load('g', NOW), other.load('g', NOW)]);
    expect(two.gallery.galleryId).toBe(one.gallery.galleryId);
    await Promise.all([enrol(vault, one, 'ada'), enrol(other, two, 'bea')]);
    expect(peopleIn(await vault.load('g', NOW))).toEqual(['ada', 'bea']);
  });

  it('asks at the last moment whether it is still wanted', async () => {
    const gallery = await vault.load('g', NOW);
    const template = templateOf(gallery.gallery.galleryId);
    const no = new DOMException('withdrawn meanwhile');
    await expect(vault.add(template, identityOf(template, 'ada'), () => { throw no; })).rejects.toMatchObject({ cause: no });
    expect(await vault.load('g', NOW)).toMatchObject({ rows: [], identities: [] });
  });
});
