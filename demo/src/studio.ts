import { FacePrivacyError, openPictureRedactor, openRedactionSession, type ConsentGrant, type FacesReport, type RedactionSession, type SourceOptions } from 'bauta';
import type { BautaIndicator } from 'bauta/elements';
import type { Consent } from './consent.ts';
import { Controls } from './controls.ts';
import { part } from './dom.ts';
import { EventLog } from './event-log.ts';
import { describeFailure } from './failure.ts';
import type { Language } from './language.ts';
import type { MessageKey } from './messages/en.ts';
import { Recorder } from './recorder.ts';
import { SampleClip } from './sample-clip.ts';
import { savePicture } from './save-picture.ts';
import { isPicture, type SourceChoice } from './source-picker.ts';
import { StageBar } from './stage-bar.ts';
import { Stage } from './stage.ts';
import { StatsPanel } from './stats-panel.ts';

const CAMERA: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: 'user' };

/** What the studio tells the page. */
export interface StudioListeners {
  /** Says something to everybody, also to those who do not see the page. */
  announce(text: MessageKey): void;
  /** There is no live consent any more: ask. */
  onConsentNeeded(): void;
  onCapturing(capturing: boolean): void;
}

/** One run: from the press of "Start" until nothing of it is left. */
interface Run {
  readonly choice: SourceChoice;
  readonly abort: AbortController;
  session: RedactionSession | null;
  /** By hand; the rule against hidden capture covers besides. */
  paused: boolean;
}

/** Joins controls, session and everything that shows it. At most one run exists at a time. */
export class Studio {
  readonly #language: Language;
  readonly #consent: Consent;
  readonly #indicator: BautaIndicator;
  readonly #listeners: StudioListeners;
  readonly #controls: Controls;
  readonly #stage: Stage;
  readonly #bar: StageBar;
  readonly #recorder: Recorder;
  readonly #stats: StatsPanel;
  readonly #log: EventLog;
  readonly #clip = new SampleClip('main');
  readonly #passedModels = new Map<string, boolean>();
  #run: Run | null = null;
  #faces: FacesReport | null = null;

  constructor(language: Language, consent: Consent, indicator: BautaIndicator, listeners: StudioListeners) {
    this.#language = language;
    this.#consent = consent;
    this.#indicator = indicator;
    this.#listeners = listeners;
    this.#stage = new Stage(language);
    this.#stats = new StatsPanel(language);
    this.#log = new EventLog(language);
    this.#recorder = new Recorder(language, consent, { onFailure: (error) => { this.#note(error); } });
    this.#controls = new Controls(language, {
      onStart: () => { this.start().catch(reportError); },
      onStyle: () => { this.#applyStyle(); },
    });
    this.#bar = new StageBar(language, {
      onStop: () => { this.#stopByHand(); },
      onPause: () => { this.#togglePause().catch((error: unknown) => { this.#fail(error); }); },
      onSave: () => { this.#save().catch((error: unknown) => { this.#note(error); }); },
      onBoxes: (shown) => { this.#stage.boxesShown = shown; },
    });
    part('cancel', HTMLButtonElement).addEventListener('click', () => { this.#stopByHand(); });
    part('try-again', HTMLButtonElement).addEventListener('click', () => { this.start().catch(reportError); });
    part('try-clip', HTMLButtonElement).addEventListener('click', () => {
      this.#controls.chooseClip();
      this.start().catch(reportError);
    });
  }

  /** Starts what is chosen, or switches the running session to it. */
  async start(): Promise<void> {
    const choice = this.#controls.takeSource();
    if (choice === null) return;
    const running = this.#run?.session;
    if (running !== null && running !== undefined && running.state !== 'closed' && !isPicture(choice)) {
      await this.#switchTo(choice, running);
      return;
    }
    await this.stop();
    const run: Run = { choice, abort: new AbortController(), session: null, paused: false };
    this.#run = run;
    this.#controls.setStart('start', false);
    this.#stage.showLoading(choice.kind === 'camera');
    this.#bar.show(null, false);
    this.#tell('state_starting');
    try {
      const grant = await this.#consent.grant('live-redacted-view');
      if (grant === null) {
        await this.stop();
        this.#listeners.onConsentNeeded();
        return;
      }
      if (isPicture(choice)) await this.#showPicture(choice.file, grant, run);
      else await this.#showLive(choice, grant, run);
    } catch (error) {
      if (this.#run === run) this.#fail(error);
    }
  }

  /** Ends the run, whatever it is doing. Resolves when nothing is left running. */
  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = null;
    this.#clear();
    run?.abort.abort();
    await run?.session?.close();
  }

  #stopByHand(): void {
    this.#tell('state_idle');
    this.stop().catch(reportError);
    this.#controls.focusStart();
  }

  async #showLive(choice: SourceChoice, grant: ConsentGrant, run: Run): Promise<void> {
    const source = await this.#sourceOf(choice, run.abort.signal);
    const { engine, delayFrames, adapter } = this.#controls.startSettings;
    const session = await openRedactionSession({
      grant,
      source,
      indicator: this.#indicator,
      initiatedBy: 'user',
      adapter,
      redaction: this.#controls.style,
      detection: { engine },
      tracking: { delayFrames },
      signal: run.abort.signal,
      onProgress: (progress) => {
        if (this.#run === run) this.#stage.showProgress('models', progress);
      },
    });
    if (this.#run !== run) {
      await session.close();
      return;
    }
    run.session = session;
    this.#listen(session, run);
    if (session.state === 'closed') {
      this.#fail(grant.signal.reason ?? new FacePrivacyError('ERR_SOURCE_ENDED', 'The source ended while the session started.'));
      return;
    }
    this.#stats.begin(session.engine, session.adapter);
    this.#stage.showTrack(session.track, choice.kind === 'camera');
    this.#bar.show('live', (await this.#consent.grant('redacted-recording')) !== null);
    await this.#recorder.attach(session);
    this.#bar.focusStop();
    this.#controls.setStart('switchSource', true);
    this.#applyStyle();
    this.#listeners.onCapturing(true);
    this.#tell('state_running');
  }

  #listen(session: RedactionSession, run: Run): void {
    session.addEventListener('faces', ({ detail }) => {
      if (this.#run !== run) return;
      this.#faces = detail;
      this.#stage.showFaces(detail);
      this.#recorder.showFaces(detail);
    });
    session.addEventListener('stats', ({ detail }) => {
      if (this.#run === run) this.#stats.show(detail, this.#faces?.faces.length ?? 0);
    });
    session.addEventListener('error', ({ detail }) => { this.#log.add('error', detail.code); });
    session.addEventListener('incident', ({ detail }) => { this.#log.add('incident', detail.code); });
    session.addEventListener('self-test', ({ detail: { passed, model } }) => {
      // They come every few seconds; a line is worth what has changed.
      if (this.#passedModels.get(model) === passed) return;
      this.#passedModels.set(model, passed);
      this.#log.add('self-test', { key: passed ? 'selfTestPassed' : 'selfTestFailed', fillings: { model } });
    });
    session.addEventListener('state', ({ detail: { state, cause } }) => {
      if (this.#run !== run) return;
      if (state !== 'closed') this.#showState(run, state, cause);
      else if (cause !== null) this.#fail(cause);
    });
  }

  async #showPicture(file: File, grant: ConsentGrant, run: Run): Promise<void> {
    const redactor = await openPictureRedactor({
      grant,
      initiatedBy: 'user',
      redaction: this.#controls.style,
      detection: { engine: this.#controls.startSettings.engine },
      signal: run.abort.signal,
      onProgress: (progress) => {
        if (this.#run === run) this.#stage.showProgress('picture', progress);
      },
    });
    try {
      const picture = await redactor.redact(file);
      if (this.#run !== run) {
        picture.bitmap.close();
        return;
      }
      this.#stage.showPicture(picture);
    } finally {
      await redactor.close();
    }
    this.#bar.show('picture', (await this.#consent.grant('redacted-recording')) !== null);
    this.#bar.focusStop();
    this.#controls.setStart('coverAgain', true);
    this.#tell('state_picture');
  }

  async #switchTo(choice: SourceChoice, session: RedactionSession): Promise<void> {
    const run = this.#run;
    this.#controls.setStart('switchSource', false);
    this.#stage.bringIntoView();
    try {
      await session.setSource(await this.#sourceOf(choice, run?.abort.signal ?? AbortSignal.abort()), { initiatedBy: 'user' });
      if (this.#run !== run) return;
      this.#stage.setState(choice.kind === 'camera' ? 'stageCamera' : 'stageFile');
      this.#tell('state_switched');
    } catch (error) {
      if (this.#run === run) this.#note(error); // The old source goes on.
    } finally {
      if (this.#run === run) this.#controls.setStart('switchSource', true);
    }
  }

  async #sourceOf(choice: SourceChoice, signal: AbortSignal): Promise<SourceOptions> {
    if (choice.kind === 'camera') return { kind: 'camera', constraints: CAMERA };
    if (choice.kind === 'file') return { kind: 'file', file: choice.file, loop: true };
    const file = await this.#clip.take(signal, (progress) => {
      if (this.#run?.session === null) this.#stage.showProgress('clip', progress);
    });
    return { kind: 'file', file, loop: true };
  }

  #applyStyle(): void {
    const session = this.#run?.session;
    if (session === null || session === undefined || session.state === 'closed') return;
    session.setRedaction(this.#controls.style).catch((error: unknown) => { this.#note(error); });
  }

  async #togglePause(): Promise<void> {
    const run = this.#run;
    const session = run?.session;
    if (run === null || session === null || session === undefined) return;
    run.paused = !run.paused;
    this.#bar.setPaused(run.paused);
    if (run.paused) await session.pause();
    else await session.resume();
  }

  /** @param cause why the picture is covered although nobody paused it: the indicator or the page is out of sight. */
  #showState(run: Run, state: 'running' | 'paused', cause: FacePrivacyError | null): void {
    const live = run.choice.kind === 'camera' ? 'stageCamera' : 'stageFile';
    this.#stage.setState(state === 'running' ? live : cause === null ? 'stagePaused' : 'stageUnseen');
    this.#tell(state === 'running' ? 'state_running' : cause === null ? 'state_paused' : 'state_unseen');
  }

  async #save(): Promise<void> {
    const { shown } = this.#stage;
    if (shown === null || (await this.#consent.grant('redacted-recording')) === null) return;
    await savePicture(shown, this.#language.text('fileName'));
    this.#tell('state_saved');
  }

  /** Something went wrong that does not end the run. */
  #note(error: unknown): void {
    const { code, title } = describeFailure(error);
    this.#log.add('error', code ?? { key: title });
    this.#listeners.announce(title);
  }

  /** The run is over. */
  #fail(error: unknown): void {
    const failed = this.#run;
    this.stop().catch(reportError);
    const failure = describeFailure(error);
    this.#stage.showFailure(failure, failed?.choice.kind !== 'clip');
    if (failed?.session === null) this.#log.add('error', failure.code ?? { key: failure.title });
    this.#controls.focusStart();
  }

  #clear(): void {
    this.#faces = null;
    this.#passedModels.clear();
    this.#stage.showIdle();
    this.#recorder.detach();
    this.#bar.show(null, false);
    this.#stats.clear();
    this.#controls.setStart('start', true);
    this.#listeners.onCapturing(false);
  }

  #tell(text: Extract<MessageKey, `state_${string}`>): void {
    this.#log.add('state', { key: text });
    this.#listeners.announce(text);
  }
}
