import type { EpochMs, Microseconds } from '../core/time.ts';
import { TypedEventTarget } from '../core/typed-events.ts';
import { checkTime } from './inputs.ts';
import type { UnmaskEnd, UnmaskingFacts } from './protocol.ts';

/** What a look tells. */
export interface UnmaskingEvents {
  /** It is over, and the canvas is empty and gone from the page. */
  readonly ended: { readonly factor: UnmaskEnd };
}

/** @internal What a look asks of its desk. */
export interface UnmaskingCalls {
  readonly show: (timeUs: Microseconds) => Promise<boolean>;
  readonly end: () => Promise<void>;
}

/**
 * A look at the face of one track, drawn by the unmask worker onto the canvas that it was given, with who looks, when and why burnt over it
 * (TAF-5.3c). No pixel comes back. It ends by itself: with its time, when the page is not seen, when anything that it rests on ends. Made by
 * `ReviewDesk.unmask`.
 */
export class Unmasking extends TypedEventTarget<UnmaskingEvents> {
  readonly recordingId: string;
  readonly trackId: number;
  readonly startsAt: EpochMs;
  /** From then on nothing is shown. */
  readonly endsAt: EpochMs;
  readonly #calls: UnmaskingCalls;
  readonly #canvas: HTMLCanvasElement;
  #ended: UnmaskEnd | null = null;

  /** @internal Use `ReviewDesk.unmask`. */
  constructor(facts: UnmaskingFacts, canvas: HTMLCanvasElement, calls: UnmaskingCalls) {
    super();
    this.recordingId = facts.recordingId;
    this.trackId = facts.trackId;
    this.startsAt = facts.startsAt;
    this.endsAt = facts.endsAt;
    this.#canvas = canvas;
    this.#calls = calls;
  }

  /** Why it ended; null while it goes on. */
  get ended(): UnmaskEnd | null {
    return this.#ended;
  }

  /**
   * Draws the face as it was at this time of the media, microseconds. Everything is judged anew.
   * @returns false where nothing is sealed of that moment; the canvas is empty then.
   * @throws FacePrivacyError ERR_UNMASK_REFUSED with `details.factor` when it has ended; ERR_VAULT_INTEGRITY.
   */
  async show(timeUs: Microseconds): Promise<boolean> {
    checkTime('show', timeUs);
    return this.#calls.show(timeUs);
  }

  /** Ends the look. Idempotent. */
  async end(): Promise<void> {
    if (this.#ended === null) await this.#calls.end();
  }

  /** @internal Told by the desk: the worker has emptied the canvas, or is gone. */
  static close(unmasking: Unmasking, factor: UnmaskEnd): void {
    if (unmasking.#ended !== null) return;
    unmasking.#ended = factor;
    // A worker that is lost can empty nothing any more.
    unmasking.#canvas.remove();
    unmasking.emit('ended', { factor });
  }
}
