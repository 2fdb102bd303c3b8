import { FacePrivacyError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/time.ts';

const mintKey = Symbol('mint');

/** @internal What a grant to uncover one face is made of. */
export interface UnmaskGrantContent {
  readonly requestId: string;
  readonly workOrderId: string;
  readonly recordingId: string;
  readonly trackId: number;
  readonly staffId: string;
  readonly approvedBy: readonly string[];
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
}

/**
 * Leave to look at the face of one track, for some minutes. Only `judgeUnmask` gives one; whoever holds the keys asks for
 * it and for nothing else.
 */
export class UnmaskGrant {
  readonly #genuine = true;
  readonly grantId: string = crypto.randomUUID();
  readonly requestId: string;
  readonly workOrderId: string;
  readonly recordingId: string;
  readonly trackId: number;
  /** Who looks. */
  readonly staffId: string;
  readonly approvedBy: readonly string[];
  readonly startsAt: EpochMs;
  /** From this moment on nothing may be shown. */
  readonly endsAt: EpochMs;

  /** @internal */
  constructor(key: typeof mintKey, content: UnmaskGrantContent) {
    if (key !== mintKey) throw new FacePrivacyError('ERR_STATEMENT_FORGED', 'An UnmaskGrant comes from judgeUnmask(); it cannot be constructed.');
    this.requestId = content.requestId;
    this.workOrderId = content.workOrderId;
    this.recordingId = content.recordingId;
    this.trackId = content.trackId;
    this.staffId = content.staffId;
    this.approvedBy = Object.freeze([...content.approvedBy]);
    this.startsAt = content.startsAt;
    this.endsAt = content.endsAt;
    Object.freeze(this);
  }

  /** True only for what `judgeUnmask` gave; a look-alike has no private field. */
  static isGenuine(value: unknown): value is UnmaskGrant {
    return typeof value === 'object' && value !== null && #genuine in value;
  }
}

/** @internal Makes a grant. For the judge alone. */
export function mintUnmaskGrant(content: UnmaskGrantContent): UnmaskGrant {
  return new UnmaskGrant(mintKey, content);
}
