import { openRecordings } from 'bauta/recording';
import { ExportRefusedError, shareRecording, type ShareProgress, type UncoveredFace } from 'bauta/sharing';
import type { Consent } from '../consent.ts';
import { part } from '../dom.ts';
import { SHARED_WITH } from '../notice.ts';
import { saveFile } from '../save-file.ts';
import type { DeskContext } from './desk-context.ts';
import { make, makeButton, makeOption } from './make.ts';
import type { ShownCase } from './shown-case.ts';
import { mediaTime } from './times.ts';

/** Finds that are nearer to each other than this are told as one; so many are told at most. */
const APART_US = 500_000;
const MOST_TOLD = 12;

/** Makes a bundle of a recording, under the consent of the person in it: searched again before it leaves. */
export class SharePanel {
  readonly #context: DeskContext;
  readonly #consent: Consent;
  readonly #card = part('share-card', HTMLElement);
  readonly #form = part('share-form', HTMLFormElement);
  readonly #with = part('share-with', HTMLSelectElement);
  readonly #work = part('share-work', HTMLElement);
  readonly #onSeek: (timeUs: number) => void;
  #case: ShownCase | null = null;
  #running: AbortController | null = null;

  constructor(context: DeskContext, consent: Consent, onSeek: (timeUs: number) => void) {
    this.#onSeek = onSeek;
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
      this.#showFound([]);
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
    this.#showFound([]);
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
        found: part('share-cover', HTMLInputElement).checked ? 'cover' : 'refuse',
        signal: running.signal,
        onProgress: (progress) => { this.#tell(progress); },
      });
      saveFile(bundle, `${language.text('vShareFile')}.zip`);
      toast.say('vShared');
    } catch (error) {
      if (error instanceof ExportRefusedError && this.#case === shown) this.#showFound(error.uncovered);
      throw error;
    } finally {
      this.#running = null;
      const hadFocus = this.#work.contains(document.activeElement);
      this.#work.hidden = true;
      if (hadFocus) part('share-for', HTMLInputElement).focus();
      await recordings.close();
    }
  }

  /** Where a face may show: to be looked at, and covered. */
  #showFound(uncovered: readonly UncoveredFace[]): void {
    const { language } = this.#context;
    const apart = uncovered.filter(({ timeUs }, index) => index === 0 || timeUs - (uncovered[index - 1]?.timeUs ?? 0) > APART_US);
    part('share-found-hint', HTMLElement).hidden = apart.length === 0;
    part('share-found', HTMLOListElement).replaceChildren(
      ...apart.slice(0, MOST_TOLD).map(({ timeUs }) => make('li', {}, makeButton(language.text('vShareFound', { time: mediaTime(timeUs) }), () => { this.#onSeek(timeUs); }, 'row-card'))),
    );
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
