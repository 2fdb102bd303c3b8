import { FacePrivacyError } from '../core/errors.ts';
import type { EpochMs } from '../core/time.ts';
import type { FeaturesInternals } from './face-features.ts';
import { tellGalleries } from './gallery-tabs.ts';
import type { Grounds } from '../governance/consent/grant-context.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import { reportFailure } from '../session/incident-report.ts';
import type { Change, GalleryVault } from '../vault/gallery-vault.ts';
import type { Identity } from '../vault/identity-store.ts';
import type { GalleryRow } from '../vault/template-store.ts';

/** @internal What a gallery's content is made of. */
export interface GalleryContentParts {
  readonly internals: FeaturesInternals;
  readonly vault: GalleryVault;
  readonly name: string;
}

/**
 * @internal What is in a gallery now: who, with which template, in step with the worker's memory, with other tabs and with consent.
 * Everything that is over is erased before it can be used.
 */
export class GalleryContent {
  /** Called when the gallery was erased or renewed by somebody else. */
  onGone: (() => void) | null = null;
  readonly #parts: GalleryContentParts;
  readonly #people = new Map<string, Identity>();
  readonly #templates = new Map<string, string>();
  /** Fault codes of templates that did not open. */
  readonly #broken = new Map<string, 'ERR_TEMPLATE_INVALID' | 'ERR_VAULT_INTEGRITY'>();
  /** What there is of consent, as far as it was asked for. */
  readonly #grounds = new Map<string, Grounds>();
  /** Grows with everything that is recorded about consent. */
  #changes = 0;
  #nameless = 0;
  #gallery!: GalleryRow;
  #generation: number | null = null;
  #loads = 0;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(parts: GalleryContentParts) {
    this.#parts = parts;
  }

  static async open(parts: GalleryContentParts): Promise<GalleryContent> {
    const content = new GalleryContent(parts);
    await content.#load(await parts.vault.load(parts.name, content.now()));
    return content;
  }

  get galleryId(): string {
    return this.#gallery.galleryId;
  }

  get people(): number {
    return this.enrolments().length;
  }

  enrolments(): readonly Pick<Identity, 'dataSubject' | 'expiresAt'>[] {
    const usable = [...this.#people.values()].filter(({ templateId }) => !this.#broken.has(templateId));
    return usable.map(({ dataSubject, expiresAt }) => ({ dataSubject, expiresAt }));
  }

  get broken(): number {
    return this.#broken.size + this.#nameless;
  }

  /** How often the worker was given the whole gallery. */
  get loads(): number {
    return this.#loads;
  }

  /** By the ledger's clock. */
  readonly now = (): EpochMs => ConsentGrant.context(this.#parts.internals.grant).now();

  /** @throws FacePrivacyError ERR_TEMPLATE_UNKNOWN, ERR_TEMPLATE_INVALID, ERR_VAULT_INTEGRITY. */
  templateOf(dataSubject: string): string {
    const templateId = this.#templates.get(dataSubject);
    if (templateId === undefined) throw new FacePrivacyError('ERR_TEMPLATE_UNKNOWN', 'This person is not enrolled in this gallery, or no longer.');
    const fault = this.#broken.get(templateId);
    if (fault !== undefined) throw new FacePrivacyError(fault, "This person's stored template was changed, or is of another version; enrol them anew.", { details: { templateId } });
    return templateId;
  }

  personOf(templateId: string): string | null {
    return this.#people.get(templateId)?.dataSubject ?? null;
  }

  /** Brings memory up to date with what is stored and what has expired. @throws FacePrivacyError ERR_SESSION_CLOSED, ERR_STORAGE_FAILED. */
  refresh(force = false): Promise<void> {
    const run = async (): Promise<void> => {
      const { vault, name } = this.#parts;
      const expired = [...this.#people.values()].some(({ expiresAt }) => expiresAt <= this.now());
      if (!force && !expired && (await vault.generation(this.galleryId)) === this.#generation) return;
      const loaded = this.#closed ? null : await vault.reload(name, this.galleryId, this.now());
      if (loaded !== null) return this.#load(loaded);
      this.onGone?.();
      throw new FacePrivacyError('ERR_SESSION_CLOSED', 'The gallery was closed, or erased or renewed elsewhere; open it again.');
    };
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined); // How it ends is told to its own caller.
    return done;
  }

  /** Somebody has changed a gallery. */
  heard(galleryId: string): void {
    if (galleryId === this.galleryId) this.#inBackground(this.refresh());
  }

  /** Goes by what is recorded about the people in here, in whatever tab. */
  watchConsent(signal: AbortSignal): void {
    ConsentGrant.context(this.#parts.internals.grant).onChange((dataSubject) => {
      this.#changes += 1;
      if (this.#grounds.delete(dataSubject)) this.#inBackground(this.refresh(true));
    }, signal);
  }

  /** Takes over what was just added. `loads`: as it was when the worker made the template. */
  async added(identity: Identity, change: Change, loads: number): Promise<void> {
    this.#grounds.set(identity.dataSubject, 'stands');
    if (loads !== this.#loads || change.before !== this.#generation) return this.refresh(true);
    this.#people.set(identity.templateId, identity);
    this.#templates.set(identity.dataSubject, identity.templateId);
    await this.#drop(change);
  }

  /** Takes over that templates were deleted. */
  async removed(change: Change): Promise<void> {
    if (change.before !== this.#generation) return this.refresh(true);
    await this.#drop(change);
  }

  /** Goes on with an empty gallery of new keys. */
  async renewed(next: GalleryRow): Promise<void> {
    const before = this.galleryId;
    this.#gallery = next;
    await this.#parts.internals.call((remote) => remote.closeGallery(before));
    await this.refresh(true);
  }

  /** The worker must not know a template that was not kept. */
  async forgetUnkept(templateId: string): Promise<void> {
    if (this.#people.has(templateId) || this.#parts.internals.signal.aborted || this.#closed) return;
    await this.#parts.internals.call((remote) => remote.forget(this.galleryId, [templateId]));
  }

  /** Takes it out of the worker's memory. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.onGone = null;
    this.#people.clear();
    this.#templates.clear();
    const { internals } = this.#parts;
    // A worker that ends overwrites its galleries itself.
    if (!internals.signal.aborted) await internals.call((remote) => remote.closeGallery(this.galleryId));
  }

  async #drop({ removed, after }: Change): Promise<void> {
    for (const templateId of removed) {
      const dataSubject = this.personOf(templateId);
      if (dataSubject !== null && this.#templates.get(dataSubject) === templateId) this.#templates.delete(dataSubject);
      this.#people.delete(templateId);
      this.#broken.delete(templateId);
    }
    this.#generation = after;
    if (removed.length > 0) await this.#parts.internals.call((remote) => remote.forget(this.galleryId, removed));
  }

  async #load(loaded: Awaited<ReturnType<GalleryVault['load']>>): Promise<void> {
    const { internals } = this.#parts;
    const { gallery, rows, identities, restricted, broken, expired } = loaded;
    this.#gallery = gallery;
    this.#generation = gallery.generation;
    const usable: Identity[] = [];
    for (const identity of [...identities, ...restricted]) {
      const grounds = await this.#groundsOf(identity);
      if (grounds === 'stands' && !restricted.includes(identity)) usable.push(identity);
      if (grounds === 'ended') await this.#erase(identity.dataSubject);
    }
    this.#people.clear();
    this.#templates.clear();
    this.#broken.clear();
    this.#nameless = broken.length;
    for (const identity of usable) {
      this.#people.set(identity.templateId, identity);
      this.#templates.set(identity.dataSubject, identity.templateId);
    }
    const served = rows.filter(({ templateId }) => this.#people.has(templateId));
    const opened = await internals.call((remote) => remote.openGallery(gallery.galleryId, gallery.keys, served));
    for (const { templateId, code } of opened.broken) {
      this.#broken.set(templateId, code);
      if (code === 'ERR_VAULT_INTEGRITY') reportFailure(internals.grant, new FacePrivacyError(code, 'A stored template was changed.', { details: { field: gallery.galleryId } }));
    }
    this.#loads += 1;
    if (expired > 0) await internals.note('template.expired', { galleryId: gallery.galleryId, templates: expired });
  }

  async #groundsOf({ dataSubject, recordId }: Identity): Promise<Grounds> {
    // Under an exception there is no consent to ask for; its hour is kept by the expiry.
    if (recordId === null) return 'stands';
    const known = this.#grounds.get(dataSubject);
    if (known !== undefined) return known;
    for (;;) {
      const changes = this.#changes;
      const grounds = await ConsentGrant.context(this.#parts.internals.grant).stands(dataSubject, ['comparison']);
      // Something was recorded while this was read: what was read may be over.
      if (changes !== this.#changes) continue;
      this.#grounds.set(dataSubject, grounds);
      return grounds;
    }
  }

  async #erase(dataSubject: string): Promise<void> {
    const { internals, vault } = this.#parts;
    const { removed, before, after } = await vault.removePerson(this.galleryId, dataSubject);
    if (before === this.#generation) this.#generation = after;
    if (removed.length === 0) return;
    tellGalleries(this.galleryId);
    await internals.note('template.removed', { galleryId: this.galleryId, templates: removed.length, cause: 'consent-over' });
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#closed && !this.#parts.internals.signal.aborted) this.#parts.internals.failed(error);
    });
  }
}
