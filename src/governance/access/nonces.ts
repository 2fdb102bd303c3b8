import { toBase64Url } from '../../core/base64url.ts';
import type { EpochMs, Milliseconds } from '../../core/time.ts';

/** How long somebody has to log in. */
export const NONCE_LIFETIME_MS: Milliseconds = 10 * 60_000;

const MAX_OPEN = 100;

/**
 * Numbers used once: an assertion of who is logged in has to name one that was given out here, lately, and not yet
 * answered. An assertion that was caught and is played again names none.
 */
export class NonceBook {
  readonly #open = new Map<string, EpochMs>();

  /** A new one, for the app to have its directory sign. */
  issue(now: EpochMs): string {
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_OPEN && oldest !== undefined) this.#open.delete(oldest);
    const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(24)));
    this.#open.set(nonce, now + NONCE_LIFETIME_MS);
    return nonce;
  }

  /** True once for each that was issued and is not too old. */
  take(nonce: string, now: EpochMs): boolean {
    const until = this.#open.get(nonce);
    this.#open.delete(nonce);
    return until !== undefined && now < until;
  }
}
