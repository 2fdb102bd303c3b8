import type { Milliseconds } from '../../core/time.ts';
import { DAY_MS, RETENTION_RULES, type RetentionCategory } from '../retention/categories.ts';

/** What a person can ask for (PIPL, 44 to 47; GB/T 35273-2020, 8.1 to 8.6). Closed. */
export const RIGHTS = Object.freeze(['access', 'correct', 'erase', 'withdraw', 'port', 'restrict', 'close-account'] as const);

/** One of {@link RIGHTS}. */
export type Right = (typeof RIGHTS)[number];

/** What a right does to a class of data. */
export type RightEffect = 'copy' | 'correct' | 'erase' | 'restrict' | 'none';

/** Where a deadline comes from. */
export interface DeadlineSource {
  readonly days: number;
  /** The rule that it keeps; the shortest that may apply. */
  readonly source: string;
}

/** One right as data. */
export interface RightRule {
  readonly deadline: DeadlineSource;
  /** What is done to personal data; proofs have {@link RightRule.proofs}. */
  readonly personal: RightEffect;
  /** What is done to what shows that the rules were kept. */
  readonly proofs: RightEffect;
  /** Every consent ends with it. */
  readonly endsConsent: boolean;
  /** A dispute that is open, and only that, keeps data from being erased. */
  readonly yieldsToHold: boolean;
}

/** What the library's notices promise; the law would allow some of it more time. */
const PROMISED: DeadlineSource = Object.freeze({
  days: 15,
  source: 'The notice: 15 working days, counted as 15 days. App rules of 2019 (国信办秘字〔2019〕191号), 6: the same for correcting, erasing, closing; GB/T 35273-2020, 8.7: 30 days; PIPL, 50: in time',
});
const AT_ONCE: DeadlineSource = Object.freeze({ days: 1, source: 'PIPL, 15 and 47: done on this device at once; a day for what lies elsewhere' });

/** The rights (MEG-rights): what each does, and by when. */
export const RIGHT_RULES: Readonly<Record<Right, RightRule>> = Object.freeze({
  access: Object.freeze({ deadline: PROMISED, personal: 'copy', proofs: 'copy', endsConsent: false, yieldsToHold: false }),
  correct: Object.freeze({ deadline: PROMISED, personal: 'correct', proofs: 'none', endsConsent: false, yieldsToHold: false }),
  erase: Object.freeze({ deadline: PROMISED, personal: 'erase', proofs: 'none', endsConsent: false, yieldsToHold: true }),
  withdraw: Object.freeze({ deadline: AT_ONCE, personal: 'erase', proofs: 'none', endsConsent: true, yieldsToHold: true }),
  port: Object.freeze({ deadline: PROMISED, personal: 'copy', proofs: 'none', endsConsent: false, yieldsToHold: false }),
  restrict: Object.freeze({ deadline: PROMISED, personal: 'restrict', proofs: 'none', endsConsent: false, yieldsToHold: false }),
  'close-account': Object.freeze({ deadline: PROMISED, personal: 'erase', proofs: 'none', endsConsent: true, yieldsToHold: true }),
});

/** What cannot be corrected is a picture or what was computed from one: it is erased and made again. */
const CORRECTABLE: readonly RetentionCategory[] = ['album-groups', 'review-notes'];

/** Not given away even to the person, who is told that it is there: a face unsealed, or a template that nobody but this device can use. */
const NOT_COPIED: readonly RetentionCategory[] = ['sealed-regions', 'protected-templates'];

/** What a right does to one class of data. */
export function effectOf(right: Right, category: RetentionCategory): RightEffect {
  const rule = RIGHT_RULES[right];
  if (RETENTION_RULES[category].nature === 'proof') return rule.proofs;
  if (rule.personal === 'correct' && !CORRECTABLE.includes(category)) return 'none';
  if (rule.personal === 'copy' && NOT_COPIED.includes(category)) return 'none';
  return rule.personal;
}

/** How long there is for an answer. */
export function deadlineMs(right: Right): Milliseconds {
  return RIGHT_RULES[right].deadline.days * DAY_MS;
}

/** True for one of {@link RIGHTS}. */
export function isRight(value: unknown): value is Right {
  return (RIGHTS as readonly unknown[]).includes(value);
}
