import { FacePrivacyError } from '../core/errors.ts';
import { checkOptions, matching } from '../core/options.ts';
import { TypedEventTarget } from '../core/typed-events.ts';
import type { EpochMs } from '../core/time.ts';
import { isId } from '../governance/access/statement-content.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import type { Purpose } from '../governance/consent/purposes.ts';
import type { RetentionCategory } from '../governance/retention/categories.ts';
import type { ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import { isHeld } from '../governance/retention/item.ts';
import { RightsRegister, type ListedRequest, type RightsReceipt } from '../governance/rights/register.ts';
import type { IdentityCheck, RefusalReason, RightsRequest } from '../governance/rights/request.ts';
import type { Right } from '../governance/rights/rights.ts';
import { rightsPlan, type RightStep } from '../governance/rights/rights-plan.ts';
import { checkCorrections, type RightsCorrection } from './rights-correction.ts';
import type { CopyFile, RightsContext } from './rights-holding.ts';
import { withPlaces, type PlaceNames } from './rights-places.ts';
import { keptOf, RightsWork, type RightsWorkProgress } from './rights-work.ts';
import type { IndexedDbRightsStore } from '../vault/rights-store.ts';

/** The events of {@link Rights} and their payloads (`event.detail`). */
export interface RightsEvents {
  /** Something happened to a request, here or in another tab. */
  change: { readonly requestId: string };
  /** It is closed. The cause is null where the app closed it. */
  closed: { readonly cause: FacePrivacyError | null };
}

/** How to carry a request out. */
export interface CarryOutOptions {
  /** Id of the member of staff who does it, or `person` where the person does it alone. */
  readonly by: string;
  /** What is to be put right; for the right to correct only. */
  readonly corrections?: readonly RightsCorrection[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RightsWorkProgress) => void;
}

/** What came of a request. */
export interface RightsResult {
  readonly request: RightsRequest;
  /** Signed; kept as well, see {@link Rights.receipts}. */
  readonly receipt: RightsReceipt;
  /** Of everything of theirs that was erased since it was begun, by whomever: whoever had it open may have been faster. */
  readonly erasures: readonly ErasureReceipt[];
  /** A ZIP file for `access` and `port`, else null. It is not kept here. */
  readonly copy: Blob | null;
}

/** Something that is kept of a person, and what a right does to it. */
export type KeptItem = RightStep & {
  readonly category: RetentionCategory;
  readonly purpose: Purpose;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** A dispute is open about it. */
  readonly held: boolean;
};

/** Receipts of one person. */
export interface PersonsReceipts {
  readonly requests: readonly RightsReceipt[];
  readonly erasures: readonly ErasureReceipt[];
}

/** @internal What the desk is made of. */
export interface RightsParts {
  readonly ledger: ConsentLedger;
  readonly context: RightsContext;
  readonly store: IndexedDbRightsStore;
  readonly names: PlaceNames;
  /** Name of the channel by which tabs tell each other. */
  readonly channel: string;
  checkIdentity(request: RightsRequest): Promise<IdentityCheck>;
  carryOutElsewhere(request: RightsRequest): Promise<readonly CopyFile[]>;
}

/**
 * What people ask about their own data, and what is done about it (MEG-rights): each request has an id, a check of who asks, a deadline and a receipt, and
 * every step of it is audited. It needs no consent, since whoever withdrew may ask as well. Made by {@link openRights}; the holder closes it.
 *
 * Whoever can call this can carry requests out: an app lets people at its own requests, and staff at others' after asking `may`.
 */
export class Rights extends TypedEventTarget<RightsEvents> {
  readonly #parts: RightsParts;
  readonly #register: RightsRegister;
  readonly #tabs: BroadcastChannel;
  #closed: FacePrivacyError | null = null;

  /** @internal Use {@link openRights}. */
  constructor(parts: RightsParts) {
    super();
    this.#parts = parts;
    const { store, context: { now, sign, origin } } = parts;
    this.#register = new RightsRegister({ store, now, sign, origin, checkIdentity: (request) => parts.checkIdentity(request) });
    this.#tabs = new BroadcastChannel(parts.channel);
    this.#tabs.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') this.emit('change', { requestId: data });
    };
    store.onLost = () => { this.#end(new FacePrivacyError('ERR_STORAGE_FAILED', 'The browser took the requests away: deleted, evicted, or opened by a newer version.', { details: { field: 'rights', reason: 'lost' } })); };
  }

  /**
   * Takes a request.
   * @param about whose data; `guardian` is who asks for a child, else left out.
   * @throws TypeError for what is no right or no pseudonym; FacePrivacyError ERR_STORAGE_FAILED, ERR_SESSION_CLOSED.
   */
  async request(right: Right, about: { readonly dataSubject: string; readonly guardian?: string }): Promise<RightsRequest> {
    this.#assertOpen();
    const { dataSubject, guardian } = about;
    return this.#told(await this.#register.receive({ right, dataSubject, ...(guardian === undefined ? {} : { guardian }) }));
  }

  /**
   * Has the app check who asks. Nothing is carried out before; one that fails can be tried again.
   * @throws FacePrivacyError ERR_RIGHTS_REQUEST, ERR_STORAGE_FAILED, ERR_SESSION_CLOSED; whatever the app's check throws: nothing is recorded then.
   */
  async identify(requestId: string): Promise<RightsRequest> {
    this.#assertOpen();
    return this.#told(await this.#register.identify(requestId));
  }

  /** Refuses a request, with a reason out of a closed list. @throws as {@link Rights.identify}. */
  async refuse(requestId: string, reason: RefusalReason, by: string): Promise<RightsRequest> {
    this.#assertOpen();
    return this.#told(await this.#register.refuse(requestId, reason, by));
  }

  /** The person takes back a request that is not being carried out yet. @throws as {@link Rights.identify}. */
  async retract(requestId: string): Promise<RightsRequest> {
    this.#assertOpen();
    const request = await this.#require(requestId);
    if (request.state === 'completed') throw new FacePrivacyError('ERR_RIGHTS_REQUEST', 'It was carried out; a restriction is lifted with lift(), everything else is done.', { details: { state: request.state, event: 'retracted' } });
    return this.#told(await this.#register.retract(requestId));
  }

  /**
   * Lifts a restriction that was carried out, when the app has found out that it is the person who asks for that. What another request of theirs restricts
   * as well stays restricted. One that was interrupted is carried on by calling this again.
   * @throws FacePrivacyError ERR_RIGHTS_REQUEST (`details.state`, or `details.outcome` `failed` for somebody else), ERR_STORAGE_FAILED, ERR_SESSION_CLOSED.
   */
  async lift(requestId: string): Promise<RightsRequest> {
    this.#assertOpen();
    return this.#alone(requestId, async () => {
      const request = await this.#require(requestId);
      const { right, state, dataSubject, receiptId } = request;
      const isLifted = state === 'retracted' && receiptId !== null;
      if (right !== 'restrict' || (state !== 'completed' && !isLifted)) throw new FacePrivacyError('ERR_RIGHTS_REQUEST', 'There is no restriction to be lifted.', { details: { state, event: 'retracted' } });
      const { outcome } = await this.#parts.checkIdentity(request);
      if (outcome !== 'confirmed') throw new FacePrivacyError('ERR_RIGHTS_REQUEST', 'Only the person can lift a restriction, and this was not confirmed.', { details: { state, event: 'retracted', outcome } });
      const others = await this.#register.list(dataSubject);
      const next = others.find((other) => other.requestId !== requestId && other.right === 'restrict' && other.state === 'completed');
      // In the log first; whatever interrupts the rest, it is carried on by asking again.
      const lifted = isLifted ? request : await this.#register.retract(requestId);
      await withPlaces(this.#parts, async (holdings) => {
        for (const holding of holdings) await holding.lift(request, next?.requestId ?? null);
      });
      return this.#told(lifted);
    });
  }

  /**
   * Carries a request out over everything that is kept of the person, and ends it with a receipt. Withdrawing comes before erasing; what a dispute holds is
   * marked and erased when that is over. One that was interrupted is carried on by calling this again.
   * @throws TypeError for a bad option or correction; FacePrivacyError ERR_RIGHTS_REQUEST (nobody has checked who asks, or it has its answer), ERR_ABORTED,
   * ERR_STORAGE_FAILED, ERR_MEDIA_INVALID (`too-large`), ERR_SESSION_CLOSED; whatever `carryOutElsewhere` throws. The request then stays as it is.
   */
  async carryOut(requestId: string, options: CarryOutOptions): Promise<RightsResult> {
    this.#assertOpen();
    checkOptions<CarryOutOptions>(
      'Rights.carryOut',
      options,
      {
        by: matching("an id of staff, or 'person'", isId),
        corrections: matching('a list', Array.isArray),
        signal: matching('an AbortSignal', (value) => value instanceof AbortSignal),
        onProgress: matching('a function', (value) => typeof value === 'function'),
      },
      ['by'],
    );
    const { by, corrections = [], signal, onProgress } = options;
    checkCorrections(corrections);
    const { store, context, ledger } = this.#parts;
    return this.#alone(requestId, async () => {
      const request = await this.#require(requestId);
      return withPlaces(this.#parts, async (holdings, erasureReceipts) => {
        const work = await RightsWork.prepare({
          request, holdings, context, ledger, corrections, signal, onProgress,
          saved: await store.progress(requestId),
          receipts: () => erasureReceipts(request.dataSubject),
          save: (progress) => store.saveProgress(progress),
          elsewhere: () => this.#parts.carryOutElsewhere(request),
        });
        if (request.state !== 'accepted') this.#told(await this.#register.accept(requestId, by));
        const { steps, erasures, copy } = await work.carryOut();
        const receipt = await this.#register.complete(requestId, steps, erasures.map(({ receiptId }) => receiptId));
        return { request: this.#told(await this.#require(requestId)), receipt, erasures, copy };
      });
    });
  }

  /** A request as it stands, or null. @throws FacePrivacyError ERR_RIGHTS_REQUEST when its entries do not fit each other, ERR_STORAGE_FAILED. */
  async find(requestId: string): Promise<RightsRequest | null> {
    this.#assertOpen();
    return this.#register.read(requestId);
  }

  /** All requests, or those of one person, the most urgent first; `overdue` when the time for an answer is over. @throws as {@link Rights.find}. */
  async list(dataSubject?: string): Promise<readonly ListedRequest[]> {
    this.#assertOpen();
    return this.#register.list(dataSubject);
  }

  /** What is kept of a person, and what a right would do to it. Changes nothing. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async preview(right: Right, dataSubject: string): Promise<readonly KeptItem[]> {
    this.#assertOpen();
    return withPlaces(this.#parts, async (holdings) => {
      const kept = await keptOf(holdings, dataSubject);
      const now = this.#parts.context.now();
      return rightsPlan(right, dataSubject, [...kept.values()].map(({ item }) => item), now).map((step) => {
        const { category, purpose, createdAt, expiresAt, holds } = kept.get(step.itemId)!.item;
        return { ...step, category, purpose, createdAt, expiresAt, held: isHeld({ holds }, now) };
      });
    });
  }

  /** What a person can take home: receipts of their requests, and of everything of theirs that was erased on this device. @throws FacePrivacyError ERR_STORAGE_FAILED. */
  async receipts(dataSubject: string): Promise<PersonsReceipts> {
    this.#assertOpen();
    return withPlaces(this.#parts, async (_holdings, erasureReceipts) => {
      const requests: RightsReceipt[] = [];
      for (const { requestId } of await this.#register.list(dataSubject)) {
        const receipt = await this.#register.receipt(requestId);
        if (receipt !== null) requests.push(receipt);
      }
      return { requests, erasures: await erasureReceipts(dataSubject) };
    });
  }

  /** Idempotent. */
  close(): void {
    this.#end(null);
  }

  /** As {@link Rights.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #end(cause: FacePrivacyError | null): void {
    if (this.#closed !== null) return;
    this.#closed = cause ?? new FacePrivacyError('ERR_SESSION_CLOSED', 'The rights desk is closed; open it again.');
    this.#tabs.close();
    this.#parts.store.close();
    this.emit('closed', { cause });
  }

  /** One tab at a time; what `work` throws comes out as it is, and not as what storage makes of it. */
  async #alone<T>(requestId: string, work: () => Promise<T>): Promise<T> {
    const running: { done?: Promise<T> } = {};
    await this.#parts.store.alone(requestId, async () => {
      running.done = work();
      await running.done.then(() => undefined, () => undefined);
    });
    return running.done!;
  }

  async #require(requestId: string): Promise<RightsRequest> {
    if (typeof requestId !== 'string') throw new TypeError('requestId must be a string from request() or list().');
    const request = await this.#register.read(requestId);
    if (request === null) throw new FacePrivacyError('ERR_RIGHTS_REQUEST', 'There is no such request.', { details: { state: 'none' } });
    return request;
  }

  #told(request: RightsRequest): RightsRequest {
    const { requestId } = request;
    if (this.#closed !== null) return request;
    this.#tabs.postMessage(requestId);
    this.emit('change', { requestId });
    return request;
  }

  #assertOpen(): void {
    if (this.#closed !== null) throw this.#closed;
  }
}
