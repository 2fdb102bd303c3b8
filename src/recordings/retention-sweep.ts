import { asFacePrivacyError, type FacePrivacyError } from '../core/errors.ts';
import type { EpochMs } from '../core/time.ts';
import type { GrantContext } from '../governance/consent/grant-context.ts';
import type { Purpose } from '../governance/consent/purposes.ts';
import { RETENTION_RULES, DAY_MS } from '../governance/retention/categories.ts';
import { createErasureReceipt, ERASED_KINDS, type ErasedCounts, type ErasureReason, type ErasureReceipt, type ErasureScope } from '../governance/retention/erasure-receipt.ts';
import { standingOf, type RetentionItem } from '../governance/retention/item.ts';
import { pressurePlan, type PressurePlan } from '../governance/retention/storage-pressure.ts';
import { entryOf, sweepPlan } from '../governance/retention/sweep.ts';
import { runningRecordings } from './recording-lock.ts';
import { sweepSound } from './sound-sweep.ts';
import { originalItemOf, type OriginalRow, type OriginalsStore } from '../vault/originals-store.ts';
import { idsOf, itemOf, type Erasure, type RecordingRow } from '../vault/recording-rows.ts';
import type { RecordingStore } from '../vault/recording-store.ts';
import { withVaultLock } from '../vault/vault-lock.ts';

/** @internal What a sweep works on. */
export interface SweepParts {
  readonly context: Pick<GrantContext, 'now' | 'note' | 'sign' | 'stands'>;
  readonly recordings: RecordingStore;
  /** Null where no original was ever sealed. */
  readonly originals: OriginalsStore | null;
}

/** @internal What a sweep did. */
export interface SweepOutcome {
  /** One for each person and reason. */
  readonly receipts: readonly ErasureReceipt[];
  /** When the next item is due, if nothing changes; null for never. */
  readonly nextAt: EpochMs | null;
}

/** @internal What an ending did. */
export interface EndedRecordings {
  readonly receipts: readonly ErasureReceipt[];
  /** Ids of those that a dispute holds: marked, and erased when it is over. */
  readonly held: readonly string[];
}

/** What a receipt says of where it was erased. */
interface ToldAbout {
  readonly scope: ErasureScope;
  readonly storeId: string;
}

/** Rows of which one transaction disposes. */
const ERASED_AT_ONCE = 100;

/**
 * @internal Erases what is due (TAF-5.5a, MEG-retain): what has expired, what was marked, and what rests on consent that has ended since. What a
 * dispute holds stays. Sealed originals and sound go with their recording, at their own time or with their own consent, whichever comes first. Leaves a signed
 * receipt for everything erased, also for what an earlier sweep erased and, cut off, did not tell.
 * @throws FacePrivacyError ERR_STORAGE_FAILED; what is left is erased by the next sweep.
 */
export async function sweepKept(parts: SweepParts): Promise<SweepOutcome> {
  const { context, recordings, originals } = parts;
  await recordings.discardRewrites(runningRecordings);
  await markWithdrawn(parts);
  const now = context.now();
  const rows = await recordings.list();
  const plan = sweepPlan(rows.map(itemOf), now);
  const gone = await eraseRecordings(recordings, rows, plan.erase.map(({ itemId }) => itemId), now);
  const kept = [...(await sweepSound(recordings, now, endedOf(context))), ...(originals === null ? [] : await sweepOriginals(parts, originals, { now, gone, only: null }))];
  await recordings.erasures.forget(now - RETENTION_RULES['erasure-receipts'].defaultDays * DAY_MS);
  // Of an earlier sweep that was cut off, too.
  const receipts = await tellErased(parts, null, { scope: 'sweep', storeId: 'recordings' });
  const times = [plan.nextAt, sweepPlan(kept, now).nextAt].filter((at) => at !== null);
  return { receipts, nextAt: times.length === 0 ? null : Math.min(...times) };
}

/**
 * @internal Erases recordings now, for a reason that is not their time: each is marked first, so that whatever interrupts this, the next sweep goes on
 * with it. What a dispute holds is marked and stays. Unknown ids are no fault.
 * @throws FacePrivacyError ERR_STORAGE_FAILED; what is left is erased by the next sweep.
 */
export async function endRecordings(parts: SweepParts, recordingIds: readonly string[], ending: NonNullable<RetentionItem['ending']>): Promise<EndedRecordings> {
  const { context, recordings, originals } = parts;
  const now = context.now();
  const rows: RecordingRow[] = [];
  for (const recordingId of recordingIds) {
    const row = await recordings.update(recordingId, marked(ending, now));
    if (row !== null) rows.push(row);
  }
  const gone = await eraseRecordings(recordings, rows, recordingIds, now);
  const only = new Set(rows.flatMap(idsOf));
  if (originals !== null) await sweepOriginals(parts, originals, { now, gone, only });
  const [first = 'recordings', ...others] = recordingIds;
  return {
    receipts: await tellErased(parts, only, { scope: 'recording', storeId: others.length === 0 ? first : 'recordings' }),
    held: rows.map(({ recordingId }) => recordingId).filter((recordingId) => !gone.has(recordingId)),
  };
}

/**
 * @internal Erases the sound of a recording, to which consent has ended; the picture stays, also of one that runs.
 * @throws FacePrivacyError ERR_STORAGE_FAILED; what is left is erased by the next sweep.
 */
export async function endSound(parts: SweepParts, recordingId: string): Promise<void> {
  await parts.recordings.sounds.erase(recordingId, 'withdrawn', parts.context.now());
  await tellErased(parts, new Set([recordingId]), { scope: 'recording', storeId: recordingId });
}

/**
 * @internal Erases what is due because room has run out. Asks no ledger, which may find no room to answer either: what that would tell, the next sweep does.
 * @returns what else could go: for a person to choose from, nothing that is kept goes unasked.
 * @throws FacePrivacyError ERR_STORAGE_FAILED when not even that could be done.
 */
export async function makeRoom(parts: SweepParts, bytesNeeded: number): Promise<Pick<PressurePlan, 'freedBytes' | 'enough' | 'offers'> & { readonly untold: FacePrivacyError | null }> {
  const { context, recordings, originals } = parts;
  const now = context.now();
  const rows = await recordings.list();
  const { freedBytes, enough, offers, erase } = pressurePlan(rows.map(itemOf), bytesNeeded, now);
  const gone = await eraseRecordings(recordings, rows, erase.map(({ itemId }) => itemId), now);
  if (originals !== null) await sweepOriginals(parts, originals, { now, gone, only: null });
  try {
    await tellErased(parts, null, { scope: 'sweep', storeId: 'recordings' });
    await context.note('retention.storage-short', { bytesNeeded, freedBytes, due: erase.length });
    await recordings.layReserve();
    return { freedBytes, enough, offers, untold: null };
  } catch (error) {
    return { freedBytes, enough, offers, untold: asFacePrivacyError(error, 'ERR_STORAGE_FAILED') };
  }
}

/** Consent that was withdrawn, refused or has expired while no page was open to notice it. */
async function markWithdrawn({ context, recordings, originals }: SweepParts): Promise<void> {
  const ended = endedOf(context);
  const now = context.now();
  const running = await runningRecordings();
  for (const row of await recordings.list()) {
    // One that runs, here or in another tab, ends with its own grant.
    if (isOver(row, now) || running.has(row.recordingId) || !(await ended(row, 'redacted-recording'))) continue;
    await recordings.update(row.recordingId, marked('withdrawn', now));
  }
  if (originals === null) return;
  const over: string[] = [];
  for (const row of await originals.list()) if (!isOver(row, now) && (await ended(row, 'sealed-originals'))) over.push(row.originalId);
  if (over.length > 0) await originals.end(over, 'withdrawn');
}

/** What has ended already, by its time or another mark, keeps that as its reason. */
function marked(ending: NonNullable<RetentionItem['ending']>, now: EpochMs): (row: RecordingRow) => RecordingRow {
  return (row) => (isOver(row, now) ? row : { ...row, ending });
}

function isOver({ ending, expiresAt }: Pick<RetentionItem, 'ending' | 'expiresAt'>, now: EpochMs): boolean {
  return ending !== null || expiresAt <= now;
}

/** Asks once for each person and purpose. What rests on an exception has no consent that could end, only its time. */
function endedOf(context: SweepParts['context']): (kept: Pick<RecordingRow, 'dataSubject' | 'consentRecordId'>, purpose: Purpose) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return ({ dataSubject, consentRecordId }, purpose) => {
    if (consentRecordId === null) return Promise.resolve(false);
    const about = `${purpose} ${dataSubject}`;
    const ended = known.get(about) ?? context.stands(dataSubject, [purpose]).then((grounds) => grounds === 'ended');
    known.set(about, ended);
    return ended;
  };
}

/** @returns why what is gone now is gone, by every id under which something else may have been kept for it. */
async function eraseRecordings(recordings: RecordingStore, rows: readonly RecordingRow[], recordingIds: readonly string[], now: EpochMs): Promise<Map<string, ErasureReason>> {
  const gone = new Map<string, ErasureReason>();
  for (let from = 0; from < recordingIds.length; from += ERASED_AT_ONCE) {
    const entries = recordingIds.slice(from, from + ERASED_AT_ONCE).map((itemId) => ({ itemId }));
    for (const { itemId, reason } of await recordings.eraseDue(entries, now)) {
      gone.set(itemId, reason);
    }
  }
  for (const row of rows) {
    const reason = gone.get(row.recordingId);
    if (reason !== undefined) for (const id of row.formerIds) gone.set(id, reason);
  }
  return gone;
}

/** @param only originals of these recordings; null for all. @returns the items that stay. */
async function sweepOriginals(
  { recordings }: SweepParts,
  originals: OriginalsStore,
  { now, gone, only }: { readonly now: EpochMs; readonly gone: ReadonlyMap<string, ErasureReason>; readonly only: ReadonlySet<string> | null },
): Promise<RetentionItem[]> {
  // Before their owners: what is sealed for a recording that begins in this moment has one then.
  const sealed = await originals.list();
  // Asked anew: a recording that was held in the last moment is still there, and holds these.
  const owners = new Map((await recordings.list()).flatMap((row) => idsOf(row).map((id) => [id, row] as const)));
  const kept: RetentionItem[] = [];
  for (const row of sealed) {
    if (only !== null && !only.has(row.recordingId)) continue;
    const recording = owners.get(row.recordingId);
    const item = originalItem(row, recording);
    if (standingOf(item, now) !== 'due') {
      kept.push(item);
      continue;
    }
    // Chunks, then the word of it, then what says that it has to go: whatever interrupts this, the next sweep finds it again.
    const erased = await originals.eraseMedia(row.originalId, (current) => standingOf(originalItem(current, recording), now) === 'due');
    if (erased === null) continue;
    const entry = entryOf(item, now);
    const reason = row.ending === null && recording === undefined ? (gone.get(row.recordingId) ?? entry.reason) : entry.reason;
    await recordings.erasures.note([{ itemId: row.originalId, belongsTo: row.recordingId, reason, dataSubject: row.dataSubject, erasedAt: now, erased: { ...erased } }]);
    await originals.erase([row.originalId]);
  }
  return kept;
}

/**
 * A dispute about a recording holds its originals past their time. After a withdrawal it does not: nobody could look at them any more, so they would be
 * kept for nothing.
 */
function originalItem(row: OriginalRow, recording: RecordingRow | undefined): RetentionItem {
  const item = originalItemOf(row, row.ending === 'withdrawn' ? [] : (recording?.holds ?? []));
  return recording === undefined ? { ...item, holds: [], ending: item.ending ?? 'purpose-met' } : item;
}

/**
 * Signs what was erased, one receipt for each person and reason, and tells the audit log. An erasure is forgotten when both are done: where the log could
 * not be written, the next sweep does it. One tab at a time, so that everything is told once.
 * @param only of these recordings; null for all, with what is left of earlier attempts.
 */
function tellErased({ context, recordings }: SweepParts, only: ReadonlySet<string> | null, about: ToldAbout): Promise<ErasureReceipt[]> {
  return withVaultLock(`${recordings.name}:erasures`, async () => {
    const untold = (await recordings.erasures.untold()).filter(({ belongsTo, receiptId }) => only === null || (receiptId === undefined && only.has(belongsTo)));
    const receipts: ErasureReceipt[] = [];
    for (const [first, group] of grouped(untold)) {
      const erasureIds = group.map(({ erasureId }) => erasureId);
      const receipt = first.receiptId === undefined ? await receiptOf(context, group, about) : (await recordings.erasures.receipts()).find(({ receiptId }) => receiptId === first.receiptId);
      if (receipt !== undefined) {
        if (first.receiptId === undefined && !(await recordings.erasures.keepReceipt(receipt, erasureIds))) continue;
        await noteErased(context, receipt, group);
        receipts.push(receipt);
      }
      await recordings.erasures.settle(erasureIds);
    }
    return receipts;
  });
}

function receiptOf(context: SweepParts['context'], group: readonly Erasure[], about: ToldAbout): Promise<ErasureReceipt> {
  const [{ reason, dataSubject }] = group as readonly [Erasure];
  const content = { ...about, erasedAt: Math.max(...group.map(({ erasedAt }) => erasedAt)), origin: location.origin, reason, dataSubject, erased: sumOf(group) };
  return createErasureReceipt(content, (statement) => context.sign(statement));
}

async function noteErased(context: SweepParts['context'], { receiptId, scope, reason, erased: { keys } }: ErasureReceipt, group: readonly Erasure[]): Promise<void> {
  if (reason === 'hold-ended') for (const { itemId } of group) await context.note('retention.hold-ended', { itemId });
  await context.note(scope === 'sweep' ? 'retention.swept' : 'retention.erased', { reason, items: group.length, keys, receiptId });
}

/** By reason and person, and by receipt where there is one. */
function grouped(erasures: readonly Erasure[]): Map<Erasure, Erasure[]> {
  const groups = new Map<Erasure, Erasure[]>();
  for (const erasure of erasures) {
    const first = [...groups.keys()].find(({ reason, dataSubject, receiptId }) => reason === erasure.reason && dataSubject === erasure.dataSubject && receiptId === erasure.receiptId);
    if (first === undefined) groups.set(erasure, [erasure]);
    else groups.get(first)?.push(erasure);
  }
  return groups;
}

function sumOf(erasures: readonly Pick<Erasure, 'erased'>[]): ErasedCounts {
  return Object.fromEntries(ERASED_KINDS.map((kind) => [kind, erasures.reduce((sum, { erased }) => sum + (erased[kind] ?? 0), 0)]));
}
