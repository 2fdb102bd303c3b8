import { FacePrivacyError, openPictureRedactor, openRedactionSession, type ConsentGrant, type FacesReport, type RedactionSession, type SourceOptions } from 'bauta';
import type { BautaIndicator } from 'bauta/elements';
import type { Consent } from '../consent.ts';
import { part } from '../dom.ts';
import { describeFailure } from '../failure.ts';
import type { Language } from '../language.ts';
import type { MessageKey } from '../messages/en.ts';
import { SampleClip } from '../sample-clip.ts';
import { isPicture, SourcePicker, type SourceChoice } from '../source-picker.ts';
import { Stage } from '../stage.ts';

const CAMERA: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: 'user' };

/** What a face can be taken from now. */
export type Shown = { readonly kind: 'live'; readonly session: RedactionSession } | { readonly kind: 'picture'; readonly file: File };

/** What the picture tells its page. */
export interface LivePictureListeners {
  announce(text: MessageKey): void;
  /** Null: there is nothing to take a face from any more. */
  onShown(shown: Shown | null): void;
  onFaces(report: FacesReport): void;
}

interface Run {
  readonly abort: AbortController;
  session: RedactionSession | null;
}

/** The redacted picture of the page that compares, and where it comes from. At most one run exists at a time. */
export class LivePicture {
  readonly stage: Stage;
  readonly #consent: Consent;
  readonly #indicator: BautaIndicator;
  readonly #listeners: LivePictureListeners;
  readonly #source: SourcePicker;
  readonly #clip = new SampleClip('people');
  readonly #start = part('start', HTMLButtonElement);
  readonly #stop = part('stop', HTMLButtonElement);
  #run: Run | null = null;

  constructor(language: Language, consent: Consent, indicator: BautaIndicator, listeners: LivePictureListeners) {
    this.#consent = consent;
    this.#indicator = indicator;
    this.#listeners = listeners;
    this.stage = new Stage(language);
    this.#source = new SourcePicker(language);
    part('source-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#begin();
    });
    part('try-again', HTMLButtonElement).addEventListener('click', () => { this.#begin(); });
    part('try-clip', HTMLButtonElement).addEventListener('click', () => {
      this.#source.choose('clip');
      this.#begin();
    });
    for (const button of [this.#stop, part('cancel', HTMLButtonElement)]) {
      button.addEventListener('click', () => {
        listeners.announce('state_idle');
        this.stop().catch(reportError);
        this.#start.focus();
      });
    }
  }

  /** A person may agree to being compared and not to being shown: then pictures are looked at unseen. */
  async showWhatIsAllowed(): Promise<void> {
    const unseen = (await this.#consent.grant('live-redacted-view')) === null;
    this.#source.allowOnlyFiles(unseen);
    part('picture-only', HTMLElement).hidden = !unseen;
    if (unseen && this.#run?.session !== null) await this.stop();
  }

  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = null;
    this.#stop.hidden = true;
    this.stage.showIdle();
    this.#listeners.onShown(null);
    run?.abort.abort();
    await run?.session?.close();
  }

  #begin(): void {
    const choice = this.#source.take();
    if (choice !== null) this.#open(choice).catch(reportError);
  }

  async #open(choice: SourceChoice): Promise<void> {
    await this.stop();
    const run: Run = { abort: new AbortController(), session: null };
    this.#run = run;
    this.stage.showLoading(choice.kind === 'camera');
    this.#listeners.announce('state_starting');
    try {
      const grant = await this.#consent.grant('live-redacted-view');
      if (grant === null) this.#takeUnseen(choice, run);
      else if (isPicture(choice)) await this.#showPicture(choice.file, grant, run);
      else await this.#showLive(choice, grant, run);
    } catch (error) {
      if (this.#run === run) this.#fail(error, choice);
    }
  }

  #takeUnseen(choice: SourceChoice, run: Run): void {
    if (!isPicture(choice)) throw new FacePrivacyError('ERR_CONSENT_REFUSED', 'Showing a picture was refused.');
    if (this.#run !== run) return;
    this.stage.showUnseen('fPictureUnseen');
    this.#shown({ kind: 'picture', file: choice.file }, 'fPictureUnseen');
  }

  async #showPicture(file: File, grant: ConsentGrant, run: Run): Promise<void> {
    const redactor = await openPictureRedactor({
      grant,
      initiatedBy: 'user',
      signal: run.abort.signal,
      onProgress: (progress) => {
        if (this.#run === run) this.stage.showProgress('picture', progress);
      },
    });
    try {
      const picture = await redactor.redact(file);
      if (this.#run !== run) {
        picture.bitmap.close();
        return;
      }
      this.stage.showPicture(picture);
    } finally {
      await redactor.close();
    }
    this.#shown({ kind: 'picture', file }, 'state_picture');
  }

  async #showLive(choice: SourceChoice, grant: ConsentGrant, run: Run): Promise<void> {
    const session = await openRedactionSession({
      grant,
      source: await this.#sourceOf(choice, run),
      indicator: this.#indicator,
      initiatedBy: 'user',
      signal: run.abort.signal,
      onProgress: (progress) => {
        if (this.#run === run) this.stage.showProgress('models', progress);
      },
    });
    if (this.#run !== run) {
      await session.close();
      return;
    }
    run.session = session;
    const live = choice.kind === 'camera' ? 'stageCamera' : 'stageFile';
    session.addEventListener('faces', ({ detail }) => {
      if (this.#run !== run) return;
      this.stage.showFaces(detail);
      this.#listeners.onFaces(detail);
    });
    session.addEventListener('state', ({ detail: { state, cause } }) => {
      if (this.#run !== run) return;
      if (state === 'closed') this.#fail(cause ?? new FacePrivacyError('ERR_SOURCE_ENDED', 'The picture has ended.'), choice);
      else this.stage.setState(state === 'running' ? live : 'stageUnseen');
    });
    if (session.state === 'closed') throw grant.signal.reason ?? new FacePrivacyError('ERR_SOURCE_ENDED', 'The source ended while the session started.');
    this.stage.showTrack(session.track, choice.kind === 'camera');
    this.stage.boxesShown = true;
    this.#shown({ kind: 'live', session }, 'state_running');
  }

  #shown(shown: Shown, text: MessageKey): void {
    this.#stop.hidden = false;
    this.#stop.focus();
    this.#listeners.onShown(shown);
    this.#listeners.announce(text);
  }

  async #sourceOf(choice: SourceChoice, run: Run): Promise<SourceOptions> {
    if (choice.kind === 'camera') return { kind: 'camera', constraints: CAMERA };
    if (choice.kind === 'file') return { kind: 'file', file: choice.file, loop: true };
    const file = await this.#clip.take(run.abort.signal, (progress) => {
      if (this.#run === run) this.stage.showProgress('clip', progress);
    });
    return { kind: 'file', file, loop: true };
  }

  #fail(error: unknown, choice: SourceChoice): void {
    this.stop().catch(reportError);
    this.stage.showFailure(describeFailure(error), choice.kind !== 'clip');
    this.#start.focus();
  }
}
