import type { EpochMs } from '../core/time.ts';
import { expiryOf } from '../governance/retention/categories.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import { endRecordings, sweepKept, type SweepParts } from '../recordings/retention-sweep.ts';
import type { RightsCorrection } from './rights-correction.ts';
import { faultOf, jsonFile, type AskedBy, type CopyFault, type CopyFile, type ErasedHere, type Holding, type RightsContext } from './rights-holding.ts';
import { blobOfPieces } from '../vault/blob-of-pieces.ts';
import { asHeard } from '../vault/kept-sound.ts';
import { originalItemOf, type OriginalsStore } from '../vault/originals-store.ts';
import { idsOf, itemOf, type RecordingRow } from '../vault/recording-rows.ts';
import type { RecordingStore } from '../vault/recording-store.ts';
import type { ReviewStore } from '../vault/review-store.ts';
import type { PendingErasure } from '../vault/rights-store.ts';

/** @internal Where recordings lie, and what goes with them; null where nothing of it was ever kept. */
export interface RecordingsPlaces {
  readonly recordings: RecordingStore;
  readonly originals: OriginalsStore | null;
  readonly reviews: ReviewStore | null;
  /** Tells whoever reviews recordings that one, or null for several, has changed. */
  tellReviews(recordingId: string | null): void;
}

const NOTES = 'notes-';

/**
 * @internal Recordings of a person, with the sealed originals of their face and what staff noted about them: those follow their recording in all that
 * happens to it.
 */
export class RecordingsHolding implements Holding {
  readonly name = 'recordings';
  readonly #places: RecordingsPlaces;
  readonly #context: RightsContext;

  constructor(places: RecordingsPlaces, context: RightsContext) {
    this.#places = places;
    this.#context = context;
  }

  async items(dataSubject: string): Promise<RetentionItem[]> {
    const { recordings, originals } = this.#places;
    const rows = await recordings.list(dataSubject);
    const sealed = originals === null ? [] : await originals.listOf(dataSubject);
    const owners = ownersOf(rows);
    const notes = await Promise.all(rows.map((row) => this.#notesItem(row)));
    return [...rows.map(itemOf), ...sealed.map((row) => originalItemOf(row, owners.get(row.recordingId)?.holds)), ...notes.filter((item) => item !== null)];
  }

  async *copy(items: readonly RetentionItem[], { dataSubject }: AskedBy): AsyncIterable<CopyFile | CopyFault> {
    const wanted = new Set(items.map(({ itemId }) => itemId));
    for (const row of await this.#places.recordings.list(dataSubject)) {
      if (wanted.has(row.recordingId)) yield* this.#copyMedia(row);
      if (wanted.has(NOTES + row.recordingId)) yield* this.#copyNotes(row);
    }
  }

  /** Recordings remember themselves what was erased of them. */
  pending(): Promise<readonly PendingErasure[]> {
    return Promise.resolve([]);
  }

  async erase(items: readonly RetentionItem[], { dataSubject, requestId }: AskedBy, ending: 'withdrawn' | 'requested'): Promise<ErasedHere> {
    const { recordings, originals, reviews } = this.#places;
    const parts: SweepParts = { context: this.#context, recordings, originals };
    const asked = new Set(items.map(({ itemId }) => itemId));
    const rows = (await recordings.list(dataSubject)).filter(({ recordingId }) => asked.has(recordingId));
    const sealed = originals === null ? [] : (await originals.listOf(dataSubject)).filter(({ originalId }) => asked.has(originalId));
    // Marked before anything is destroyed: whatever interrupts this, the next sweep goes on with it.
    await originals?.end(sealed.map(({ originalId }) => originalId), ending);
    const ended = await endRecordings(parts, rows.map(({ recordingId }) => recordingId), ending);
    const held = new Set(ended.held);
    const gone = rows.filter(({ recordingId }) => !held.has(recordingId)).flatMap(idsOf);
    const reviewRows = (await reviews?.count(gone)) ?? 0;
    if (reviewRows > 0) {
      // In the log first: what it says and does not come about is the lesser fault; what is left is erased when staff open the review.
      await this.#context.note('retention.erased', { reason: ending, reviewRows, requestId });
      await reviews?.erase(gone);
    }
    this.#places.tellReviews(null);
    // Originals that do not lie beside a recording of these; and what an earlier attempt erased without telling.
    const swept = await sweepKept(parts);
    const kept = new Set((await this.items(dataSubject)).map(({ itemId }) => itemId));
    const receipts: readonly ErasureReceipt[] = [...ended.receipts, ...swept.receipts].filter((receipt) => receipt.dataSubject === dataSubject);
    return { receipts, held: [...asked].filter((itemId) => kept.has(itemId)) };
  }

  async restrict(items: readonly RetentionItem[], { requestId }: AskedBy): Promise<void> {
    const since = this.#context.now();
    for (const { itemId } of items) {
      // Originals and notes are reached by way of their recording.
      await this.#places.recordings.update(itemId, (row) => ({ ...row, restriction: row.restriction ?? { requestId, since } }));
    }
    this.#places.tellReviews(null);
  }

  async lift({ dataSubject, requestId }: AskedBy, next: string | null): Promise<void> {
    const since = this.#context.now();
    for (const { recordingId } of await this.#places.recordings.list(dataSubject)) {
      await this.#places.recordings.update(recordingId, (row) => {
        if (row.restriction?.requestId !== requestId) return row;
        return { ...row, restriction: next === null ? null : { requestId: next, since } };
      });
    }
    this.#places.tellReviews(null);
  }

  async correct({ itemId }: RetentionItem, correction: RightsCorrection, { dataSubject }: AskedBy): Promise<void> {
    if (correction.kind !== 'statement') throw new TypeError('Rights.carryOut: what staff wrote is not changed; a statement is kept beside it.');
    const noteId = crypto.randomUUID();
    const at = this.#context.now();
    const recordingId = itemId.slice(NOTES.length);
    await this.#context.note('review.note-added', { recordingId, noteId, by: 'person' });
    await this.#places.reviews?.add('note', noteId, { recordingId, value: { noteId, text: correction.text, by: dataSubject, role: 'subject', at } }, at);
    this.#places.tellReviews(recordingId);
  }

  close(): void {
    this.#places.recordings.close();
    this.#places.originals?.close();
    this.#places.reviews?.close();
  }

  async #notesItem(row: RecordingRow): Promise<RetentionItem | null> {
    const times = await this.#timesOfNotes(row);
    if (times.length === 0) return null;
    const { recordingId, purpose, dataSubject, ending, holds } = row;
    const createdAt = Math.min(...times);
    const expiresAt = Math.min(row.expiresAt, expiryOf('review-notes', Math.max(...times)));
    return { itemId: NOTES + recordingId, category: 'review-notes', purpose, dataSubject, createdAt, expiresAt, ending, holds, parts: {} };
  }

  /** Empty when there are none. What cannot be read any more is there all the same. */
  async #timesOfNotes(row: RecordingRow): Promise<EpochMs[]> {
    const { reviews } = this.#places;
    if (reviews === null) return [];
    try {
      const all = await reviews.notesOf(idsOf(row));
      return all.flatMap(({ boxes, notes, decisions }) => [...boxes, ...notes, ...decisions]).map(({ at }) => at);
    } catch (error) {
      faultOf(row.recordingId, error);
      return [row.createdAt];
    }
  }

  /** Read to its end before any of it goes on: a recording of which a piece was changed is not given away in part. */
  async *#copyMedia(kept: RecordingRow): AsyncIterable<CopyFile | CopyFault> {
    // What they said with it, as long as they agree to its being kept.
    const row = await asHeard(kept, this.#context);
    const { recordingId, format, manifest } = row;
    const folder = `recordings/${recordingId}`;
    let media: Blob;
    try {
      media = await blobOfPieces(this.#places.recordings.read(row));
    } catch (error) {
      yield faultOf(recordingId, error);
      return;
    }
    const mimeType = format.mimeType.split(';', 1)[0] ?? '';
    yield { path: `${folder}/media.${format.container}`, mimeType, content: media };
    if (manifest !== null) yield jsonFile(`${folder}/manifest.json`, manifest);
    const { category, purpose, consentRecordId, createdAt, expiresAt, state, width, height, frames, durationUs, bytes, ending, restriction, holds } = row;
    const disputes = holds.map(({ reason, placedAt, until, releasedAt }) => ({ reason, placedAt, until, releasedAt }));
    const { sound } = row;
    const ofSound = sound === null || sound === undefined ? null : { category: 'recorded-sound', purpose: 'sound-recording', consentRecordId: sound.consentRecordId, createdAt: sound.createdAt, expiresAt: sound.expiresAt };
    yield jsonFile(`${folder}/record.json`, { recordingId, category, purpose, consentRecordId, createdAt, expiresAt, state, format, width, height, frames, durationUs, bytes, ending, restriction, disputes, sound: ofSound });
  }

  /** Who of the staff wrote it stays out: that is theirs. */
  async *#copyNotes(row: RecordingRow): AsyncIterable<CopyFile | CopyFault> {
    const { reviews } = this.#places;
    if (reviews === null) return;
    try {
      const all = await reviews.notesOf(idsOf(row));
      yield jsonFile(`recordings/${row.recordingId}/review.json`, {
        boxes: all.flatMap(({ boxes }) => boxes.map(({ fromUs, untilUs, box, at }) => ({ fromUs, untilUs, box, at }))),
        notes: all.flatMap(({ notes }) => notes.map(({ text, role, at }) => ({ text, role, at }))),
        decisions: all.flatMap(({ decisions }) => decisions.map(({ outcome, text, at }) => ({ outcome, text, at }))),
      });
    } catch (error) {
      yield faultOf(NOTES + row.recordingId, error);
    }
  }
}

function ownersOf(rows: readonly RecordingRow[]): Map<string, RecordingRow> {
  return new Map(rows.flatMap((row) => idsOf(row).map((id) => [id, row] as const)));
}
