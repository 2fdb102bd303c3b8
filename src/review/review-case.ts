import { fromErrorReport, type FacePrivacyError } from '../core/errors.ts';
import type { CaseNotes, ManualBox, ReviewDecision, ReviewNote, ReviewOutcome } from '../core/review.ts';
import type { RedactionManifest } from '../governance/manifest/manifest.ts';
import type { CaseContent, ManualBoxInput, ReviewItem, ReviewTimeline } from './protocol.ts';

/** @internal What a case asks of its desk. */
export interface CaseCalls {
  readonly notes: () => Promise<CaseNotes>;
  readonly addBox: (box: ManualBoxInput) => Promise<ManualBox>;
  readonly addNote: (text: string) => Promise<ReviewNote>;
  readonly decide: (outcome: ReviewOutcome, text: string) => Promise<ReviewDecision>;
}

/**
 * A recording opened for review: its redacted media, what is proved of them, and what was added in the review. What is added stays: nothing here
 * changes or takes away. Every call is judged anew, by who is signed in then.
 */
export class ReviewCase {
  /** As it was when the case was opened. */
  readonly item: ReviewItem;
  readonly manifest: RedactionManifest | null;
  /** Whether the manifest belongs to these media and was signed by this browser. */
  readonly manifestVerdict: { readonly valid: boolean; readonly error?: FacePrivacyError };
  readonly timeline: ReviewTimeline;
  readonly #calls: CaseCalls;
  #media: Blob | null;

  /** @internal Use `ReviewDesk.open`. */
  constructor({ item, media, manifest, manifestVerdict, timeline }: CaseContent, calls: CaseCalls) {
    this.item = item;
    this.manifest = manifest;
    this.manifestVerdict = manifestVerdict.valid ? { valid: true } : { valid: false, error: fromErrorReport(manifestVerdict.error) };
    this.timeline = timeline;
    this.#media = media;
    this.#calls = calls;
  }

  /** True once it is closed: by the page, or because nobody may see the recording any more, or somebody else is signed in. */
  get closed(): boolean {
    return this.#media === null;
  }

  /** The redacted media, for a player. @throws TypeError after close(). */
  get media(): Blob {
    if (this.#media === null) throw new TypeError('The case is closed; open it again with desk.open().');
    return this.#media;
  }

  /** Regions to be covered besides, in the order in which they were added. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async boxes(): Promise<readonly ManualBox[]> {
    return (await this.#calls.notes()).boxes;
  }

  /**
   * Asks that a region be covered besides (it takes effect when the recording is shared). Nothing can be uncovered.
   * @throws TypeError for times or a box outside the recording; FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED.
   */
  async addBox(box: ManualBoxInput): Promise<ManualBox> {
    return this.#calls.addBox(box);
  }

  /** What was written about it, in order. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async notes(): Promise<readonly ReviewNote[]> {
    return (await this.#calls.notes()).notes;
  }

  /** Writes something about it, which stays. @throws TypeError for a text that is empty or longer than 2000 characters; FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async addNote(text: string): Promise<ReviewNote> {
    return this.#calls.addNote(text);
  }

  /** The decision that counts: the latest; null while there is none. @throws FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async decision(): Promise<ReviewDecision | null> {
    return (await this.#calls.notes()).decisions.at(-1) ?? null;
  }

  /** Decides, or decides again: earlier decisions are kept. @throws TypeError; FacePrivacyError ERR_ACCESS_DENIED, ERR_STORAGE_FAILED. */
  async decide({ outcome, text = '' }: { readonly outcome: ReviewOutcome; readonly text?: string }): Promise<ReviewDecision> {
    return this.#calls.decide(outcome, text);
  }

  /** Lets the media go. Idempotent. */
  close(): void {
    this.#media = null;
  }
}
