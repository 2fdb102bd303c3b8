import type { RedactionManifest } from 'bauta/recording';
import type { Outcome, ShownBox, ShownCase, ShownDecision, ShownNote } from './shown-case.ts';

/** What the review of a bundle rests on: media and manifest, both verified. */
export interface BundleContent {
  readonly media: Blob;
  readonly manifest: RedactionManifest;
}

/**
 * A bundle from another browser as a case. It has no tracks and no originals, so that nobody can be unmasked; what is added
 * is kept for this visit and taken along as a file.
 */
export class BundleCase implements ShownCase {
  readonly media: Blob;
  readonly manifest: RedactionManifest;
  readonly manifestVerdict = { valid: true };
  readonly #by: string;
  readonly #boxes: ShownBox[] = [];
  readonly #notes: ShownNote[] = [];
  #decision: ShownDecision | null = null;

  constructor({ media, manifest }: BundleContent, by: string) {
    this.media = media;
    this.manifest = manifest;
    this.#by = by;
  }

  get item(): ShownCase['item'] {
    const { madeAt, recordingId, manifestId, media } = this.manifest;
    return { recordingId: recordingId ?? manifestId, createdAt: madeAt, durationUs: media.durationUs, width: media.width, height: media.height };
  }

  get timeline(): ShownCase['timeline'] {
    return { durationUs: this.manifest.media.durationUs, samples: [], covers: this.manifest.covers, tracks: [] };
  }

  boxes(): Promise<readonly ShownBox[]> {
    return Promise.resolve([...this.#boxes]);
  }

  addBox(box: ShownBox): Promise<void> {
    this.#boxes.push(box);
    return Promise.resolve();
  }

  notes(): Promise<readonly ShownNote[]> {
    return Promise.resolve([...this.#notes]);
  }

  addNote(text: string): Promise<void> {
    this.#notes.push({ by: this.#by, at: Date.now(), text });
    return Promise.resolve();
  }

  decision(): Promise<ShownDecision | null> {
    return Promise.resolve(this.#decision);
  }

  decide({ outcome, text = '' }: { readonly outcome: Outcome; readonly text?: string }): Promise<void> {
    this.#decision = { outcome, text, by: this.#by, at: Date.now() };
    return Promise.resolve();
  }
}
