import { canonicalJson, sha256Hex } from '../core/canonical-json.ts';
import type { EpochMs } from '../core/time.ts';
import type { ConsentLedger } from '../governance/consent/ledger.ts';
import { createErasureReceipt, type ErasureReceipt } from '../governance/retention/erasure-receipt.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import type { RightsRequest } from '../governance/rights/request.ts';
import { effectOf, RIGHT_RULES } from '../governance/rights/rights.ts';
import { rightsPlan, type RightStep } from '../governance/rights/rights-plan.ts';
import { assertWanted, writeCopy } from './rights-copy.ts';
import type { RightsCorrection } from './rights-correction.ts';
import type { AskedBy, CopyFault, CopyFile, Holding, RightsContext } from './rights-holding.ts';
import type { PendingErasure, RightsProgress } from '../vault/rights-store.ts';

/** How far a request is. */
export interface RightsWorkProgress {
  /** Items that are done with. */
  readonly done: number;
  readonly total: number;
  /** The file that is being copied; null while nothing is. */
  readonly file: string | null;
}

/** @internal What carrying out needs. */
export interface WorkParts {
  readonly request: RightsRequest;
  readonly holdings: readonly Holding[];
  readonly context: RightsContext;
  readonly ledger: Pick<ConsentLedger, 'withdraw'>;
  readonly corrections: readonly RightsCorrection[];
  readonly saved: RightsProgress | null;
  /** Receipts of everything that was erased of the person, whoever told of it. */
  receipts(): Promise<readonly ErasureReceipt[]>;
  save(progress: RightsProgress): Promise<void>;
  /** What the app does with what it keeps itself; its files go into the copy. */
  elsewhere(): Promise<readonly CopyFile[]>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RightsWorkProgress) => void) | undefined;
}

/** @internal What was done. */
export interface WorkDone {
  readonly steps: readonly RightStep[];
  readonly erasures: readonly ErasureReceipt[];
  readonly copy: Blob | null;
}

interface Kept {
  readonly item: RetentionItem;
  readonly holding: Holding;
}

/**
 * @internal One request being carried out. Whatever interrupts it, it can be begun anew and goes on: what is done is found done, and receipts of what was
 * erased are kept as they come.
 */
export class RightsWork {
  readonly #parts: WorkParts;
  readonly #kept: ReadonlyMap<string, Kept>;
  readonly #steps = new Map<string, RightStep>();
  readonly #erasures: ErasureReceipt[];
  readonly #begunAt: EpochMs;
  #pending: readonly PendingErasure[];
  readonly #corrected: Set<string>;
  readonly #finished = new Set<Holding>();

  private constructor(parts: WorkParts, kept: ReadonlyMap<string, Kept>) {
    this.#parts = parts;
    this.#kept = kept;
    this.#erasures = [...(parts.saved?.erasures ?? [])];
    this.#begunAt = parts.saved?.begunAt ?? parts.context.now();
    this.#pending = parts.saved?.pending ?? [];
    this.#corrected = new Set(parts.saved?.corrected);
  }

  /** Finds out what is kept and what the request means for it; changes nothing. @throws TypeError for a correction of what cannot be corrected. */
  static async prepare(parts: WorkParts): Promise<RightsWork> {
    const { request: { right, dataSubject }, saved, context, corrections } = parts;
    const kept = await keptOf(parts.holdings, dataSubject);
    const work = new RightsWork(parts, kept);
    // What an earlier attempt was to erase and is not there any more was erased by it, or at the end of a dispute.
    for (const step of saved?.steps ?? []) {
      const { itemId, effect } = step;
      if (!kept.has(itemId) && (effect === 'erase' || (effect === 'none' && step.because === 'dispute'))) work.#steps.set(itemId, { itemId, effect: 'erase' });
    }
    for (const step of rightsPlan(right, dataSubject, [...kept.values()].map(({ item }) => item), context.now())) work.#steps.set(step.itemId, step);
    for (const { itemId } of corrections) {
      const category = kept.get(itemId)?.item.category;
      if (right === 'correct' && category !== undefined && effectOf(right, category) === 'correct') continue;
      throw new TypeError(`Rights.carryOut: '${itemId.slice(0, 60)}' is nothing that can be corrected here; a picture, and what was computed from one, is erased and made again.`);
    }
    return work;
  }

  /** @throws FacePrivacyError ERR_ABORTED, ERR_STORAGE_FAILED, ERR_MEDIA_INVALID; TypeError for a correction that does not fit. */
  async carryOut(): Promise<WorkDone> {
    const { request: { right, dataSubject }, ledger, signal } = this.#parts;
    assertWanted(signal);
    await this.#settle();
    await this.#save();
    const failures: unknown[] = [];
    // First of all nothing goes on.
    if (RIGHT_RULES[right].endsConsent) await ledger.withdraw(dataSubject).catch((error: unknown) => failures.push(error));
    const effect = RIGHT_RULES[right].personal;
    let copy: Blob | null = null;
    if (effect === 'copy') copy = await this.#copy();
    if (effect === 'erase') {
      await this.#erase(failures);
      await this.#gather();
    }
    if (effect === 'restrict') await this.#restrict();
    if (effect === 'correct') await this.#correct();
    if (effect !== 'copy') await this.#parts.elsewhere();
    if (failures.length > 0) throw failures[0];
    return { steps: [...this.#steps.values()], erasures: this.#erasures, copy };
  }

  /** One place that fails does not keep the others from being emptied. */
  async #erase(failures: unknown[]): Promise<void> {
    const { request: { right }, signal } = this.#parts;
    for (const holding of this.#parts.holdings) {
      // Held ones, too: they are marked, and go when the dispute is over.
      const items = this.#itemsOf(holding, (step) => step.effect === 'erase' || step.because === 'dispute');
      if (items.length === 0) continue;
      assertWanted(signal);
      const ending = right === 'withdraw' ? 'withdrawn' : 'requested';
      const before = this.#pending;
      try {
        this.#pending = [...before, ...(await holding.pending(items, this.#asked, ending))];
        await this.#save();
        const { receipts, held } = await holding.erase(items, this.#asked, ending);
        const stay = new Set(held);
        for (const { itemId } of items) this.#steps.set(itemId, stay.has(itemId) ? { itemId, effect: 'none', because: 'dispute' } : { itemId, effect: 'erase' });
        this.#erasures.push(...receipts);
        this.#pending = before;
        await this.#save();
      } catch (error) {
        failures.push(error);
      }
      this.#tell(holding);
    }
  }

  /** What an earlier attempt erased and, cut off, did not tell gets its receipt now. */
  async #settle(): Promise<void> {
    const done = this.#pending.filter(({ itemIds }) => !itemIds.some((itemId) => this.#kept.has(itemId)));
    for (const { content } of done) this.#erasures.push(await createErasureReceipt(content, (statement) => this.#parts.context.sign(statement)));
    this.#pending = [];
  }

  /** With the consent that was withdrawn, whoever had something open may have been faster in erasing it: those receipts are for this request, too. */
  async #gather(): Promise<void> {
    const known = new Set(this.#erasures.map(({ receiptId }) => receiptId));
    const told = await this.#parts.receipts();
    this.#erasures.push(...told.filter(({ receiptId, erasedAt }) => erasedAt >= this.#begunAt && !known.has(receiptId)));
    await this.#save();
  }

  async #copy(): Promise<Blob> {
    const { request, context, signal } = this.#parts;
    const { zip, faults } = await writeCopy({
      request,
      origin: context.origin,
      madeAt: context.now(),
      items: [...this.#kept.values()].map(({ item }) => item),
      steps: [...this.#steps.values()],
      files: this.#files(),
      signal,
      onFile: (file) => { this.#tell(null, file); },
    });
    for (const { itemId } of faults) if (this.#steps.has(itemId)) this.#steps.set(itemId, { itemId, effect: 'none', because: 'damaged' });
    return zip;
  }

  async *#files(): AsyncIterable<CopyFile | CopyFault> {
    for (const holding of this.#parts.holdings) {
      yield* holding.copy(this.#itemsOf(holding, ({ effect }) => effect === 'copy'), this.#asked);
      this.#tell(holding);
    }
    for (const file of await this.#parts.elsewhere()) yield { ...file, path: `app/${file.path}` };
  }

  async #restrict(): Promise<void> {
    for (const holding of this.#parts.holdings) {
      await holding.restrict(this.#itemsOf(holding, ({ effect }) => effect === 'restrict'), this.#asked);
      this.#tell(holding);
    }
  }

  async #correct(): Promise<void> {
    const { corrections } = this.#parts;
    const named = new Set(corrections.map(({ itemId }) => itemId));
    for (const [itemId, { effect }] of this.#steps) if (effect === 'correct' && !named.has(itemId)) this.#steps.set(itemId, { itemId, effect: 'none', because: 'not-asked-for' });
    for (const correction of corrections) {
      const kept = this.#kept.get(correction.itemId);
      const mark = await sha256Hex(canonicalJson(correction));
      if (kept === undefined || this.#corrected.has(mark)) continue;
      await kept.holding.correct(kept.item, correction, this.#asked);
      this.#corrected.add(mark);
      await this.#save();
    }
  }

  get #asked(): AskedBy {
    return this.#parts.request;
  }

  #itemsOf(holding: Holding, fits: (step: RightStep & { readonly because?: string }) => boolean): RetentionItem[] {
    return [...this.#kept.values()].flatMap(({ item, holding: home }) => {
      const step = this.#steps.get(item.itemId);
      return home === holding && step !== undefined && fits(step) ? [item] : [];
    });
  }

  #tell(finished: Holding | null, file: string | null = null): void {
    if (finished !== null) this.#finished.add(finished);
    const counted = [...this.#kept.values()].filter(({ item }) => this.#steps.get(item.itemId)?.effect !== 'none');
    this.#parts.onProgress?.({ done: counted.filter(({ holding }) => this.#finished.has(holding)).length, total: counted.length, file });
  }

  #save(): Promise<void> {
    const { request: { requestId } } = this.#parts;
    return this.#parts.save({ requestId, steps: [...this.#steps.values()], erasures: this.#erasures, pending: this.#pending, begunAt: this.#begunAt, corrected: [...this.#corrected] });
  }
}

/** @internal Everything that is kept of a person, and where. */
export async function keptOf(holdings: readonly Holding[], dataSubject: string): Promise<Map<string, Kept>> {
  const kept = new Map<string, Kept>();
  for (const holding of holdings) for (const item of await holding.items(dataSubject)) kept.set(item.itemId, { item, holding });
  return kept;
}
