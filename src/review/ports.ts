import type { Role } from '../governance/access/roles.ts';
import type { UnmaskTime } from '../governance/access/judge-unmask.ts';
import type { TrustedKey } from '../governance/access/statement.ts';
import type { KeepingContext } from '../governance/consent/keeping-context.ts';
import type { OriginalsStore } from '../vault/originals-store.ts';
import type { RecordingStore } from '../vault/recording-store.ts';
import type { ReviewStore } from '../vault/review-store.ts';
import type { ReviewWorkerEvent } from './protocol.ts';

/** What is known of consent and time here, read from what is stored and not from the page. */
export interface ReviewConsent extends Omit<KeepingContext, 'notice' | 'rules' | 'sign' | 'storeName'> {
  /** What the clock says, and the latest time that this browser has seen. */
  time(): UnmaskTime;
  /** Calls `onEnded` as soon as the person's consent to sealed originals ends, at the latest when that is recorded; until `signal` aborts. */
  watch(dataSubject: string, onEnded: () => void, signal: AbortSignal): Promise<void>;
}

/** Of the recordings: to read, and to hold. */
export type ReviewRecordings = Pick<RecordingStore, 'list' | 'find' | 'read' | 'covers' | 'timeline' | 'update'>;

/** Of the sealed originals: to read. */
export type ReviewOriginals = Pick<OriginalsStore, 'list' | 'contentKey' | 'read'>;

/** What staff add. */
export type ReviewAdditions = Pick<ReviewStore, 'add' | 'list' | 'find' | 'notesOf' | 'recordingIds' | 'count' | 'erase'>;

/** On whose word staff may act, with keys that can verify. */
export interface TrustedStaff {
  readonly trustedKeys: readonly TrustedKey[];
  readonly audience: string;
  readonly approvalsNeeded: number;
}

/** Everything that the worker's desks share. */
export interface ReviewParts {
  readonly consent: ReviewConsent;
  readonly recordings: ReviewRecordings;
  readonly originals: ReviewOriginals;
  readonly additions: ReviewAdditions;
  readonly trust: TrustedStaff;
  /** Runs while no other tab does the same: what is counted is counted once. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** To the page. */
  readonly tell: (event: ReviewWorkerEvent) => void;
  /** To the page, and to the desks of other tabs. */
  readonly tellChange: (recordingId: string | null) => void;
}

/** Roles for which a recording has to be named by a work order before it is opened. */
export const ROLES_BY_ORDER: readonly Role[] = ['reviewer'];
