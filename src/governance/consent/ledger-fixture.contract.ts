import type { ExceptionCode } from './exceptions.ts';
import type { ConsentDecision } from './gate.ts';
import type { ConsentGrant } from './grant.ts';
import { LedgerClock } from './ledger-clock.ts';
import { ConsentLedger } from './ledger.ts';
import { MemoryPlace, MemoryStore } from './memory-store.contract.ts';
import { FIXTURE_NOW, noticeFixture } from './notice-fixture.contract.ts';
import type { Notice } from './notice.ts';
import type { Purpose } from './purposes.ts';
import type { ConsentAnswer, ConsentAnswers } from './record.ts';
import type { TabMessage, Tabs } from './tabs.ts';

/** Tabs of one browser, in one process: a message reaches all others at once. */
export class FakeTabs {
  readonly #tabs = new Set<Tabs>();
  /** Messages are lost: a tab that was frozen, or a browser without BroadcastChannel. */
  deaf = false;

  open(): Tabs {
    const tab: Tabs = {
      post: (message: TabMessage) => {
        if (this.deaf) return;
        for (const other of this.#tabs) if (other !== tab) other.onMessage?.(message);
      },
      onMessage: null,
      close: () => this.#tabs.delete(tab),
    };
    this.#tabs.add(tab);
    return tab;
  }
}

/** A browser with a clock that can be set, one store and any number of tabs. */
export class FakeBrowser {
  readonly place = new MemoryPlace();
  /** The stores of all tabs, the latest last. */
  readonly stores: MemoryStore[] = [];
  readonly tabs = new FakeTabs();
  clock = FIXTURE_NOW;
  origin = 'https://app.example';

  /** A ledger as a freshly loaded page has it. */
  async open({ notice = noticeFixture(), exceptions = [] }: { notice?: Notice; exceptions?: readonly ExceptionCode[] } = {}): Promise<ConsentLedger> {
    const store = new MemoryStore(this.place);
    this.stores.push(store);
    const key = await store.deviceKey();
    return ConsentLedger.open({ store, key, clock: new LedgerClock(() => this.clock), tabs: this.tabs.open(), origin: this.origin, exceptions }, notice);
  }
}

/** One answer to every purpose of a notice, with exceptions. */
export function answersTo({ purposes }: Notice, all: ConsentAnswer, others: ConsentAnswers = {}): ConsentAnswers {
  return { ...Object.fromEntries(purposes.map(({ purpose }) => [purpose, all] as const)), ...others };
}

/** An adult's answer, in one line. */
export function adult(notice: Notice, all: ConsentAnswer, others: ConsentAnswers = {}, dataSubject = 'subject-1') {
  return { dataSubject, language: 'zh-CN', answers: answersTo(notice, all, others), ageBand: 'adult' } as const;
}

/** The grant of a decision that must be one. */
export function granted(decision: ConsentDecision): ConsentGrant {
  if (!decision.granted) throw new Error(`expected a grant, got ${decision.refusal.code}: ${decision.refusal.message}`);
  return decision.grant;
}

/** Code and field of a decision that must be a refusal. */
export function refused(decision: ConsentDecision): { code: string; field: string | null; purpose: Purpose } {
  if (decision.granted) throw new Error('expected a refusal, got a grant');
  const { code, field, purpose } = decision.refusal;
  return { code, field, purpose };
}
