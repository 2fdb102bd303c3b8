import type { IDBPDatabase } from 'idb';
import type { SealedPart } from '../core/recording.ts';
import type { EpochMs } from '../core/time.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import { standingOf } from '../governance/retention/item.ts';
import { entryOf } from '../governance/retention/sweep.ts';
import { noted } from './erasure-log.ts';
import { soundItemOf, withoutSound } from './kept-sound.ts';
import { allOrNothing } from './open-database.ts';
import type { Erasure } from './recording-rows.ts';
import { RECORDING_ROOM as ROOM, type RecordingSchema } from './recording-schema.ts';

/** The sound of recordings, apart from their pieces; made by `RecordingStore`. */
export class SoundParts {
  readonly #db: IDBPDatabase<RecordingSchema>;

  constructor(db: IDBPDatabase<RecordingSchema>) {
    this.#db = db;
  }

  /** Of the pieces in a range of keys, by their sequence. */
  async of(range: IDBKeyRange): Promise<ReadonlyMap<number, SealedPart>> {
    const parts = await ROOM.guarded(() => this.#db.getAll('sounds', range));
    return new Map(parts.map((part) => [part.sequence, part]));
  }

  /**
   * Destroys the sound of a recording that is due, key first, in one transaction: what is left is the same recording without sound, whole and with its own
   * manifest, also where it still runs. What was erased is written down there.
   * @param ending why it has to go now; null where its time is over, or it was marked before.
   * @returns null when there was none, or it is not due.
   */
  erase(recordingId: string, ending: RetentionItem['ending'], now: EpochMs): Promise<Erasure | null> {
    return ROOM.small(() => {
      const tx = this.#db.transaction(['recordings', 'sounds', 'erasures'], 'readwrite', { durability: 'strict' });
      return allOrNothing(tx, async () => {
        const row = await tx.objectStore('recordings').get(recordingId);
        const kept = row?.sound;
        if (row === undefined || kept === null || kept === undefined) return null;
        const item = soundItemOf({ ...row, sound: { ...kept, ending: kept.ending ?? ending } });
        if (item === null || standingOf(item, now) !== 'due') return null;
        const range = IDBKeyRange.bound([recordingId, 0], [recordingId, Infinity]);
        const rows = await tx.objectStore('sounds').count(range);
        await tx.objectStore('recordings').put(withoutSound(row));
        await tx.objectStore('sounds').delete(range);
        const { reason, dataSubject } = entryOf(item, now);
        return noted(tx.objectStore('erasures'), { itemId: `sound-${recordingId}`, belongsTo: recordingId, reason, dataSubject, erasedAt: now, erased: { rows, keys: 1, media: 0 } });
      });
    });
  }
}
