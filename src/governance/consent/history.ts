import { verifyProof } from './proof.ts';
import type { Purpose } from './purposes.ts';
import { parseRecord, recordFault, subjectOf, type ConsentRecord } from './record.ts';
import type { DeviceKey, StoreView } from './store.ts';

/** Whose word is looked for. */
export type Role = ConsentRecord['role'];

/**
 * The records about one person in the order in which they were made: every one well-formed, signed by this browser,
 * about this person, linked to the one before, and the last one that which the audit log knows as the last.
 * @throws FacePrivacyError ERR_CONSENT_RECORD_INVALID with `details.field`, if any single thing does not hold.
 */
export async function readHistory(
  { rows, lastRecordId }: Pick<StoreView, 'rows' | 'lastRecordId'>,
  dataSubject: string,
  key: Pick<DeviceKey, 'keyId' | 'publicKey'>,
): Promise<ConsentRecord[]> {
  const records = rows.map(parseRecord);
  for (const record of records) {
    if (subjectOf(record) !== dataSubject) throw recordFault('dataSubject', 'is somebody else');
    await verifyProof(record, key);
  }
  const ordered = linked(records);
  if ((ordered.at(-1)?.recordId ?? null) !== lastRecordId) throw recordFault('recordId', 'of the last record is not what the audit log says');
  return ordered;
}

/** Each record names the one before it: one beginning, no fork, no gap, nothing left over. */
function linked(records: readonly ConsentRecord[]): ConsentRecord[] {
  const after = new Map<string | null, ConsentRecord>();
  for (const record of records) {
    if (after.has(record.replaces)) throw recordFault('replaces', 'is named by two records');
    after.set(record.replaces, record);
  }
  const ordered: ConsentRecord[] = [];
  for (let next = after.get(null); next !== undefined; next = after.get(next.recordId)) ordered.push(next);
  if (ordered.length !== records.length) throw recordFault('replaces', 'names a record that is not there');
  return ordered;
}

/**
 * The last word on a purpose by the person or by the guardian: an answer that speaks of it, an expiry of it, or a
 * withdrawal, which speaks of everything. A request is no word.
 * @param records in order, see {@link readHistory}.
 */
export function lastWord(records: readonly ConsentRecord[], purpose: Purpose, role: Role): ConsentRecord | null {
  return records.findLast(({ state, role: by, answers }) => state === 'withdrawn' || (by === role && answers[purpose] !== undefined)) ?? null;
}
