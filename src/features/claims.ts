import type { ClaimEndReason } from '../core/claim-protocol.ts';
import { SAME_PERSON_SCORE } from '../core/comparison-threshold.ts';
import { FacePrivacyError } from '../core/errors.ts';
import { scoreOf } from './open-gallery.ts';
import { CropInbox } from './crop-inbox.ts';
import type { FaceVector } from './embedder.ts';
import { hammingDistance } from './packed-search.ts';
import { TemplateProtector, type TemplateBits } from './template-protection.ts';

/** One claim in the worker: its crops, and whose they are. */
export interface LiveClaim {
  readonly inbox: CropInbox;
  /** Who works with it now: one after the other. */
  queue: Promise<unknown>;
  /** Protected template of the first face seen, under a key of this worker alone; null before. */
  first: TemplateBits | null;
}

/**
 * The claims of this worker. Each is of one person: every later view is held against the first one, in protected form and under a
 * key that exists in this worker alone, so that no vector outlives its call.
 */
export class Claims {
  readonly #claims = new Map<string, LiveClaim>();
  readonly #protector: TemplateProtector;
  readonly #onEnded: (claimId: string, reason: ClaimEndReason) => void;

  private constructor(protector: TemplateProtector, onEnded: (claimId: string, reason: ClaimEndReason) => void) {
    this.#protector = protector;
    this.#onEnded = onEnded;
  }

  static async open(onEnded: (claimId: string, reason: ClaimEndReason) => void): Promise<Claims> {
    const key = await crypto.subtle.generateKey({ name: 'AES-CTR', length: 256 }, false, ['encrypt']);
    return new Claims(await TemplateProtector.open(key), onEnded);
  }

  /** **Takes** the port, by which crops of this claim come. @throws FacePrivacyError ERR_CLAIM_ENDED for an id that was used. */
  add(claimId: string, port: MessagePort): void {
    if (this.#claims.has(claimId)) {
      port.close();
      throw new FacePrivacyError('ERR_CLAIM_ENDED', 'There is a claim of this id already.', { details: { reason: 'released' } });
    }
    const inbox = new CropInbox(claimId, port, {
      onEnded: (reason) => {
        this.#claims.get(claimId)?.first?.fill(0);
        this.#onEnded(claimId, reason);
      },
    });
    this.#claims.set(claimId, { inbox, queue: Promise.resolve(), first: null });
  }

  /** @throws FacePrivacyError ERR_CLAIM_ENDED with `details.reason`. */
  get(claimId: string): LiveClaim {
    const claim = this.#claims.get(claimId);
    const reason = claim === undefined ? 'released' : claim.inbox.ended;
    if (claim !== undefined && reason === null) return claim;
    throw new FacePrivacyError('ERR_CLAIM_ENDED', 'The claim on the face has ended; claim it again.', { details: { reason: reason ?? 'released' } });
  }

  /**
   * Makes sure that this is the face of the claim's first view; ends the claim if not. Borrows the vector.
   * @throws FacePrivacyError ERR_CLAIM_ENDED, reason `another-face`.
   */
  assertSamePerson(claim: LiveClaim, vector: FaceVector): void {
    const bits = this.#protector.protect(vector);
    if (claim.first === null) {
      claim.first = bits;
      return;
    }
    const score = scoreOf(hammingDistance(claim.first, bits));
    bits.fill(0);
    if (score >= SAME_PERSON_SCORE) return;
    claim.inbox.doubt();
    throw new FacePrivacyError('ERR_CLAIM_ENDED', 'This is another face than the one that was claimed; claim it again.', { details: { reason: 'another-face' } });
  }

  /** Ends one claim. Idempotent. */
  close(claimId: string, reason: ClaimEndReason): void {
    this.#claims.get(claimId)?.inbox.close(reason);
  }

  /** Ends all claims and overwrites what is known of the faces. */
  closeAll(): void {
    for (const { inbox } of this.#claims.values()) inbox.close('session-closed');
    this.#claims.clear();
    this.#protector.close();
  }
}
