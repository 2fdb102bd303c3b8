import { transfer } from 'comlink';
import { ENGINE_FILES } from '../assets/locations.ts';
import { MODEL_MANIFEST } from '../assets/model-manifest.ts';
import { FacePrivacyError, fromErrorReport } from '../core/errors.ts';
import type { FacesReport, LoadReport } from '../core/protocol.ts';
import type { RecordingFormat, RecordingSettings, RecordingWorkerEvent } from '../core/recording-protocol.ts';
import { createRecordingKey, withSoundIn } from '../core/recording.ts';
import type { DetailEvent } from '../core/typed-events.ts';
import { CoverMatcher } from './cover-matcher.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import type { ManifestModel } from '../governance/manifest/manifest.ts';
import { expiryOf, RETENTION_RULES } from '../governance/retention/categories.ts';
import { reportFailure } from '../session/incident-report.ts';
import { KeptOriginals } from './kept-originals.ts';
import { startRecordingWorker, type RecordingHost } from './recording-host.ts';
import { RecordingKeeper } from './recording-keeper.ts';
import { holdRecording } from './recording-lock.ts';
import { keepingOfSound, openSound, soundOf, steerSound, type SoundIntake } from './recorded-sound.ts';
import { checkRecordingOptions, containersOf, type RecordingOptions } from './recording-options.ts';
import { Recording } from './recording-session.ts';
import { makeRoom } from './retention-sweep.ts';
import type { RecordingDesk } from '../session/session-parts.ts';
import { recordingDeskOf } from '../session/session-desks.ts';
import type { RedactionSession } from '../session/session.ts';
import { channelOf, type FrameSource } from '../video/camera/adapters.ts';
import { sourceOfTrack, streamSource } from '../video/camera/frame-source.ts';
import { Undo } from '../session/undo.ts';
import { isRedactedTrack } from '../video/output/redacted-track.ts';
import type { RecordingAbout } from '../vault/recording-rows.ts';
import { RecordingStore } from '../vault/recording-store.ts';
import { isFull, RESERVE_BYTES } from '../vault/room-reserve.ts';

/** Frames that may wait while the recording worker is busy. */
const MOST_BUFFERED = 8;

/**
 * Records the redacted track of a session: encoded in a worker of its own, encrypted there piece by piece under a key that cannot be
 * read, and kept in IndexedDB as it goes, for as long as the notice says, at most until the consent that it rests on expires. Nothing but a
 * redacted track can be recorded; its sound, which a session does not have, only where `audio` names a track and a consent for it. A crash costs at most
 * the last two seconds. The caller stops the recording.
 * @throws TypeError for a bad option, a session that is none or a track that is not of sound; FacePrivacyError ERR_CONSENT_* (a grant for `redacted-recording` of the same
 * person as the session's is needed; ERR_CONSENT_PURPOSE also where the notice says that recordings are kept for 0 days), ERR_SESSION_CLOSED,
 * ERR_SOURCE_ENDED (of sound), ERR_UNSUPPORTED (no encoder; `details.field` `audio` where it is for sound), ERR_STORAGE_FAILED, ERR_WORKER_*,
 * ERR_ABORTED. Nothing is kept then.
 */
export async function openRecording(session: RedactionSession, options: RecordingOptions): Promise<Recording> {
  const operation = 'openRecording';
  checkRecordingOptions(options);
  const desk = recordingDeskOf(session);
  const { grant, signal } = options;
  assertGrant(grant, operation);
  assertSamePerson(desk, grant);
  const keeping = keepingOf(grant);
  const audio = soundOf(operation, options.audio ?? 'drop', grant.dataSubject);
  if (!isRedactedTrack(session.track)) throw new TypeError('openRecording: the session has no redacted track.');
  const goesOn = (): void => {
    assertGoesOn(grant, signal);
    if (audio !== null) assertGrant(audio.grant, 'keepSound');
  };
  goesOn();

  const opened: { recording?: Recording; failure?: FacePrivacyError } = {};
  // Told when there is somebody to tell: what the worker says while it starts is not lost.
  const early: RecordingWorkerEvent[] = [];
  const onEvent = (event: RecordingWorkerEvent): void => {
    if (opened.recording === undefined) early.push(event);
    else opened.recording.handle(event);
  };
  const onLost = (error: FacePrivacyError): void => {
    opened.failure = error;
    opened.recording?.lost(error);
  };
  // Heard by the worker until the recording runs, which then ends in order by itself.
  const starting = new AbortController();
  const ends = [grant.signal, ...(signal === undefined ? [] : [signal]), ...(audio === null ? [] : [audio.grant.signal])];
  const abort = (): void => { starting.abort(); };
  for (const end of ends) end.addEventListener('abort', abort);
  const undo = new Undo();
  try {
    const sound = audio === null ? null : openSound(operation, audio.track);
    undo.add(() => sound?.close());
    const store = await RecordingStore.open(options.databaseName);
    undo.add(() => { store.close(); });
    const kept = new KeptOriginals(ConsentGrant.context(grant), store, options.originalsDatabase);
    undo.add(() => { kept.close(); });
    const recordingId = crypto.randomUUID();
    const release = await holdRecording(recordingId);
    undo.add(release);
    const host = await startRecordingWorker(options.createWorker, { onEvent, onLost }, starting.signal);
    undo.add(() => host.close());
    goesOn();
    const key = await createRecordingKey();
    const soundKey = audio === null ? null : await createRecordingKey();
    const source = session.adapter === 'stream' ? streamSource(session.track, MOST_BUFFERED) : await sourceOfTrack(session.track, session.adapter, false);
    const covers = new CoverMatcher(session.adapter === 'stream');
    const onFaces = ({ detail }: DetailEvent<FacesReport>): void => { covers.report(detail); };
    session.addEventListener('faces', onFaces);
    const closeSource = (): void => {
      session.removeEventListener('faces', onFaces);
      source.close();
    };
    undo.add(closeSource);
    const pieces = new MessageChannel();
    undo.add(() => { pieces.port1.close(); });
    const { width = 1280, height = 720 } = session.track.getSettings();
    const settings = { recordingId, key, containers: containersOf(options), width, height, bitrate: options.bitrate ?? null, soundKey };
    const { sound: soundCodec, ...silent } = await record(host, settings, source, pieces.port2, sound);
    goesOn();
    const format = soundCodec === null ? silent : withSoundIn(silent, soundCodec);
    const ofSound = audio === null || soundKey === null ? null : { key: soundKey, silent: { format: silent, manifest: null }, ...keepingOfSound(audio.grant, keeping.expiresAt) };
    const begun = { recordingId, key, format, about: aboutOf(desk, session.engine), sound: ofSound, ...keeping };
    const row = await store.begin(begun).catch(async (error: unknown) => {
      if (!isFull(error)) throw error;
      await makeRoom(await kept.parts(), RESERVE_BYTES);
      return store.begin(begun);
    });
    undo.add(() => store.discard([recordingId]));
    await ConsentGrant.note(grant, 'recording.started', { requestId: desk.requestId, recordingId, format: format.mimeType, ...(audio === null ? {} : { soundRecordId: audio.grant.recordId ?? '' }) });
    if (opened.failure !== undefined) throw opened.failure;
    goesOn();
    const keeper = new RecordingKeeper({
      store,
      row,
      grant,
      port: pieces.port1,
      covers: (from) => covers.seconds(from),
      takeTracks: () => covers.takeTracks(),
      onFrame: (sourceUs, timeUs, size) => { opened.recording?.frame(sourceUs, timeUs, size); },
      onKept: (keptUs, bytes) => { opened.recording?.kept(keptUs, bytes); },
      makeRoom: async (bytes) => makeRoom(await kept.parts(), bytes),
    });
    const soundOver = new AbortController();
    if (audio !== null) steerSound(session, desk.settings.delayFrames, pieces.port1, soundOver.signal);
    const closeSound = (): void => {
      soundOver.abort();
      sound?.close();
    };
    const recording = new Recording({ session, desk, grant, signal, store, kept, row, host, keeper, covers, release, closeSource, sound: audio === null ? null : { grant: audio.grant, close: closeSound } });
    opened.recording = recording;
    store.onLost = () => { recording.lost(new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser took the recordings away: deleted, evicted, or opened by a newer version.', { details: { field: 'recordings', reason: 'lost' } })); };
    // The caller listens only once it has the recording.
    if (early.length > 0) setTimeout(() => { for (const event of early) recording.handle(event); });
    return recording;
  } catch (error) {
    const undone = await undo.all(error);
    for (const event of early) if (event.kind === 'incident') reportFailure(grant, fromErrorReport(event.data));
    // What ended the start says more than that its worker is gone.
    goesOn();
    throw undone;
  } finally {
    for (const end of ends) end.removeEventListener('abort', abort);
  }
}

/**
 * @internal What a recording under this grant is kept for, and until when: as long as the notice says, at most as long as its class of data may be kept
 * and as the consent holds (MEG-retain).
 * @throws FacePrivacyError ERR_CONSENT_PURPOSE where the notice says that none is kept.
 */
export function keepingOf(grant: ConsentGrant) {
  const { dataSubject, recordId, validUntil } = grant;
  const { notice, now } = ConsentGrant.context(grant);
  const said = notice.purposes.find(({ purpose }) => purpose === 'redacted-recording')?.retention.periodDays ?? 0;
  if (said === 0) throw new FacePrivacyError('ERR_CONSENT_PURPOSE', 'openRecording: the notice promises that recordings are not kept; nobody has agreed to more.', { details: { operation: 'openRecording', field: 'retention' } });
  const createdAt = now();
  const expiresAt = expiryOf('redacted-media', createdAt, { periodDays: Math.min(said, RETENTION_RULES['redacted-media'].maxDays), notAfter: validUntil });
  return { category: 'redacted-recording', purpose: 'redacted-recording', dataSubject, consentRecordId: recordId, createdAt, expiresAt } as const;
}

/** @internal The files that an engine rests on, with their hashes. */
export function modelsOf(engine: LoadReport['engine']): readonly ManifestModel[] {
  if (engine === 'fake') return [];
  return ENGINE_FILES[engine].map((file) => ({ file, sha256: MODEL_MANIFEST[file].sha256 }));
}

function aboutOf(desk: RecordingDesk, { engine }: LoadReport): RecordingAbout {
  const { tracking, detection, delayFrames } = desk.settings;
  return {
    source: 'recording',
    models: modelsOf(engine),
    settings: { engine, margin: tracking.margin, holdMs: tracking.holdMs, delayFrames, maxAgeMs: detection.maxAgeMs, threshold: detection.threshold },
    styles: [{ fromUs: 0, ...desk.style() }],
    selfTests: [],
    audioTracksDropped: 0,
  };
}

function assertSamePerson(desk: RecordingDesk, grant: ConsentGrant): void {
  if (desk.grant.dataSubject === grant.dataSubject) return;
  throw new FacePrivacyError('ERR_CONSENT_MISSING', 'openRecording: the session runs on the consent of another person, who has not agreed to a recording.', {
    details: { operation: 'openRecording', field: 'dataSubject' },
  });
}

/** @throws FacePrivacyError why the start has to end. */
function assertGoesOn(grant: ConsentGrant, signal: AbortSignal | undefined): void {
  assertGrant(grant, 'openRecording');
  if (signal?.aborted === true) throw new FacePrivacyError('ERR_ABORTED', 'Starting the recording was cancelled.', { cause: signal.reason });
}

function record(host: RecordingHost, settings: RecordingSettings, source: Pick<FrameSource, 'openIntake'>, port: MessagePort, sound: SoundIntake | null): Promise<RecordingFormat> {
  return host.call((remote) => {
    const readable = sound?.openReadable() ?? null;
    const intake = source.openIntake();
    return remote.record(settings, transfer(intake, [channelOf(intake)]), transfer(port, [port]), readable === null ? null : transfer(readable, [readable]));
  });
}
