import { FacePrivacyError } from '../core/errors.ts';
import { isObject } from '../core/options.ts';
import type { StatsReport } from '../core/protocol.ts';
import type { PieceReply, SoundTaking } from '../core/recording-protocol.ts';
import type { DetailEvent } from '../core/typed-events.ts';
import { assertGrant, ConsentGrant } from '../governance/consent/grant.ts';
import { expiryOf, RETENTION_RULES } from '../governance/retention/categories.ts';
import type { RedactionSession, SessionEvents } from '../session/session.ts';
import type { KeptSound } from '../vault/recording-rows.ts';
import { streamOf } from '../video/camera/frame-source.ts';

/** Consent under which sound is kept. */
export interface SoundConsent {
  /** For `sound-recording` and nothing else, of the person whose recording it is: asked for and taken back by itself (MEG-separate). */
  readonly grant: ConsentGrant;
}

/** Sound that is kept with a recording. A voice tells who somebody is; nothing here disguises it. */
export interface SoundToRecord extends SoundConsent {
  /** **Borrowed**: the app opens it, by its own act and at its own time, and stops it. While it is muted, silence is kept. */
  readonly track: MediaStreamTrack;
}

/** What becomes of sound: `drop` unless it is told under which consent to keep it. `keep` says no consent, and is refused with ERR_CONSENT_PURPOSE. */
export type SoundPolicy<Kept> = 'drop' | 'keep' | Kept;

/** Stretches of sound, 10 ms each, that may wait while the page is busy. */
const MOST_BUFFERED = 200;

/** @internal A rule for the option `audio`. */
export function isSoundPolicy(value: unknown, keys: readonly string[]): boolean {
  return value === 'drop' || value === 'keep' || (isObject(value) && Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key)));
}

/**
 * @internal The consent under which sound is to be kept; null where it is dropped.
 * @throws FacePrivacyError ERR_CONSENT_*: also for a grant that holds more than this purpose, rests on an exception, is another person's, or under a
 * notice that says that no sound is kept.
 */
export function soundOf<Kept extends SoundConsent>(operation: string, audio: SoundPolicy<Kept>, dataSubject: string): Kept | null {
  if (audio === 'drop') return null;
  const refused = (field: string, message: string): FacePrivacyError => new FacePrivacyError('ERR_CONSENT_PURPOSE', `${operation}: ${message}`, { details: { operation, field } });
  if (audio === 'keep') throw refused('audio', "sound is not kept on the consent to the picture. A voice tells who somebody is: pass a grant for 'sound-recording' with it, or leave out 'audio'.");
  const { grant } = audio;
  assertGrant(grant, 'keepSound');
  if (grant.purposes.length > 1) throw refused('purposes', "ask for 'sound-recording' by itself: whoever takes back one of several purposes of a grant ends all of it.");
  if (grant.recordId === null) throw new FacePrivacyError('ERR_CONSENT_MISSING', `${operation}: an exception does not stand in for consent to keep a voice.`, { details: { operation, field: 'exception' } });
  if (grant.dataSubject !== dataSubject) throw new FacePrivacyError('ERR_CONSENT_MISSING', `${operation}: the grant for sound is another person's.`, { details: { operation, field: 'dataSubject' } });
  if (daysOf(grant) === 0) throw refused('retention', 'the notice promises that sound is not kept; nobody has agreed to more.');
  return audio;
}

/** @internal What is kept for how long under this grant: as long as the notice says of sound, never longer than the consent or the recording. */
export function keepingOfSound(grant: ConsentGrant, notAfter: number): Pick<KeptSound, 'consentRecordId' | 'createdAt' | 'expiresAt' | 'ending'> {
  const createdAt = ConsentGrant.context(grant).now();
  const periodDays = Math.min(daysOf(grant), RETENTION_RULES['recorded-sound'].maxDays);
  return { consentRecordId: grant.recordId ?? '', createdAt, expiresAt: expiryOf('recorded-sound', createdAt, { periodDays, notAfter: Math.min(grant.validUntil, notAfter) }), ending: null };
}

function daysOf(grant: ConsentGrant): number {
  return ConsentGrant.context(grant).notice.purposes.find(({ purpose }) => purpose === 'sound-recording')?.retention.periodDays ?? 0;
}

/** @internal A track on its way to the recording worker. */
export interface SoundIntake {
  /**
   * Called once, and what it answers is transferred in the same turn, as `FrameSource.openIntake`.
   * @throws FacePrivacyError ERR_UNSUPPORTED.
   */
  openReadable(this: void): ReadableStream<AudioData>;
  /** Ends it at once. Idempotent. */
  close(this: void): void;
}

/**
 * @internal Opens the stream of a track of sound; borrows the track.
 * @throws TypeError for what is no track of sound; FacePrivacyError ERR_SOURCE_ENDED, ERR_UNSUPPORTED (`details.field` `audio`).
 */
export function openSound(operation: string, track: MediaStreamTrack): SoundIntake {
  if (!(track instanceof MediaStreamTrack) || track.kind !== 'audio') throw new TypeError(`${operation}.audio.track must be a MediaStreamTrack of sound, got ${track instanceof MediaStreamTrack ? `one of ${track.kind}` : typeof track}.`);
  if (track.readyState === 'ended') throw new FacePrivacyError('ERR_SOURCE_ENDED', `${operation}: the track of sound has ended; open the microphone again.`, { details: { field: 'audio' } });
  if (!('MediaStreamTrackProcessor' in globalThis)) throw new FacePrivacyError('ERR_UNSUPPORTED', `${operation}: this browser gives no access to the sound of a track; leave out 'audio'.`, { details: { field: 'audio' } });
  // Of our own, so that it can be ended without ending the app's.
  const own = track.clone();
  // It does not hear of the end of the one that it was made from.
  const end = (): void => { own.stop(); };
  track.addEventListener('ended', end, { once: true });
  return {
    openReadable: () => {
      try {
        return streamOf<AudioData>(own, MOST_BUFFERED);
      } catch (cause) {
        throw new FacePrivacyError('ERR_UNSUPPORTED', `${operation}: this browser does not read tracks of sound; leave out 'audio'.`, { cause, details: { field: 'audio' } });
      }
    },
    close: () => {
      track.removeEventListener('ended', end);
      own.stop();
    },
  };
}

/**
 * @internal Tells the recording worker how to take sound: by how much the picture comes later, and not at all while the session is paused, by the
 * person or by the rule against hidden capture. Until the signal aborts.
 */
export function steerSound(session: RedactionSession, delayFrames: number, port: MessagePort, over: AbortSignal): void {
  let taking: SoundTaking = { pictureDelayMs: 0, isSilenced: session.state !== 'running' };
  const tell = (change: Partial<SoundTaking>): void => {
    taking = { ...taking, ...change };
    port.postMessage({ kind: 'sound', ...taking } satisfies PieceReply);
  };
  const onStats = ({ detail: { latencyMs, fpsOut } }: DetailEvent<StatsReport>): void => { tell({ pictureDelayMs: latencyMs.p50 + (fpsOut > 0 ? (delayFrames / fpsOut) * 1000 : 0) }); };
  const onState = ({ detail: { state } }: DetailEvent<SessionEvents['state']>): void => { tell({ isSilenced: state !== 'running' }); };
  session.addEventListener('stats', onStats);
  session.addEventListener('state', onState);
  over.addEventListener('abort', () => {
    session.removeEventListener('stats', onStats);
    session.removeEventListener('state', onState);
  }, { once: true });
  tell({});
}
