import { lastWord } from './history.ts';
import type { Purpose } from './purposes.ts';
import type { ConsentRecord } from './record.ts';

/** What a child's age asks for besides its own answer. */
export type GuardianNeed =
  /** Nothing: the person is fourteen or older. */
  | { readonly need: 'none' }
  /** Nobody asked for the age: then nothing opens. */
  | { readonly need: 'age' }
  /** Under 14: the guardian's last word on the purpose, or null where there is none that counts. */
  | { readonly need: 'guardian'; readonly word: ConsentRecord | null };

/**
 * Whether an answer needs a guardian's beside it (MEG-minor). Both stand for themselves: a child's no is not overruled,
 * a child's yes is not enough.
 * @param answer the person's own last word.
 * @param records all records about the person, in order.
 */
export function guardianNeed(answer: ConsentRecord, records: readonly ConsentRecord[], purpose: Purpose): GuardianNeed {
  if (answer.ageBand === null) return { need: 'age' };
  if (answer.ageBand !== 'under-14') return { need: 'none' };
  const word = lastWord(records, purpose, 'guardian');
  return { need: 'guardian', word: word === null || word.state === 'withdrawn' ? null : word };
}
