import type { DBSchema } from 'idb';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import type { UpgradeStep } from './open-database.ts';
import type { Erasure, KeptPiece, KeptSoundPart, RecordingRow } from './recording-rows.ts';
import { roomGuard } from './room-reserve.ts';

/** The database of recordings. */
export interface RecordingSchema extends DBSchema {
  recordings: { key: string; value: RecordingRow; indexes: { 'by-subject': string; 'by-expiry': number } };
  pieces: { key: [recordingId: string, sequence: number]; value: KeptPiece };
  /** What makes pieces ones with sound. */
  sounds: { key: [recordingId: string, sequence: number]; value: KeptSoundPart };
  /** What was erased and has no receipt yet; keys rise. */
  erasures: { key: number; value: Erasure };
  receipts: { key: string; value: ErasureReceipt };
}

/** Its history. */
export const RECORDING_STEPS: readonly UpgradeStep<RecordingSchema>[] = [
  (database) => {
    const recordings = database.createObjectStore('recordings', { keyPath: 'recordingId' });
    recordings.createIndex('by-subject', 'dataSubject');
    recordings.createIndex('by-expiry', 'expiresAt');
    database.createObjectStore('pieces', { keyPath: ['recordingId', 'sequence'] });
  },
  async (database, transaction) => {
    database.createObjectStore('erasures', { keyPath: 'erasureId', autoIncrement: true });
    database.createObjectStore('receipts', { keyPath: 'receiptId' });
    for await (const cursor of transaction.objectStore('recordings')) {
      await cursor.update({ ...cursor.value, holds: [], ending: null, restriction: null, formerIds: [] });
    }
  },
  (database) => {
    database.createObjectStore('sounds', { keyPath: ['recordingId', 'sequence'] });
  },
];

/** What is told where it cannot be read or written. */
export const RECORDING_ROOM = roomGuard('recordings', {
  full: 'There is no room left for the recording; what was kept before stays playable.',
  refused: 'The browser refused to read or write recordings (private mode, cleared data or a blocked upgrade).',
});
