import type { AddReport, AlbumProgress } from 'bauta/album';
import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import type { MessageKey } from '../messages/en.ts';

/** What the form for photos asks of the album page. */
export interface IntakeListeners {
  /** The person says that the faces in these may be grouped. */
  onRead(files: readonly File[]): void;
  onStop(): void;
  /** The person wants the sample photos; answers with them. */
  takeSamples(): Promise<readonly File[]>;
  onFailure(error: unknown): void;
}

/** The form where photos are chosen, and where the person says that they may be grouped: anew for each choice. */
export class Intake {
  readonly #language: Language;
  readonly #input = part('files', HTMLInputElement);
  readonly #drop = part('drop', HTMLElement);
  readonly #statement = part('statement', HTMLInputElement);
  readonly #problem = part('intake-problem', HTMLElement);
  readonly #read = part('read', HTMLButtonElement);
  readonly #clear = part('clear', HTMLButtonElement);
  readonly #report = part('report', HTMLElement);
  #files: readonly File[] = [];

  constructor(language: Language, listeners: IntakeListeners) {
    this.#language = language;
    this.#input.addEventListener('change', () => {
      this.#choose([...(this.#input.files ?? [])]);
      this.#input.value = '';
    });
    for (const type of ['dragenter', 'dragover'] as const) {
      this.#drop.addEventListener(type, (event) => {
        event.preventDefault();
        this.#drop.dataset['over'] = '';
      });
    }
    this.#drop.addEventListener('dragleave', () => { delete this.#drop.dataset['over']; });
    this.#drop.addEventListener('drop', (event) => {
      event.preventDefault();
      delete this.#drop.dataset['over'];
      this.#choose([...(event.dataTransfer?.files ?? [])]);
    });
    part('samples', HTMLButtonElement).addEventListener('click', () => {
      language.write(part('chosen', HTMLElement), 'aSamplesLoading');
      listeners.takeSamples().then(
        (files) => { this.#choose(files); },
        (error: unknown) => {
          this.#choose([]);
          listeners.onFailure(error);
        },
      );
    });
    this.#clear.addEventListener('click', () => {
      this.forget();
      this.#input.focus();
    });
    this.#statement.addEventListener('change', () => { language.write(this.#problem, null); });
    part('intake', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#read.getAttribute('aria-disabled') === 'true') return;
      if (this.#files.length === 0) this.#complain('aChoiceMissing', this.#input);
      else if (!this.#statement.checked) this.#complain('aStatementMissing', this.#statement);
      else listeners.onRead(this.#files);
    });
    part('work-stop', HTMLButtonElement).addEventListener('click', () => { listeners.onStop(); });
    this.forget();
    this.open = false;
  }

  /** Whether photos can be read now. */
  set open(open: boolean) {
    this.#read.setAttribute('aria-disabled', String(!open));
  }

  /** Nothing is chosen, and nothing is said of it. */
  forget(): void {
    this.#choose([]);
    this.#language.write(this.#report, null);
  }

  /** Photos are being read. */
  begin(): void {
    this.open = false;
    this.#language.write(this.#report, null);
    part('work', HTMLElement).hidden = false;
    part('work-bar', HTMLProgressElement).removeAttribute('value');
    part('work-stop', HTMLButtonElement).focus();
  }

  progress({ phase, done, total }: AlbumProgress): void {
    const bar = part('work-bar', HTMLProgressElement);
    bar.max = Math.max(1, total);
    bar.value = done;
    if (phase === 'reading') this.#language.write(part('work-text', HTMLElement), 'aReading', { done: Math.min(done + 1, total), total });
    else this.#language.write(part('work-text', HTMLElement), 'aGrouping');
  }

  /** It is over; what is `left` can be gone on with. */
  end(left: number): void {
    const work = part('work', HTMLElement);
    const hadFocus = work.contains(document.activeElement);
    work.hidden = true;
    this.open = true;
    this.#language.write(this.#read, left > 0 ? 'aResume' : 'aRead');
    if (hadFocus) this.#read.focus();
  }

  stopped(left: number): void {
    this.#language.write(this.#report, 'aStopped', { left });
  }

  /** What came of it. */
  done({ added, known, skipped }: AddReport, nameOf: (pictureId: string) => string): void {
    this.forget();
    this.#language.write(this.#report, 'aDone', { added: added.length, known: known.length, skipped: skipped.length });
    this.showSkipped(skipped.map(({ pictureId, error }) => ({ name: nameOf(pictureId), why: reasonOf(error.code) })));
  }

  /** The bad ones, each with why. */
  showSkipped(skipped: readonly { readonly name: string; readonly why: MessageKey }[]): void {
    part('skipped', HTMLElement).hidden = skipped.length === 0;
    part('skipped-list', HTMLUListElement).replaceChildren(
      ...skipped.map(({ name, why }) => {
        const [item, file, reason] = [document.createElement('li'), document.createElement('b'), document.createElement('span')];
        file.textContent = name;
        this.#language.write(reason, why);
        item.append(file, reason);
        return item;
      }),
    );
  }

  #choose(files: readonly File[]): void {
    this.#files = files;
    // Said of another choice, it says nothing of this one.
    this.#statement.checked = false;
    this.#clear.hidden = files.length === 0;
    this.#language.write(this.#problem, null);
    this.#language.write(this.#read, 'aRead');
    this.showSkipped([]);
    this.#language.write(part('chosen', HTMLElement), files.length === 0 ? 'aNothingChosen' : 'aChosen', { count: files.length });
    if (files.length > 0) this.#language.write(this.#report, null);
  }

  #complain(text: MessageKey, at: HTMLElement): void {
    this.#language.write(this.#problem, text);
    at.focus();
  }
}

function reasonOf(code: string): MessageKey {
  if (code === 'ERR_PICTURE_TOO_LARGE') return 'aSkip_too-large';
  return code === 'ERR_PICTURE_INVALID' ? 'aSkip_not-a-picture' : 'aSkip_other';
}
