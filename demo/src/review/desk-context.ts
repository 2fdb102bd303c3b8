import type { ReviewDesk, StaffMember } from 'bauta/review';
import type { Language } from '../language.ts';
import type { Directory } from './directory.ts';
import type { Toast } from './toast.ts';

/** What every part of the desk works with. */
export interface DeskContext {
  readonly language: Language;
  readonly desk: ReviewDesk;
  readonly directory: Directory;
  readonly toast: Toast;
  /** Who is signed in. @throws TypeError when nobody is: the desk is not shown then. */
  staff(this: void): StaffMember;
  /** Does something and says what came of it: nothing of it is lost on the console. */
  attempt(this: void, act: () => Promise<void>): void;
}
