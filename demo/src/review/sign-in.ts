import { chosen, part } from '../dom.ts';
import { describeFailure } from '../failure.ts';
import type { Language } from '../language.ts';
import { PEOPLE, type StaffId } from './directory.ts';
import { make } from './make.ts';

/** Who sits at the desk: one of the people of the embedded directory. */
export class SignIn {
  readonly #language: Language;
  readonly #list = part('people-list', HTMLElement);

  constructor(language: Language, onSignIn: (staffId: string) => Promise<void>) {
    this.#language = language;
    this.#list.append(...PEOPLE.map(({ staffId }, index) => this.#choice(staffId, index === 0)));
    part('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#say(null);
      onSignIn(chosen(part('people', HTMLFieldSetElement))).catch((error: unknown) => { this.#say(error); });
    });
  }

  /** Why there is no desk, or nobody at it; null: no reason to tell. */
  #say(error: unknown): void {
    const failure = error === null ? null : describeFailure(error);
    this.#language.write(part('sign-in-problem', HTMLElement), failure?.text ?? null);
  }

  fail(error: unknown): void {
    this.#say(error);
  }

  #choice(staffId: StaffId, checked: boolean): HTMLLabelElement {
    const input = make('input');
    input.type = 'radio';
    input.name = 'person';
    input.value = staffId;
    input.checked = checked;
    const [name, hint] = [make('b'), make('small')];
    hint.id = `person-${staffId}`;
    input.setAttribute('aria-describedby', hint.id);
    this.#language.write(name, `vPerson_${staffId}`);
    this.#language.write(hint, `vPerson_${staffId}_hint`);
    return make('label', { class: 'choice' }, input, make('span', {}, name, hint));
  }
}
