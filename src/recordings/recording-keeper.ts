import { asFacePrivacyError, FacePrivacyError, toErrorReport } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { openPiece, openSound, sealTimeline, withSoundIn, type MediaSummary, type SealedPiece, type SoundCodec, type TrackSample } from '../core/recording.ts';
import type { PieceMessage, PieceReply } from '../core/recording-protocol.ts';
import { Sha256Stream } from '../core/sha256-stream.ts';
import { putBack } from '../core/sound-patch.ts';
import type { Microseconds, Milliseconds } from '../core/time.ts';
import { ConsentGrant } from '../governance/consent/grant.ts';
import type { SecondOfCovers } from '../governance/manifest/cover-ledger.ts';
import { createManifest, SOUND_KEPT, type NewManifest } from '../governance/manifest/manifest.ts';
import type { NewPiece, RecordingAbout, RecordingCompletion, RecordingRow } from '../vault/recording-rows.ts';
import { hasSound } from '../vault/kept-sound.ts';
import type { RecordingStore } from '../vault/recording-store.ts';
import type { RecordingSummary } from './recording-summary.ts';

/** Browsers give room back some seconds after something was erased. So long the recording may wait: frames are dropped meanwhile. */
const ROOM_AFTER_MS: readonly Milliseconds[] = [0, 3000, 6000];

/** @internal What a keeper needs. */
export interface KeeperParts {
  readonly store: RecordingStore;
  readonly row: RecordingRow;
  readonly grant: ConsentGrant;
  /** Where pieces come from. **Taken.** */
  readonly port: MessagePort;
  /** The seconds of covers from this one on. */
  covers(from: number): readonly SecondOfCovers[];
  /** Where the tracks were, as far as it was not taken before. */
  takeTracks(): readonly TrackSample[];
  onFrame(sourceUs: Microseconds, timeUs: Microseconds, size: Size): void;
  /** A piece is kept: so much can be played now. */
  onKept(keptUs: Microseconds, bytes: number): void;
  /** The place is full: erases what is due. */
  makeRoom(this: void, bytes: number): Promise<unknown>;
}

/** @internal A recording that has come to its end. */
export interface EndedRecording {
  /** Of the file without sound. */
  readonly summary: MediaSummary;
  readonly header: SealedPiece;
  /** What there is of sound, or null. */
  readonly sound: SoundCodec | null;
  readonly about: RecordingAbout;
  /** Id of the cut-off recording that this one was restored from. */
  readonly replaces?: string;
}

/** @internal The page's end of the port of pieces: keeps what comes, one after the other, and completes the recording. It reads no pixel. */
export class RecordingKeeper {
  readonly #parts: KeeperParts;
  #pieces = 0;
  #bytes = 0;
  #size: Size | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: FacePrivacyError | null = null;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    parts.port.onmessage = ({ data }: MessageEvent<PieceMessage>) => {
      if (data.kind === 'frame') {
        this.#size = data.size;
        parts.onFrame(data.sourceUs, data.timeUs, data.size);
      } else this.#writing = this.#writing.then(() => this.#keep(data.piece));
    };
  }

  /** Resolves when everything that came is kept or refused. Never rejects. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /**
   * Writes the header anew and signs what there is to sign, in one transaction: a manifest of the file as it is, and where it has sound another one of the
   * file without, so that the sound can be erased at any time and what is left is whole.
   * @throws FacePrivacyError ERR_STORAGE_FAILED, ERR_SESSION_CLOSED; what was kept before stays playable then.
   */
  async complete({ summary, header, sound, about, replaces }: EndedRecording): Promise<Pick<RecordingSummary, 'manifest' | 'hasSound' | 'mimeType'>> {
    const { store, row, grant } = this.#parts;
    await this.settled();
    if (this.#failure !== null) throw this.#failure;
    const { recordingId, key } = row;
    const soundKey = sound === null ? null : (row.sound?.key ?? null);
    const first = { bytes: await openPiece(header, recordingId, 0, key), patch: header.sound === undefined || soundKey === null ? null : await openSound(header.sound, recordingId, 0, soundKey) };
    const [silentHash, wholeHash] = [new Sha256Stream(), new Sha256Stream()];
    let bytes = 0;
    for await (const { bytes: piece, patch } of store.readApart({ recordingId, key, pieces: this.#pieces }, soundKey, first)) {
      silentHash.update(piece);
      bytes += piece.length;
      if (soundKey === null) continue;
      if (patch !== null) putBack(piece, patch);
      wholeHash.update(piece);
    }
    const context = ConsentGrant.context(grant);
    const { width, height, frames, durationUs } = summary;
    const { container, codec, mimeType } = summary;
    const content = { ...about, madeAt: context.now(), origin: location.origin, recordingId, covers: this.#parts.covers(0), complete: replaces === undefined };
    const sign = (change: Pick<NewManifest, 'audio'> | object, media: { readonly mimeType: string; readonly sha256: string }) =>
      createManifest({ ...content, ...change, media: { ...media, width, height, frames, durationUs, bytes } }, (statement) => context.sign(statement));
    const manifest = await sign({}, { mimeType, sha256: silentHash.hex() });
    const heard = sound === null || soundKey === null ? null : withSoundIn({ container, codec, mimeType }, sound);
    const withSound = heard === null ? null : { format: heard, manifest: await sign({ audio: SOUND_KEPT }, { mimeType: heard.mimeType, sha256: wholeHash.hex() }) };
    const timeline = await sealTimeline(this.#parts.takeTracks(), recordingId, 0, key);
    const completion: Omit<RecordingCompletion, 'state'> = { summary, header, timeline, manifest, about, ...(withSound === null ? {} : { withSound }) };
    const done = await store.complete(recordingId, replaces === undefined ? { ...completion, state: 'complete' } : { ...completion, state: 'restored', replaces });
    return { manifest: done.manifest ?? manifest, mimeType: done.format.mimeType, hasSound: hasSound(done) };
  }

  /** Idempotent. */
  close(): void {
    this.#parts.port.close();
  }

  async #keep(piece: SealedPiece): Promise<void> {
    const { port, row: { recordingId, key } } = this.#parts;
    const { sequence } = piece;
    try {
      if (this.#failure !== null) throw this.#failure;
      // The first piece is written again at the end, with what comes until then.
      const timeline = sequence === 0 ? null : await sealTimeline(this.#parts.takeTracks(), recordingId, sequence, key);
      await this.#append({ ...piece, covers: this.#parts.covers(Math.floor(piece.fromUs / 1e6)), timeline });
      this.#pieces += 1;
      this.#bytes += piece.sealed.byteLength;
      port.postMessage({ kind: 'kept', sequence } satisfies PieceReply);
      this.#parts.onKept(piece.untilUs, this.#bytes);
    } catch (error) {
      this.#failure ??= asFacePrivacyError(error, 'ERR_STORAGE_FAILED');
      port.postMessage({ kind: 'refused', error: toErrorReport(this.#failure, this.#failure.code) } satisfies PieceReply);
    }
  }

  async #append(piece: NewPiece): Promise<void> {
    const { store, grant, makeRoom } = this.#parts;
    const size = this.#size;
    try {
      await store.append(piece, size);
    } catch (full) {
      if (!(full instanceof FacePrivacyError) || full.details['reason'] !== 'full') throw full;
      const failures: unknown[] = [full];
      for (const waitMs of ROOM_AFTER_MS) {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        if (grant.signal.aborted) break; // What is to be erased does not wait for room.
        try {
          await makeRoom(piece.sealed.byteLength);
        } catch (error) {
          failures.push(error); // It may have erased and found no room to say so.
        }
        try {
          await store.append(piece, size);
          return;
        } catch (error) {
          failures.push(error);
        }
      }
      throw new FacePrivacyError(full.code, full.message, { details: full.details, cause: new AggregateError(failures, 'No room was left, and not enough could be made.') });
    }
  }
}
