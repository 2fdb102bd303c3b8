import { openRecordings } from 'bauta/recording';
import { shareRecording, type ShareProgress } from 'bauta/sharing';
import type { Consent } from '../consent.ts';
import { part } from '../dom.ts';
import { SHARED_WITH } from '../notice.ts';
import { saveFile } from '../save-file.ts';
import type { DeskContext } from './desk-context.ts';
import { makeOption } from './make.ts';
import type { ShownCase } from './shown-case.ts';

/** Makes a bundle of a recording, under the consent of the person in it: searched again before it leaves. */
export class SharePanel {
  readonly #context: DeskContext;
  readonly #consent: Consent;
  readonly #card = part('share-card', HTMLElement);
  readonly #form = part('share-form', HTMLFormElement);
  readonly #with = part('share-with', HTMLSelectElement);
  readonly #work = part('share-work', HTMLElement);
  #case: ShownCase | null = null;
  #running: AbortController | null = null;

  constructor(context: DeskContext, consent: Consent) {
    this.#context = context;
    this.#consent = consent;
    const { language } = context;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.#running === null) context.attempt(() => this.#share());
    });
    part('share-cancel', HTMLButtonElement).addEventListener('click', () => { this.#running?.abort(); });
    language.follow(() => {
      const index = Math.max(0, this.#with.selectedIndex);
      this.#with.replaceChildren(...SHARED_WITH.map((type) => makeOption(type['en'] ?? '', type[language.tag] ?? '')));
      this.#with.selectedIndex = index;
    });
  }

  /** @param allowed false for whoever may not share, and for a bundle. */
  show(shown: ShownCase | null, allowed: boolean): void {
    if (shown !== this.#case) {
      this.#running?.abort();
      this.#form.reset();
    }
    this.#case = shown;
    this.#card.hidden = shown === null || !allowed;
  }

  async #share(): Promise<void> {
    const shown = this.#case;
    if (shown === null) return;
    const { toast, language } = this.#context;
    const [keeping, sharing] = await Promise.all([this.#consent.grant('redacted-recording'), this.#consent.grant('sharing')]);
    if (keeping === null || sharing === null) {
      toast.say('vShareNoConsent');
      return;
    }
    const running = new AbortController();
    this.#running = running;
    this.#work.hidden = false;
    this.#tell({ phase: 'loading', loadedBytes: 0, totalBytes: 1 });
    part('share-cancel', HTMLButtonElement).focus();
    const recordings = await openRecordings({ grant: keeping });
    try {
      const boxes = (await shown.boxes()).map(({ fromUs, untilUs, box }) => ({ fromUs, untilUs, box }));
      const { bundle } = await shareRecording(recordings, shown.item.recordingId, {
        grant: sharing,
        recipient: this.#with.value,
        purpose: part('share-for', HTMLInputElement).value.trim(),
        boxes,
        signal: running.signal,
        onProgress: (progress) => { this.#tell(progress); },
      });
      saveFile(bundle, `${language.text('vShareFile')}.zip`);
      toast.say('vShared');
    } finally {
      this.#running = null;
      const hadFocus = this.#work.contains(document.activeElement);
      this.#work.hidden = true;
      if (hadFocus) part('share-for', HTMLInputElement).focus();
      await recordings.close();
    }
  }

  #tell(progress: ShareProgress): void {
    const { language } = this.#context;
    const [text, bar] = [part('share-text', HTMLElement), part('share-bar', HTMLProgressElement)];
    bar.removeAttribute('value');
    if (progress.phase === 'loading') language.write(text, 'vShareLoading');
    else if (progress.phase === 'packing') language.write(text, 'vSharePacking');
    else {
      const passes = progress.phase === 'covering' ? 2 : 1;
      const share = (progress.pass - 1 + progress.doneUs / Math.max(1, progress.totalUs)) / passes;
      bar.value = share;
      const percent = (): string => language.number(share * 100);
      language.write(text, progress.phase === 'covering' ? 'vShareCovering' : 'vShareChecking', { percent });
    }
  }
}
