import type { FeaturesEvent } from '../core/features-protocol.ts';
import { FacePrivacyError } from '../core/errors.ts';
import { checkOptions, integerBetween, matching } from '../core/options.ts';
import type { EpochMs } from '../core/time.ts';
import { receiptFor } from '../session/erasure-receipt.ts';
import { FaceFeatures, probeRules, type FeaturesInternals, type Probe, type ProbeOptions } from './face-features.ts';
import { GalleryContent } from './gallery-content.ts';
import { hearGalleries, tellGalleries } from './gallery-tabs.ts';
import type { AuditCode, AuditIds } from '../governance/audit/entry.ts';
import { assertGrant } from '../governance/consent/grant.ts';
import type { Operation } from '../governance/consent/purposes.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { GalleryVault } from '../vault/gallery-vault.ts';

/** Which gallery. */
export interface GalleryOptions {
  /** 1 to 200 characters; galleries of different names have different keys, and nothing in one can be linked with another. */
  readonly name: string;
}

/** How to enrol. */
export interface EnrolOptions extends ProbeOptions {
  /** Good views of a claimed face that are merged, 1 to 10, default 3. Of pictures, each is one. */
  readonly samples?: number;
  /** Called with each good view. */
  readonly onProgress?: (progress: { readonly taken: number; readonly wanted: number }) => void;
}

/** Whom to compare with. */
export interface VerifyOptions extends ProbeOptions {
  /** Default: the person of the grant. */
  readonly dataSubject?: string;
}

/** How to search. */
export interface IdentifyOptions extends ProbeOptions {
  /** Most answers, 1 to 100, default 5. */
  readonly limit?: number;
}

/** A person who was enrolled. */
export interface Enrolment {
  readonly dataSubject: string;
  /** When the consent that it rests on ends; it is erased then. */
  readonly expiresAt: EpochMs;
  /** An earlier template of this person was deleted for it. */
  readonly replaced: boolean;
}

/** What came of a comparison of two. */
export interface Verification {
  readonly match: boolean;
  /** Share of equal bits of the protected templates: mostly 0.5 to 0.66 for strangers, 1 for the same view. */
  readonly score: number;
  /** `score` from which on it is a match, see `COMPARISON_THRESHOLD`. */
  readonly threshold: number;
}

/** Somebody who looks like the probe. */
export interface Candidate {
  readonly dataSubject: string;
  readonly score: number;
  readonly match: boolean;
}

/**
 * A gallery of protected templates (ISO/IEC 24745), kept sealed on this device, apart from whose they are (MEG-crypt, MEG-separate). One
 * template a person. Made by {@link openFaceGallery}; it closes with its features.
 */
export class FaceGallery {
  readonly #internals: FeaturesInternals;
  readonly #vault: GalleryVault;
  readonly #content: GalleryContent;
  readonly #closed: AbortController;

  /** @internal Use {@link openFaceGallery}. */
  constructor(parts: { readonly internals: FeaturesInternals; readonly vault: GalleryVault; readonly content: GalleryContent; readonly closed: AbortController }) {
    this.#internals = parts.internals;
    this.#vault = parts.vault;
    this.#content = parts.content;
    this.#closed = parts.closed;
  }

  /** Number of people that can be compared with. */
  get count(): number {
    return this.#content.people;
  }

  /** Everybody who can be compared with, and until when. */
  enrolments(): readonly Pick<Enrolment, 'dataSubject' | 'expiresAt'>[] {
    return this.#content.enrolments();
  }

  /** Number of stored templates that were changed by somebody, or are of another version: they are not used (ERR_VAULT_INTEGRITY). */
  get broken(): number {
    return this.#content.broken;
  }

  /**
   * Enrols the person of the grant (TEN-enrol): from a claim, or from one or more pictures that show them alone. An earlier template
   * of theirs is replaced. Either all of it is kept or nothing.
   * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_FACE_NOT_FOUND, ERR_FACE_QUALITY, ERR_CLAIM_AMBIGUOUS (the
   * pictures show several people), ERR_CLAIM_ENDED, ERR_PICTURE_*, ERR_EMBEDDER_FAILED, ERR_STORAGE_FAILED, ERR_WORKER_LOST,
   * ERR_ABORTED, ERR_SESSION_CLOSED.
   */
  async enrol(probes: Probe | readonly Probe[], options: EnrolOptions = {}): Promise<Enrolment> {
    const operation = 'FaceGallery.enrol';
    checkOptions<EnrolOptions>(operation, options, { ...probeRules, samples: integerBetween(1, 10), onProgress: matching('a function', (value) => typeof value === 'function') });
    const list = Array.isArray(probes) ? (probes as readonly Probe[]) : [probes as Probe];
    if (list.length === 0 || list.length > 20) throw new TypeError(`${operation}: probes must be 1 to 20, got ${list.length}.`);
    await this.#ready(operation);
    const { grant } = this.#internals;
    const templateId = crypto.randomUUID();
    const { galleryId, loads } = this.#content;
    const identity = { templateId, dataSubject: grant.dataSubject, recordId: grant.recordId, enrolledAt: this.#content.now(), expiresAt: grant.validUntil };
    const listening = new AbortController();
    this.#internals.onEvent((event: FeaturesEvent) => {
      if (event.kind === 'sample' && event.data.templateId === templateId) options.onProgress?.({ taken: event.data.taken, wanted: event.data.wanted });
    }, listening.signal);
    try {
      const template = await this.#internals.look(operation, list, options, (remote, requests) =>
        remote.enrol(galleryId, templateId, requests, options.samples ?? 3, identity.expiresAt));
      const change = await this.#vault.add(template, identity, () => {
        if (options.signal?.aborted === true) throw new FacePrivacyError('ERR_ABORTED', 'Enrolling was cancelled.', { cause: options.signal.reason });
        assertGrant(grant, operation);
        this.#assertOpen();
      });
      tellGalleries(galleryId);
      await this.#content.added(identity, change, loads);
      await this.#noted('template.enrolled', { galleryId, templateId, replaced: change.removed.length });
      return { dataSubject: identity.dataSubject, expiresAt: identity.expiresAt, replaced: change.removed.length > 0 };
    } catch (error) {
      await this.#content.forgetUnkept(templateId);
      throw error;
    } finally {
      listening.abort();
    }
  }

  /**
   * Is this the person (1:1, TEN-gallery)?
   * @throws TypeError for a bad option; FacePrivacyError ERR_TEMPLATE_UNKNOWN when the person is not enrolled, ERR_VAULT_INTEGRITY when
   * their template was changed, and as {@link FaceGallery.enrol}.
   */
  async verify(probe: Probe, options: VerifyOptions = {}): Promise<Verification> {
    const operation = 'FaceGallery.verify';
    checkOptions<VerifyOptions>(operation, options, { ...probeRules, dataSubject: matching('a pseudonym', (value) => typeof value === 'string' && value !== '') });
    await this.#ready(operation);
    const { dataSubject = this.#internals.grant.dataSubject } = options;
    const templateId = this.#content.templateOf(dataSubject);
    const { galleryId } = this.#content;
    const { match, score, threshold } = await this.#internals.look(operation, [probe], options, (remote, [request]) => remote.verify(galleryId, templateId, request!));
    // Consent of either may have ended while a view was being waited for.
    this.#content.templateOf(dataSubject);
    await this.#told(operation, { galleryId, kind: '1:1' });
    return { match, score, threshold };
  }

  /**
   * Who is this (1:N, TEN-gallery)? The most alike, best first, matches or not.
   * @throws TypeError for a bad option; FacePrivacyError as {@link FaceGallery.enrol}.
   */
  async identify(probe: Probe, options: IdentifyOptions = {}): Promise<readonly Candidate[]> {
    const operation = 'FaceGallery.identify';
    checkOptions<IdentifyOptions>(operation, options, { ...probeRules, limit: integerBetween(1, 100) });
    await this.#ready(operation);
    const { galleryId } = this.#content;
    const found = await this.#internals.look(operation, [probe], options, (remote, [request]) => remote.identify(galleryId, request!, options.limit ?? 5));
    await this.#told(operation, { galleryId, kind: '1:n', templates: this.#content.people });
    return found.flatMap(({ templateId, score, match }) => {
      const dataSubject = this.#content.personOf(templateId);
      return dataSubject === null ? [] : [{ dataSubject, score, match }];
    });
  }

  /**
   * Deletes everything of one person in this gallery. The receipt says how much that was; nothing, if they were not in it.
   * @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_SESSION_CLOSED.
   */
  async remove(dataSubject: string): Promise<ErasureReceipt> {
    if (typeof dataSubject !== 'string' || dataSubject === '') throw new TypeError('FaceGallery.remove: dataSubject must be a pseudonym.');
    this.#assertOpen();
    const { galleryId } = this.#content;
    const change = await this.#vault.removePerson(galleryId, dataSubject);
    tellGalleries(galleryId);
    await this.#content.removed(change);
    await this.#noted('template.removed', { galleryId, templates: change.removed.length, cause: 'requested' });
    const erased = { templates: change.removed.length, rows: 2 * change.removed.length };
    return receiptFor(this.#internals.grant, { scope: 'person', storeId: galleryId, reason: 'requested', dataSubject, erased });
  }

  /**
   * New keys: all templates are destroyed together with the keys that they were made with, and are of no use to anybody who kept a copy.
   * The gallery is empty afterwards; everybody has to enrol anew.
   * @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_SESSION_CLOSED.
   */
  async renew(): Promise<ErasureReceipt> {
    this.#assertOpen();
    const { galleryId } = this.#content;
    const { next, erased } = await this.#vault.renew(galleryId);
    // Told only then: news of the old gallery's end must not reach a page that has not gone on to the new one.
    await this.#content.renewed(next).finally(() => { tellGalleries(galleryId); });
    await this.#noted('gallery.renewed', { galleryId, next: next.galleryId, templates: erased.templates });
    return receiptFor(this.#internals.grant, { scope: 'renewal', storeId: galleryId, reason: 'requested', dataSubject: null, erased });
  }

  /**
   * Destroys keys and rows of the gallery, and closes it; a new one of the same name has nothing in common with it.
   * @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_SESSION_CLOSED.
   */
  async erase(): Promise<ErasureReceipt> {
    this.#assertOpen();
    const { galleryId } = this.#content;
    const erased = await this.#vault.erase(galleryId);
    tellGalleries(galleryId);
    await this.close();
    await this.#noted('gallery.erased', { galleryId, templates: erased.templates });
    return receiptFor(this.#internals.grant, { scope: 'gallery', storeId: galleryId, reason: 'requested', dataSubject: null, erased });
  }

  /** Takes the gallery out of memory; what is stored stays. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new FacePrivacyError('ERR_SESSION_CLOSED', 'The gallery is closed; open it again.'));
    this.#internals.disown(this);
    await this.#content.close();
    this.#vault.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ready(operation: Operation): Promise<void> {
    this.#assertOpen();
    assertGrant(this.#internals.grant, operation);
    await this.#content.refresh();
    this.#assertOpen();
  }

  /** Nobody learns of a comparison that the audit log does not know of. */
  async #told(operation: Operation, ids: Readonly<Record<string, string | number>>): Promise<void> {
    await this.#internals.note('comparison.made', ids);
    this.#assertOpen();
    assertGrant(this.#internals.grant, operation);
  }

  /** What is done is done: that the log could not be written is told beside it. */
  async #noted(code: AuditCode, ids: AuditIds): Promise<void> {
    await this.#internals.note(code, ids).catch((error: unknown) => { this.#internals.failed(error); });
  }

  #assertOpen(): void {
    this.#internals.signal.throwIfAborted();
    this.#closed.signal.throwIfAborted();
  }
}

/**
 * Opens the gallery of a name, or makes it. What has expired, and whoever's consent no longer stands, is erased first. It closes
 * with the features, or by its holder.
 * @throws TypeError for a bad option; FacePrivacyError ERR_CONSENT_*, ERR_STORAGE_FAILED, ERR_SESSION_CLOSED, ERR_WORKER_LOST.
 */
export async function openFaceGallery(features: FaceFeatures, options: GalleryOptions): Promise<FaceGallery> {
  const internals = FaceFeatures.internals(features);
  checkOptions<GalleryOptions>('openFaceGallery', options, { name: matching('1 to 200 characters', (value) => typeof value === 'string' && value.length > 0 && value.length <= 200) }, ['name']);
  internals.signal.throwIfAborted();
  assertGrant(internals.grant, 'openFaceGallery');
  const vault = await GalleryVault.open();
  const closed = new AbortController();
  try {
    const content = await GalleryContent.open({ internals, vault, name: options.name });
    const gallery = new FaceGallery({ internals, vault, content, closed });
    // Erased or renewed by another tab, or the database is gone: nothing may serve from memory any more.
    content.onGone = () => void gallery.close();
    vault.onLost = () => void gallery.close();
    hearGalleries((galleryId) => { content.heard(galleryId); }, closed.signal);
    content.watchConsent(closed.signal);
    internals.own(gallery);
    internals.signal.throwIfAborted();
    return gallery;
  } catch (error) {
    closed.abort();
    vault.close();
    throw error;
  }
}
