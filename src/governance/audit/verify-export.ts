import { sha256Hex } from '../../core/canonical-json.ts';
import { FacePrivacyError } from '../../core/errors.ts';
import { verifyJson } from '../../core/signing.ts';
import type { EpochMs } from '../../core/time.ts';
import { importPublicKey, keyIdOf } from '../consent/proof.ts';
import type { DeviceKey } from '../consent/store.ts';
import { AUDIT_ROOT, type AuditEntry } from './entry.ts';
import { readLine, readOpening, type AuditExportOpening } from './export.ts';
import { verifyHead, type SignedHead } from './head.ts';

/**
 * - `unreadable`: a line that is no entry and no head, to the last byte;
 * - `edited`: an entry that is not what its hash was made of;
 * - `deleted`: numbers that are missing; `inserted`: a number that is there twice; `reordered`: a number out of its place;
 * - `rewritten`: entries that fit themselves, but not their neighbours or a signed head;
 * - `truncated`: a signed head speaks of entries that are not there;
 * - `uncovered`: entries after the last signed head;
 * - `head-forged`: a head whose signature does not hold; `key-unknown`: a key that is not the expected one.
 */
export type AuditFaultKind =
  | 'unreadable' | 'edited' | 'deleted' | 'inserted' | 'reordered' | 'rewritten' | 'truncated' | 'uncovered' | 'head-forged' | 'key-unknown';

/** Something that is wrong with an export. */
export interface AuditFault {
  readonly kind: AuditFaultKind;
  /** Line of the file, from 1; null for what is not there, or lies outside. */
  readonly line: number | null;
  /** First and last entry concerned; null where none can be named. */
  readonly sequences: readonly [first: number, last: number] | null;
  /** The field of an entry that is malformed. */
  readonly field?: string;
}

/** What {@link verifyAuditExport} is told from outside; without it an export proves nothing about its end or its origin. */
export interface AuditExpectation {
  /** Id of the key that must have signed. */
  readonly keyId?: string;
  /** Heads that were kept elsewhere, see `readHeads`. */
  readonly heads?: readonly SignedHead[];
}

/** What there is to say of an export. */
export interface AuditVerdict {
  /** Nothing was edited, deleted, inserted, swapped, or cut off before the latest known head. */
  readonly intact: boolean;
  /** At most {@link MAX_FAULTS}, by line and number. */
  readonly faults: readonly AuditFault[];
  readonly faultCount: number;
  readonly opening: AuditExportOpening;
  readonly entryCount: number;
  readonly headCount: number;
  /** Times of the first and last entry. */
  readonly span: readonly [EpochMs, EpochMs] | null;
  /** Up to this entry a head from outside shows that nothing was cut off or written anew; 0: no such head was given. */
  readonly anchoredUntil: number;
  /** Somebody from outside named the key. */
  readonly keyExpected: boolean;
  /** Entries whose time lies before that of their predecessor; `clock.set-back` tells of it where it was noticed. */
  readonly timeGoesBackAt: readonly number[];
}

/** No more faults than this are listed. */
export const MAX_FAULTS = 100;

const BATCH = 1024;

interface Numbered {
  readonly line: number;
  readonly entry: AuditEntry;
  readonly content: string;
}

/**
 * Verifies a log that `exportAudit` wrote, without the browser that it comes from. It finds edits, deletions, insertions
 * and reorderings. That entries were cut off at the end shows against a head only: against those in the file, and against
 * `expected.heads`, which nobody who has the file can change.
 * @throws TypeError when `text` is no string; FacePrivacyError ERR_AUDIT_INVALID for a text that is no export at all.
 */
export async function verifyAuditExport(text: string, expected: AuditExpectation = {}): Promise<AuditVerdict> {
  if (typeof text !== 'string') throw new TypeError(`text must be the text of an audit export, got ${typeof text}.`);
  const lines = text.split('\n');
  const opening = readOpening(lines[0] ?? '');
  const key = await keyOf(opening);
  const faults: AuditFault[] = [];
  if (expected.keyId !== undefined && expected.keyId !== key.keyId) faults.push({ kind: 'key-unknown', line: 1, sequences: null });
  // The text ends with a line feed; a last line without one was cut.
  if (lines.pop() !== '') faults.push({ kind: 'unreadable', line: lines.length + 1, sequences: null });

  const entries: Numbered[] = [];
  const heads: { readonly line: number; readonly head: SignedHead }[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const read = readLine(lines[index] ?? '', index + 1);
    if (read.kind === 'head') heads.push(read);
    else if (read.kind === 'entry') entries.push(read);
    else faults.push({ kind: 'unreadable', line: read.line, sequences: null, ...(read.field === undefined ? {} : { field: read.field }) });
  }

  const { bySequence, last } = checkOrder(entries, faults);
  const edited = await checkHashes(entries, faults);
  checkLinks(bySequence, last, edited, faults);

  let covered = 0;
  for (const { line, head } of heads) {
    if (!(await verifyHead(head, key))) faults.push({ kind: 'head-forged', line, sequences: [head.sequence, head.sequence] });
    else {
      covered = Math.max(covered, head.sequence);
      checkHead(head, line, bySequence, last, edited, faults);
    }
  }
  if (heads.length === 0 || last > covered) faults.push({ kind: 'uncovered', line: null, sequences: last === 0 ? null : [covered + 1, last] });
  let anchoredUntil = 0;
  for (const head of expected.heads ?? []) {
    if (head.keyId !== key.keyId) faults.push({ kind: 'key-unknown', line: null, sequences: null });
    else if (!(await verifyHead(head, key))) faults.push({ kind: 'head-forged', line: null, sequences: [head.sequence, head.sequence] });
    else if (checkHead(head, null, bySequence, last, edited, faults)) anchoredUntil = Math.max(anchoredUntil, head.sequence);
  }

  const first = entries[0]?.entry;
  const final = entries.at(-1)?.entry;
  return {
    intact: faults.length === 0,
    faults: faults.sort((a, b) => placeOf(a) - placeOf(b)).slice(0, MAX_FAULTS),
    faultCount: faults.length,
    opening,
    entryCount: entries.length,
    headCount: heads.length,
    span: first === undefined || final === undefined ? null : [first.at, final.at],
    anchoredUntil,
    keyExpected: expected.keyId !== undefined || (expected.heads?.length ?? 0) > 0,
    timeGoesBackAt: entries.flatMap(({ entry }, index) => (entry.at < (entries[index - 1]?.entry.at ?? 0) ? [entry.sequence] : [])).slice(0, MAX_FAULTS),
  };
}

async function keyOf({ signature, ...opening }: AuditExportOpening): Promise<Pick<DeviceKey, 'keyId' | 'publicKey'>> {
  const invalid = (field: string, what: string, cause?: unknown): FacePrivacyError =>
    new FacePrivacyError('ERR_AUDIT_INVALID', `${field} of the audit export ${what}.`, { cause, details: { field } });
  const { public_key: { kty, crv, x, y }, keyId } = opening;
  const publicKey = await importPublicKey({ kty, crv, x, y }).catch((cause: unknown) => {
    throw invalid('public_key', 'is no P-256 key', cause);
  });
  if ((await keyIdOf(publicKey)) !== keyId) throw invalid('keyId', 'does not belong to its public_key');
  if (!(await verifyJson(opening, signature, publicKey))) throw invalid('signature', 'does not fit its first line, which was changed');
  return { keyId, publicKey };
}

/** Each number from 1 on once and in its place. */
function checkOrder(entries: readonly Numbered[], faults: AuditFault[]): { bySequence: Map<number, Numbered>; last: number } {
  const bySequence = new Map<number, Numbered>();
  let last = 0;
  for (const numbered of entries) {
    const { line, entry: { sequence } } = numbered;
    if (bySequence.has(sequence)) faults.push({ kind: 'inserted', line, sequences: [sequence, sequence] });
    else {
      if (sequence < last) faults.push({ kind: 'reordered', line, sequences: [sequence, sequence] });
      bySequence.set(sequence, numbered);
      last = Math.max(last, sequence);
    }
  }
  let before = 0;
  for (const sequence of [...bySequence.keys()].sort((a, b) => a - b)) {
    if (sequence > before + 1) faults.push({ kind: 'deleted', line: null, sequences: [before + 1, sequence - 1] });
    before = sequence;
  }
  return { bySequence, last };
}

async function checkHashes(entries: readonly Numbered[], faults: AuditFault[]): Promise<Set<number>> {
  const edited = new Set<number>();
  // Many at a time: a digest is mostly waiting.
  for (let start = 0; start < entries.length; start += BATCH) {
    const batch = entries.slice(start, start + BATCH);
    const hashes = await Promise.all(batch.map(({ content }) => sha256Hex(content)));
    for (const [index, { line, entry }] of batch.entries()) {
      if (hashes[index] === entry.hash) continue;
      edited.add(entry.sequence);
      faults.push({ kind: 'edited', line, sequences: [entry.sequence, entry.sequence] });
    }
  }
  return edited;
}

/** Each entry names the hash of the one before; where either was edited, that was said already. */
function checkLinks(bySequence: ReadonlyMap<number, Numbered>, last: number, edited: ReadonlySet<number>, faults: AuditFault[]): void {
  for (const [sequence, { line, entry }] of bySequence) {
    const before = sequence === 1 ? AUDIT_ROOT : bySequence.get(sequence - 1)?.entry.hash;
    if (before === undefined || before === entry.previousHash || edited.has(sequence) || edited.has(sequence - 1)) continue;
    faults.push({ kind: 'rewritten', line, sequences: [sequence, last] });
  }
}

function checkHead(head: SignedHead, line: number | null, bySequence: ReadonlyMap<number, Numbered>, last: number, edited: ReadonlySet<number>, faults: AuditFault[]): boolean {
  if (head.sequence > last) {
    faults.push({ kind: 'truncated', line, sequences: [last + 1, head.sequence] });
    return false;
  }
  const hash = head.sequence === 0 ? AUDIT_ROOT : bySequence.get(head.sequence)?.entry.hash;
  if (hash === head.hash) return true;
  if (hash !== undefined && !edited.has(head.sequence)) faults.push({ kind: 'rewritten', line, sequences: [1, head.sequence] });
  return false;
}

function placeOf({ line, sequences }: AuditFault): number {
  return line ?? (sequences === null ? 0 : sequences[0] + 1);
}
