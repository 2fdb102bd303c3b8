import { FacePrivacyError } from '../core/errors.ts';
import { checkOptions, integerBetween, matching } from '../core/options.ts';
import type { FacesReport } from '../core/protocol.ts';
import type { Microseconds } from '../core/time.ts';
import type { DetailEvent } from '../core/typed-events.ts';
import { claimFace, type FaceClaim } from '../session/face-claim.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import { expiryOf, RETENTION_RULES } from '../governance/retention/categories.ts';
import { OriginalsKeeper } from './originals-keeper.ts';
import { Recording, type SealingDesk } from './recording-session.ts';
import { SealedOriginals } from './sealed-originals.ts';
import { Undo } from '../session/undo.ts';
import { OriginalsStore } from '../vault/originals-store.ts';

/** Options of {@link sealOriginals}. */
export interface SealOriginalsOptions {
  /** For `sealed-originals`, of the person whose recording it is. */
  readonly grant: ConsentGrant;
  /** As in the `faces` event of the session, see `trackAt`. Left out: the only face in the picture. */
  readonly trackId?: number;
  /** Ends the sealing; also while it is starting. What was sealed stays. */
  readonly signal?: AbortSignal;
}

/** Frames of the redacted picture that wait for the recording to take the next one. */
const MOST_REPORTED = 100;

/**
 * Seals a person's own face for a recording of theirs: a claim on their track (TAF-5.3d), under its own consent. A few times a second the redaction worker
 * takes what it covers of that face, compresses and encrypts it, and hands out nothing else; bystanders are left out. The page keeps what it cannot open:
 * only the unmask worker of `bauta/review` can, after a judgement. It ends, for good, with the first doubt whose face it is, and with recording, session and
 * consent; consent withdrawn erases it. It is erased with its recording.
 * @throws TypeError for a bad option or a recording that is none; FacePrivacyError ERR_CONSENT_* (a grant for `sealed-originals` of the same person as the
 * recording's is needed, under a notice that keeps them), ERR_CLAIM_AMBIGUOUS, ERR_CLAIM_ENDED, ERR_SESSION_CLOSED, ERR_STORAGE_FAILED, ERR_WORKER_LOST,
 * ERR_UNSUPPORTED, ERR_ABORTED. Nothing is kept then.
 */
export async function sealOriginals(recording: Recording, options: SealOriginalsOptions): Promise<SealedOriginals> {
  const operation = 'sealOriginals';
  checkOptions<SealOriginalsOptions>(operation, options, {
    grant: matching('a ConsentGrant', (value) => value !== undefined),
    trackId: integerBetween(1, Number.MAX_SAFE_INTEGER),
    signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
  }, ['grant']);
  const { grant, signal, trackId } = options;
  assertGoesOn(grant, signal);
  const periodDays = periodOf(grant);
  const desk = Recording.sealingDesk(recording);
  if (desk.grant.signal.aborted) throw desk.grant.signal.reason as FacePrivacyError;
  assertSamePerson(desk, grant);

  const ending = new AbortController();
  const ends = AbortSignal.any([ending.signal, desk.over, ...(signal === undefined ? [] : [signal])]);
  const sealed: { originals?: SealedOriginals; failure?: FacePrivacyError } = {};
  const fail = (error: FacePrivacyError): void => {
    sealed.failure ??= error;
    ending.abort();
    sealed.originals?.failed(error);
  };
  const store = await OriginalsStore.open(desk.databases.originals);
  store.onLost = () => { fail(new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser took the sealed originals away: deleted, evicted, or opened by a newer version.', { details: { field: 'originals', reason: 'lost' } })); };
  const originalId = crypto.randomUUID();
  const { recordingId } = recording;
  const held: { keeper?: OriginalsKeeper; claim?: FaceClaim } = {};
  try {
    const publicKey = await store.publicKey();
    const openClaim = (_claimId: string, port: MessagePort): Promise<void> => {
      held.keeper = new OriginalsKeeper({ store, port, onFailed: fail, onKept: ({ untilUs, crops }) => { sealed.originals?.kept(untilUs, crops); } });
      tellFrames(desk, held.keeper);
      return Promise.resolve();
    };
    const claim = await claimFace(
      { operation, grant, otherGrants: [desk.grant], signal: ends, originals: { originalId, recordingId, publicKey }, openClaim, closeClaim: () => Promise.resolve(), failed: (error) => { sealed.originals?.failed(error); } },
      desk.session,
      trackId === undefined ? {} : { trackId },
    );
    held.claim = claim;
    const keeper = held.keeper!;
    const { dataSubject, recordId: consentRecordId } = grant;
    // Told before anything is kept.
    await ConsentGrant.note(grant, 'original.sealed', { originalId, recordingId, trackId: claim.trackId, claimId: claim.claimId });
    const createdAt = ConsentGrant.context(grant).now();
    const expiresAt = expiryOf('sealed-regions', createdAt, { periodDays, notAfter: Math.min(grant.validUntil, desk.expiresAt) });
    const row = await keeper.begin({ originalId, recordingId, trackId: claim.trackId, dataSubject, consentRecordId, createdAt, expiresAt });
    assertGoesOn(grant, signal);
    if (sealed.failure !== undefined) throw sealed.failure;
    if (claim.ended !== null) throw new FacePrivacyError('ERR_CLAIM_ENDED', 'The claim ended while it began; claim the face again.', { details: { reason: claim.ended } });
    sealed.originals = new SealedOriginals({ row, store, desk, grant, claim, keeper });
    return sealed.originals;
  } catch (error) {
    await held.claim?.release();
    held.keeper?.close();
    // What was kept already of what is refused now.
    const undo = new Undo();
    undo.add(() => { store.close(); });
    undo.add(() => store.erase([originalId]));
    // Marked first: what cannot be erased now is not opened, and goes with the next sweep.
    undo.add(() => store.end([originalId], 'purpose-met'));
    const failure = await undo.all(sealed.failure ?? error);
    assertGoesOn(grant, signal); // What ended it says more than what failed for it.
    throw failure;
  }
}

/** Tells the worker which of its frames are in the recording, and when. */
function tellFrames(desk: SealingDesk, keeper: OriginalsKeeper): void {
  const { session, over } = desk;
  if (session.adapter === 'stream') {
    desk.onFrame((frame) => { keeper.tell(frame); });
    return;
  }
  // On their way over an element, frames lose their timestamps: those that came out since the last recorded frame are that frame.
  let reported: Microseconds[] = [];
  const onFaces = ({ detail }: DetailEvent<FacesReport>): void => { reported = [...reported, detail.timestampUs].slice(-MOST_REPORTED); };
  session.addEventListener('faces', onFaces);
  over.addEventListener('abort', () => { session.removeEventListener('faces', onFaces); }, { once: true });
  desk.onFrame(({ timeUs, size }) => {
    for (const [index, sourceUs] of reported.entries()) keeper.tell({ sourceUs, timeUs: timeUs + index, size });
    reported = [];
  });
}

/**
 * For how long the notice says that sealed originals are kept, days.
 * @throws FacePrivacyError ERR_CONSENT_MISSING under an exception, which uncovers nobody; ERR_CONSENT_PURPOSE where the notice says not at all.
 */
function periodOf(grant: ConsentGrant): number {
  const operation = 'sealOriginals';
  if (grant.recordId === null) throw new FacePrivacyError('ERR_CONSENT_MISSING', `${operation}: an exception does not stand in for consent to keep a face; nobody could open it, either.`, { details: { operation, field: 'exception' } });
  const said = ConsentGrant.context(grant).notice.purposes.find(({ purpose }) => purpose === 'sealed-originals')?.retention.periodDays ?? 0;
  if (said === 0) throw new FacePrivacyError('ERR_CONSENT_PURPOSE', `${operation}: the notice promises that sealed originals are not kept; nobody has agreed to more.`, { details: { operation, field: 'retention' } });
  return Math.min(said, RETENTION_RULES['sealed-regions'].maxDays);
}

function assertSamePerson(desk: SealingDesk, grant: ConsentGrant): void {
  if (desk.grant.dataSubject === grant.dataSubject) return;
  throw new FacePrivacyError('ERR_CONSENT_MISSING', 'sealOriginals: the recording is another person\'s; nobody else\'s face is sealed for it.', { details: { operation: 'sealOriginals', field: 'dataSubject' } });
}

/** @throws FacePrivacyError why the start has to end. */
function assertGoesOn(grant: ConsentGrant, signal: AbortSignal | undefined): void {
  assertGrant(grant, 'sealOriginals');
  if (signal?.aborted === true) throw new FacePrivacyError('ERR_ABORTED', 'Starting to seal was cancelled.', { cause: signal.reason });
}
