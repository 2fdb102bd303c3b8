import { asFacePrivacyError, FacePrivacyError } from '../core/errors.ts';
import type { FileCheckReport, FileProgress, FixedRegion, UncoveredFace } from '../core/file-redaction-protocol.ts';
import { checkOptions, matching, oneOf, type OptionRules } from '../core/options.ts';
import type { PipelineSettings } from '../core/protocol.ts';
import type { TrackSample } from '../core/recording.ts';
import { packBundle } from './bundle.ts';
import { checkFileAssets, withFileWorker, type FileAssetOptions, type FileHost, type FileWork, type FileWorkProgress } from './file-host.ts';
import { checkRegions } from './fixed-regions.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import type { NoticeRecipient } from '../governance/consent/notice.ts';
import { verifyManifest, type RedactionManifest } from '../governance/manifest/manifest.ts';
import { regionAround } from '../governance/sharing/covered-places.ts';
import { MOST_PURPOSE_CHARACTERS, type SharingReceipt } from '../governance/sharing/sharing-receipt.ts';
import { reportFailure } from '../session/incident-report.ts';
import { isSoundPolicy, soundOf, type SoundConsent, type SoundPolicy } from './recorded-sound.ts';
import { Recordings, type SharingDesk } from './recordings.ts';
import { redactOn } from './redact-file.ts';
import { hasSound } from '../vault/kept-sound.ts';

/** How far sharing is. `covering`: marked regions are covered, two passes; `checking`: every frame is searched again. */
export type ShareProgress =
  | Extract<FileWorkProgress, { readonly phase: 'loading' }>
  | ({ readonly phase: 'covering' | 'checking' } & FileProgress)
  | { readonly phase: 'packing' };

/** Options of {@link shareRecording}. */
export interface ShareOptions {
  /** For `sharing`, of the person whose recording it is. */
  readonly grant: ConsentGrant;
  /** Type of recipient, as the notice words it in one of its languages: nobody else may be given it (TAF-5.4b). */
  readonly recipient: string;
  /** What the recipient may use it for, 1 to 500 characters; stands in the receipt, not in the audit log. */
  readonly purpose: string;
  /** Rectangles to cover besides, such as those of a review. */
  readonly boxes?: readonly FixedRegion[];
  /**
   * What becomes of what the second search finds uncovered: it is covered and searched again (`cover`, default), or nothing leaves (`refuse`). It searches
   * more than a redaction has time to, so that in most videos it finds something, false alarms mostly.
   */
  readonly found?: 'refuse' | 'cover';
  /**
   * What becomes of the sound of the recording; default `drop`: what leaves has none. It goes along only under a consent to sound that stands besides the
   * one to share, and where the recording has any.
   */
  readonly audio?: SoundPolicy<SoundConsent>;
  readonly assets?: FileAssetOptions;
  /** Cancels with ERR_ABORTED; nothing leaves. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ShareProgress) => void;
}

/** What leaves. */
export interface SharedRecording {
  /** A ZIP file of the redacted video, its manifest and the receipt, for `openBundle`. */
  readonly bundle: Blob;
  readonly receipt: SharingReceipt;
  readonly manifest: RedactionManifest;
}

/** ERR_EXPORT_REFUSED: the second search found faces that show. Nothing has left. */
export class ExportRefusedError extends FacePrivacyError {
  /** Where and when, by time: at most 1000, to be looked at and covered by `boxes`. */
  readonly uncovered: readonly UncoveredFace[];

  /** @internal */
  constructor({ uncovered, uncoveredCount }: FileCheckReport) {
    super('ERR_EXPORT_REFUSED', 'Faces may show in the recording; nothing was shared. Look at the times in `uncovered` and cover them with `boxes`.', {
      details: { faces: uncoveredCount, firstUs: uncovered[0]?.timeUs ?? 0 },
    });
    this.uncovered = uncovered;
  }
}

/** Searched so often at most, what is found covered in between; then it is refused. From the fourth time on whole pictures are covered, so that each leaves fewer. */
const MOST_ROUNDS = 8;

const object = (value: unknown): boolean => typeof value === 'object' && value !== null;
const rules: OptionRules<ShareOptions> = {
  grant: matching('a ConsentGrant', (value) => value !== undefined),
  recipient: matching('a type of recipient from the notice', (value) => typeof value === 'string' && value !== ''),
  purpose: matching(`a text of 1 to ${MOST_PURPOSE_CHARACTERS} characters`, (value) => typeof value === 'string' && value.trim() !== '' && value.length <= MOST_PURPOSE_CHARACTERS),
  boxes: matching('a list of regions', (value) => Array.isArray(value)),
  found: oneOf(['refuse', 'cover']),
  audio: matching("'drop' or { grant }", (value) => isSoundPolicy(value, ['grant'])),
  assets: matching('an object', object),
  signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
  onProgress: matching('a function', (value) => typeof value === 'function'),
};

/** A redacted video on its way out. */
interface Draft {
  readonly media: Blob;
  readonly manifest: RedactionManifest;
  readonly timelines: readonly (readonly TrackSample[])[];
  readonly boxes: readonly FixedRegion[];
}

/**
 * Makes what may leave the device of a recording: the redacted video, its manifest and a receipt that names purpose and type of recipient, in one ZIP
 * file. Its sound stays behind unless `audio` says otherwise. Before, every frame of the very video that leaves is decoded and searched again with every look. What is found is covered, and all of it
 * searched again; where a face still shows, nothing leaves.
 * @throws TypeError for a bad option; ExportRefusedError (ERR_EXPORT_REFUSED); FacePrivacyError ERR_CONSENT_*, also where the notice names no such
 * recipient or the grant is another person's (ERR_CONSENT_PURPOSE, `details.field`), ERR_MANIFEST_INVALID, ERR_VAULT_INTEGRITY, ERR_RESTRICTED,
 * ERR_MEDIA_INVALID (also for a recording without manifest: restore it), ERR_DETECTOR_*, ERR_WORKER_*, ERR_ABORTED.
 */
export async function shareRecording(recordings: Recordings, recordingId: string, options: ShareOptions): Promise<SharedRecording> {
  const operation = 'shareRecording';
  checkOptions<ShareOptions>(operation, options, rules, ['grant', 'recipient', 'purpose']);
  checkFileAssets(operation, options.assets);
  checkRegions(operation, options.boxes ?? []);
  const { grant, boxes = [], found = 'cover', signal } = options;
  assertGrant(grant, operation);
  const recipient = recipientOf(grant, options.recipient);
  const audio = soundOf(operation, options.audio ?? 'drop', grant.dataSubject);
  const desk = await Recordings.sharingDesk(recordings, recordingId, audio !== null);
  if (desk.row.dataSubject !== grant.dataSubject) throw unfit('dataSubject', 'The grant to share is not of the person whose recording it is.');
  const ids = { recordingId, recipient: recipient.index };
  await ConsentGrant.note(grant, 'sharing.granted', ids);
  try {
    const cancel = AbortSignal.any([desk.grant.signal, ...(signal === undefined ? [] : [signal])]);
    const work: Omit<FileWork, 'onProgress'> = { grant, settings: settingsOf(desk), assets: options.assets, cancel, ...(audio === null ? {} : { soundGrant: audio.grant }) };
    const { draft, report } = await covered(await kept(desk, signal), { boxes, found, desk, work, onProgress: options.onProgress });
    if (report.uncoveredCount > 0) throw new ExportRefusedError(report);
    // A frame that was not decoded was not searched.
    if (report.frames !== draft.manifest.media.frames) throw new FacePrivacyError('ERR_MEDIA_INVALID', 'Not every frame of the recording could be searched.', { details: { reason: 'damaged', frames: report.frames } });
    await ConsentGrant.note(grant, 'sharing.checked', { ...ids, manifestId: draft.manifest.manifestId, frames: report.frames, coveredWhole: report.coveredWhole, insideCovers: report.insideCovers });
    options.onProgress?.({ phase: 'packing' });
    const { bundle, receipt } = await packBundle(draft, { grant, recordingId, recipient: recipient.type, purpose: options.purpose, report });
    // It took minutes: what may have come about meanwhile (erased, restricted, withdrawn) comes first.
    if (audio !== null) assertGrant(audio.grant, 'keepSound');
    const { row } = await Recordings.sharingDesk(recordings, recordingId, audio !== null);
    if (row.manifest?.manifestId !== desk.row.manifest?.manifestId) throw new FacePrivacyError('ERR_MEDIA_INVALID', 'The recording was exchanged meanwhile.', { details: { reason: 'unknown', recordingId } });
    cancel.throwIfAborted();
    assertGrant(grant, operation);
    // What is not on record does not leave.
    await ConsentGrant.note(grant, 'sharing.exported', { ...ids, receiptId: receipt.receiptId, manifestId: draft.manifest.manifestId, boxes: draft.boxes.length });
    return { bundle, receipt, manifest: draft.manifest };
  } catch (error) {
    const failure = failureOf(error, desk, signal);
    reportFailure(grant, failure);
    await ConsentGrant.note(grant, 'sharing.refused', { ...ids, cause: failure.code });
    throw failure;
  }
}

/** The type of recipient that the notice names for sharing, and its place there. */
function recipientOf(grant: ConsentGrant, named: string): NoticeRecipient & { readonly index: number } {
  const { recipients } = ConsentGrant.context(grant).notice;
  const index = recipients.findIndex(({ type, purposes }) => purposes.includes('sharing') && Object.values(type).includes(named));
  const recipient = recipients[index];
  if (recipient === undefined) throw unfit('recipient', 'The notice that people agreed to names no such type of recipient for sharing.');
  return { ...recipient, index };
}

function unfit(field: string, message: string): FacePrivacyError {
  return new FacePrivacyError('ERR_CONSENT_PURPOSE', message, { details: { operation: 'shareRecording', field } });
}

/** The recording as it is kept, whole and with its manifest. */
async function kept(desk: SharingDesk, signal: AbortSignal | undefined): Promise<Draft> {
  const { manifest } = desk.row;
  if (manifest === null) throw new FacePrivacyError('ERR_MEDIA_INVALID', 'The recording runs or was cut off: it has no manifest; stop or restore it first.', { details: { reason: 'no-manifest' } });
  const media = await desk.media();
  await verifyManifest(manifest, media, { origin: location.origin, keyId: ConsentGrant.context(desk.grant).keyId, ...(signal === undefined ? {} : { signal }) });
  return { media, manifest, timelines: [await desk.timeline()], boxes: [] };
}

interface Covering {
  readonly boxes: readonly FixedRegion[];
  readonly found: 'refuse' | 'cover';
  readonly desk: SharingDesk;
  readonly work: Omit<FileWork, 'onProgress'>;
  readonly onProgress: ((progress: ShareProgress) => void) | undefined;
}

/** Covers what is to be covered besides and searches again, until nothing shows or it is time to refuse. */
function covered(first: Draft, { boxes, found, desk, work, onProgress }: Covering): Promise<{ readonly draft: Draft; readonly report: FileCheckReport }> {
  let phase: 'covering' | 'checking' = 'checking';
  const tell = (progress: FileWorkProgress): void => { onProgress?.(progress.phase === 'loading' ? progress : { ...progress, phase }); };
  return withFileWorker({ ...work, onProgress: tell }, async (host, signal) => {
    const { settings, grant } = work;
    let draft = first;
    let marked = boxes;
    for (let round = 1; ; round += 1) {
      if (marked.length > 0) {
        phase = 'covering';
        draft = await coverMore(host, draft, { marked, desk, settings, grant, signal });
      }
      phase = 'checking';
      const request = { file: draft.media, settings, covered: draft.timelines, regions: draft.boxes, covers: draft.manifest.covers };
      const report = await host.call((remote) => remote.check(request));
      if (report.uncoveredCount === 0 || found === 'refuse' || round === MOST_ROUNDS) return { draft, report };
      marked = report.uncovered.map((face) => regionAround(face, round, desk.row));
    }
  });
}

interface More extends Pick<FileWork, 'settings' | 'grant'> {
  readonly marked: readonly FixedRegion[];
  readonly desk: SharingDesk;
  readonly signal: AbortSignal;
}

async function coverMore(host: FileHost, draft: Draft, { marked, desk: { row }, settings, grant, signal }: More): Promise<Draft> {
  // It was redacted already and is searched afterwards. A search in between would follow what covers look like, and cover that from end to end.
  const request = { file: draft.media, settings, container: row.format.container, bitrate: null, keepSound: hasSound(row), regions: marked, regionsOnly: true };
  const { media, manifest, timeline } = await redactOn(host, request, { grant, signal, base: draft.manifest });
  return { media, manifest, timelines: [...draft.timelines, timeline], boxes: [...draft.boxes, ...marked] };
}

/** The settings of the recording, so that what is covered besides looks the same, and the same is taken for a face. */
function settingsOf({ row: { about } }: SharingDesk): PipelineSettings {
  const { margin, holdMs, maxAgeMs, threshold } = about.settings;
  const { method, strength } = about.styles.at(-1) ?? { method: 'frost', strength: 0.5 };
  return {
    style: { method, strength },
    tracking: { holdMs, margin },
    detection: { budgetMs: 18, maxAgeMs, timeoutMs: 3000, selfTestIntervalMs: 10_000, threshold },
    delayFrames: 0,
    compositor: 'auto',
  };
}

/** The end of a consent says why itself, also that of the recordings. */
function failureOf(error: unknown, { grant }: SharingDesk, signal: AbortSignal | undefined): FacePrivacyError {
  if (grant.signal.aborted) return grant.signal.reason as FacePrivacyError;
  if (signal?.aborted === true) return new FacePrivacyError('ERR_ABORTED', 'Sharing was cancelled.', { cause: signal.reason });
  return asFacePrivacyError(error, 'ERR_MEDIA_INVALID');
}
