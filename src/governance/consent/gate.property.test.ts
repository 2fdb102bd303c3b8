import fc from 'fast-check';
import { expect, it } from 'vitest';
import { verifyChain } from '../audit/entry.ts';
import { assertGrant, type ConsentGrant } from './grant.ts';
import { FakeBrowser } from './ledger-fixture.contract.ts';
import type { ConsentLedger } from './ledger.ts';
import { FIXTURE_NOW, noticeFixture, purposeFixture } from './notice-fixture.contract.ts';
import type { Notice } from './notice.ts';
import type { ConsentAnswers } from './record.ts';

const SEED = 4;
const NUM_RUNS = 60;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const PURPOSES = ['live-redacted-view', 'redacted-recording', 'feature-extraction'] as const;
const VIEW = 0;
/** Days of each purpose, by notice; the second notice is short-lived for the view. */
const DAYS = [[365, 365, 365], [10, 365, 40]] as const;
const NOTICES: readonly Notice[] = DAYS.map((days, index) =>
  noticeFixture({ version: String(index), purposes: PURPOSES.map((purpose, at) => purposeFixture(purpose, { validForDays: days[at]! })) }),
);
const SUBJECTS = ['subject-1', 'subject-2'] as const;

type Yes = readonly [boolean, boolean, boolean];
type Step =
  | { readonly kind: 'answer'; readonly who: 0 | 1; readonly yes: Yes; readonly child: boolean; readonly tab: 0 | 1 }
  | { readonly kind: 'guardian'; readonly who: 0 | 1; readonly yes: Yes; readonly tab: 0 | 1 }
  | { readonly kind: 'withdraw'; readonly who: 0 | 1; readonly tab: 0 | 1 }
  | { readonly kind: 'show'; readonly who: 0 | 1; readonly tab: 0 | 1 }
  | { readonly kind: 'clock'; readonly byMs: number }
  | { readonly kind: 'notice'; readonly notice: 0 | 1 }
  | { readonly kind: 'reload' };

/**
 * The oracle: what the rule says, told in its own words and by its own bookkeeping. It knows nothing of records, chains or
 * stores: only of who said what, when, by the latest time ever seen.
 */
class Oracle {
  clock = FIXTURE_NOW;
  latest = FIXTURE_NOW;
  notice: 0 | 1 = 0;
  said: { who: 0 | 1; what: 'own' | 'guardian' | 'withdrawal'; yes: Yes; child: boolean; at: number; notice: 0 | 1 }[] = [];

  get setBack(): boolean {
    return this.latest - this.clock > 5 * MINUTE_MS;
  }

  get noticeValid(): boolean {
    const { validFrom, validUntil } = NOTICES[this.notice]!;
    return this.latest >= validFrom && this.latest < validUntil;
  }

  see(): void {
    this.latest = Math.max(this.latest, this.clock);
  }

  /** Somebody says something: under a clock set back that makes everything before void. Answers whether it counts. */
  say(who: 0 | 1, what: 'own' | 'guardian', yes: Yes, child: boolean): boolean {
    if (this.setBack) {
      this.said = [];
      this.latest = this.clock;
    }
    if (!this.noticeValid) return false;
    this.said.push({ who, what, yes, child, at: this.latest, notice: this.notice });
    return true;
  }

  mayPursue(who: 0 | 1, purpose: 0 | 1 | 2, underAnyClock = false): boolean {
    if (!this.noticeValid || (this.setBack && !underAnyClock)) return false;
    const holds = (what: 'own' | 'guardian'): boolean => {
      const last = this.said.filter((one) => one.who === who && (one.what === what || one.what === 'withdrawal')).at(-1);
      if (last === undefined || last.what === 'withdrawal') return false;
      if (last.notice !== this.notice || !last.yes[purpose]) return false;
      if (this.latest >= last.at + DAYS[last.notice][purpose] * DAY_MS) return false;
      return !last.child || holds('guardian');
    };
    return holds('own');
  }
}

const who = fc.constantFrom<0 | 1>(0, 1);
const tab = fc.constantFrom<0 | 1>(0, 1);
const yes = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());
const moves = [MINUTE_MS, DAY_MS, 9 * DAY_MS, 10 * DAY_MS, 200 * DAY_MS, 365 * DAY_MS, -MINUTE_MS, -4 * MINUTE_MS, -DAY_MS, -40 * DAY_MS, -400 * DAY_MS];
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('answer' as const), who, yes, child: fc.boolean(), tab }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('guardian' as const), who, yes, tab }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who, tab }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('show' as const), who, tab }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('clock' as const), byMs: fc.constantFrom(...moves) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('notice' as const), notice: fc.constantFrom<0 | 1>(0, 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reload' as const) }) },
);

const answersOf = (given: Yes): ConsentAnswers => Object.fromEntries(PURPOSES.map((purpose, index) => [purpose, given[index] ? 'given' : 'refused'] as const));

/** Two tabs of one browser, and what came out of them. */
class Run {
  readonly browser = new FakeBrowser();
  readonly oracle = new Oracle();
  tabs: ConsentLedger[] = [];
  /** Grants for the view, by which the camera can be opened. */
  readonly grants: { grant: ConsentGrant; who: 0 | 1 }[] = [];

  async load(): Promise<void> {
    for (const ledger of this.tabs) await ledger.close();
    const notice = NOTICES[this.oracle.notice]!;
    this.tabs = [await this.browser.open({ notice }), await this.browser.open({ notice })];
  }

  /** What the clock alone says of the notice: a ledger is not opened on one that is over. */
  noticeFits(index: 0 | 1): boolean {
    const { validFrom, validUntil } = NOTICES[index]!;
    return this.browser.clock >= validFrom && this.browser.clock < validUntil;
  }

  async apply(step: Step): Promise<void> {
    const { oracle, browser } = this;
    if (step.kind === 'clock') {
      browser.clock += step.byMs;
      oracle.clock = browser.clock;
    } else if (step.kind === 'notice') {
      if (!this.noticeFits(step.notice)) return;
      oracle.notice = step.notice;
      for (const ledger of this.tabs) await ledger.setNotice(NOTICES[step.notice]!);
    } else if (step.kind === 'reload') {
      if (this.noticeFits(oracle.notice)) await this.load();
    } else if (step.kind === 'withdraw') {
      await this.tabs[step.tab]!.withdraw(SUBJECTS[step.who]);
      oracle.said.push({ who: step.who, what: 'withdrawal', yes: [false, false, false], child: false, at: 0, notice: 0 });
    } else if (step.kind === 'show') {
      if (this.noticeFits(oracle.notice)) await this.tabs[step.tab]!.request({ dataSubject: SUBJECTS[step.who], language: 'zh-CN' });
    } else {
      const common = { dataSubject: SUBJECTS[step.who], language: 'zh-CN', answers: answersOf(step.yes) } as const;
      const ledger = this.tabs[step.tab]!;
      const counts = oracle.say(step.who, step.kind === 'guardian' ? 'guardian' : 'own', step.yes, step.kind === 'answer' && step.child);
      const saying =
        step.kind === 'guardian'
          ? ledger.answerAsGuardian({ ...common, guardian: 'guardian-1', relation: 'parent' })
          : ledger.answer({ ...common, ageBand: step.child ? 'under-14' : 'adult' });
      if (counts) await saying;
      else await expect(saying).rejects.toMatchObject({ code: 'ERR_CONSENT_NOTICE' });
    }
  }

  /** Every decision is the oracle's, and every grant that still works is one that it would give. */
  async check(subjects: readonly (0 | 1)[], tab: number): Promise<void> {
    this.oracle.see();
    for (const who of subjects) {
      for (const purpose of [0, 1, 2] as const) {
        const decision = await this.tabs[tab]!.require(PURPOSES[purpose], SUBJECTS[who]);
        expect(decision.granted, `${SUBJECTS[who]}, ${PURPOSES[purpose]}`).toBe(this.oracle.mayPursue(who, purpose));
        if (decision.granted && purpose === VIEW) this.grants.push({ grant: decision.grant, who });
      }
    }
    await this.#settled();
  }

  /** Other tabs look again when they are told; that they do is all that counts here, not how soon. */
  async #settled(): Promise<void> {
    const wrong = (): unknown => this.grants.find(({ grant, who }) => works(grant) && !this.oracle.mayPursue(who, VIEW, true));
    for (let look = 0; look < 200 && wrong() !== undefined; look += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(wrong()).toBeUndefined();
  }
}

function works(grant: ConsentGrant): boolean {
  try {
    assertGrant(grant, 'openCamera');
    return true;
  } catch {
    return false;
  }
}

it(`a grant exists if and only if the last word on its purpose is a valid yes (property, seed ${SEED}) [TAF-5.1a] [TAF-5.3a] [MEG-withdraw] [MEG-minor]`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const run = new Run();
      await run.load();
      try {
        for (const [index, one] of steps.entries()) {
          await run.apply(one);
          await run.check(['who' in one ? one.who : 0], index % 2);
        }
        await run.check([0, 1], 0);
        await run.check([0, 1], 1);
        expect(await verifyChain(run.browser.place.audit)).toMatchObject({ intact: true });
      } finally {
        for (const ledger of run.tabs) await ledger.close();
      }
    }),
    { seed: SEED, numRuns: NUM_RUNS },
  );
}, 60_000);
