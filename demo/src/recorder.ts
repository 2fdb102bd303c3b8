import type { FacesReport, RedactionSession } from 'bauta';
import { openRecording, persistStorage, sealOriginals, trackAt, type Recording, type RecordingSummary, type SealedOriginals, type SoundToRecord } from 'bauta/recording';
import type { Consent } from './consent.ts';
import { part } from './dom.ts';
import { FaceChips } from './face-chips.ts';
import { describeFailure } from './failure.ts';
import type { Fillings, Language } from './language.ts';
import { en, type MessageKey } from './messages/en.ts';
import { SoundSwitch } from './sound-switch.ts';

/** What the recorder tells the studio. */
export interface RecorderListeners {
  onFailure(error: unknown): void;
}

/** Records the redacted picture that runs, each recording on its own press, and seals the original of one's own face on a further one. */
export class Recorder {
  readonly #language: Language;
  readonly #consent: Consent;
  readonly #listeners: RecorderListeners;
  readonly #button = part('record', HTMLButtonElement);
  readonly #panel = part('recording', HTMLElement);
  readonly #text = part('recording-text', HTMLElement);
  readonly #chips: FaceChips;
  readonly #sound: SoundSwitch;
  #session: RedactionSession | null = null;
  #recording: Recording | null = null;
  #sealed: SealedOriginals | null = null;
  #busy = false;

  constructor(language: Language, consent: Consent, listeners: RecorderListeners) {
    this.#language = language;
    this.#consent = consent;
    this.#listeners = listeners;
    this.#sound = new SoundSwitch(consent, () => { this.#recording?.stopSound().catch(listeners.onFailure.bind(listeners)); });
    this.#chips = new FaceChips(language, {
      onClaim: (trackId) => { this.#attempt(() => this.#seal(trackId)); },
      trackAt,
    });
    this.#button.addEventListener('click', () => { this.#attempt(() => this.#toggle()); });
    for (const type of ['change', 'ended'] as const) consent.ledger.addEventListener(type, () => { this.#attend().catch(listeners.onFailure.bind(listeners)); });
    this.#name();
  }

  /** A session runs: it can be recorded, where the person has agreed to that. */
  async attach(session: RedactionSession): Promise<void> {
    this.#session = session;
    await this.#attend();
  }

  /** Nothing runs any more. What was recorded is kept: it ends with its session, in order. */
  detach(): void {
    this.#session = null;
    this.#button.hidden = true;
    this.#attend().catch(this.#listeners.onFailure.bind(this.#listeners));
    this.#end();
    if (part('recording-link', HTMLElement).hidden) this.#panel.hidden = true;
  }

  showFaces(report: FacesReport): void {
    if (this.#recording !== null) this.#chips.show(report);
  }

  /** Whether there is something to record, and consent to it; without, what was said of a recording is not true any more. */
  async #attend(): Promise<void> {
    const agreed = (await this.#consent.grant('redacted-recording')) !== null;
    this.#button.hidden = this.#session === null || !agreed;
    if (!agreed) this.#panel.hidden = true;
    await this.#sound.offer(this.#session !== null && agreed);
  }

  /** One thing at a time: a second press while something starts or stops would do it twice. */
  #attempt(act: () => Promise<void>): void {
    if (this.#busy) return;
    this.#busy = true;
    act()
      .catch((error: unknown) => { this.#listeners.onFailure(error); })
      .finally(() => { this.#busy = false; });
  }

  async #toggle(): Promise<void> {
    if (this.#recording === null) {
      await this.#start();
      return;
    }
    await this.#sealed?.end();
    await this.#recording.stop();
  }

  async #start(): Promise<void> {
    const session = this.#session;
    const grant = await this.#consent.grant('redacted-recording');
    if (session === null || grant === null) return;
    this.#panel.hidden = false;
    this.#say('rStarting');
    part('recording-link', HTMLElement).hidden = true;
    // Asked on the press of the button: some browsers put it to the person.
    const { statement } = await persistStorage();
    this.#language.write(part('recording-kept', HTMLElement), statement === 'persistent' ? 'rPersistent' : 'rEvictable');
    try {
      const audio = await this.#openSound();
      const recording = await openRecording(session, { grant, ...(audio === null ? {} : { audio }) });
      this.#recording = recording;
      this.#listen(recording);
      if (!recording.isRunning) this.#end();
      else await this.#offerSeal();
    } catch (error) {
      this.#panel.hidden = true;
      this.#sound.close();
      throw error;
    }
    this.#name();
  }

  /** Without a microphone it is recorded without sound, and says so. */
  async #openSound(): Promise<SoundToRecord | null> {
    try {
      const audio = await this.#sound.open();
      this.#saySound('rSoundOn', audio !== null);
      return audio;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#sound.close();
      this.#saySound('rNoMicrophone', true);
      return null;
    }
  }

  #listen(recording: Recording): void {
    const seconds = (us: number) => () => `${this.#language.number(us / 1e6, 1)} s`;
    this.#say('rRunning', { kept: seconds(0) });
    recording.addEventListener('progress', ({ detail: { keptUs } }) => {
      if (this.#recording === recording) this.#say('rRunning', { kept: seconds(keptUs) });
    });
    recording.addEventListener('stopped', ({ detail }) => {
      if (this.#recording === recording) this.#end();
      this.#stopped(detail, seconds(detail.durationUs));
    });
    recording.addEventListener('error', ({ detail }) => {
      if (this.#recording === recording) this.#end();
      const { title } = describeFailure(detail);
      this.#say('rFailed', { why: () => this.#language.text(title) });
      this.#listeners.onFailure(detail);
    });
    recording.addEventListener('sound-ended', () => {
      if (this.#recording !== recording) return;
      this.#sound.close();
      this.#saySound('rSoundEnded', true);
    });
    recording.addEventListener('incident', ({ detail }) => { this.#listeners.onFailure(detail); });
  }

  #stopped({ expiresAt }: RecordingSummary, length: () => string): void {
    this.#panel.hidden = false;
    const until = (): string => new Date(expiresAt).toLocaleString(this.#language.tag, { dateStyle: 'medium', timeStyle: 'short' });
    this.#say('rStopped', { length, until });
    part('recording-link', HTMLElement).hidden = false;
  }

  /** Asked apart from the recording, and only where the person has agreed to it apart from it. */
  async #offerSeal(): Promise<void> {
    const offered = (await this.#consent.grant('sealed-originals')) !== null;
    part('sealing', HTMLElement).hidden = !offered || this.#recording === null;
    this.#saySeal('rSealAsk');
  }

  async #seal(trackId: number): Promise<void> {
    const recording = this.#recording;
    const grant = await this.#consent.grant('sealed-originals');
    if (recording === null || grant === null) return;
    const before = this.#sealed;
    await before?.end();
    // Pressed again: the person wants no more of it.
    if (before?.trackId === trackId) return;
    this.#saySeal('rSealBusy');
    try {
      const sealed = await sealOriginals(recording, { grant, trackId });
      this.#sealed = sealed;
      this.#chips.own = trackId;
      this.#saySeal('rSealing', { track: trackId });
      sealed.addEventListener('ended', ({ detail: { reason } }) => {
        if (this.#sealed !== sealed) return;
        this.#sealed = null;
        this.#chips.own = null;
        const key = `claimEnd_${reason}`;
        const why = (): string => this.#language.text(Object.hasOwn(en, key) ? (key as MessageKey) : 'claimEnd_session-closed');
        this.#saySeal('rSealEnded', { why });
      });
    } catch (error) {
      this.#saySeal('rSealAsk');
      throw error;
    }
  }

  /** No recording runs. */
  #end(): void {
    this.#recording = null;
    this.#sound.close();
    this.#saySound('rSoundOn', false);
    this.#sealed = null;
    this.#chips.own = null;
    this.#chips.show(null);
    part('sealing', HTMLElement).hidden = true;
    this.#name();
  }

  #name(): void {
    const running = this.#recording !== null;
    this.#button.toggleAttribute('data-on', running);
    this.#language.write(this.#button, running ? 'recordStop' : 'record');
  }

  #say(key: MessageKey, fillings: Fillings = {}): void {
    this.#language.write(this.#text, key, fillings);
  }

  #saySound(key: MessageKey, shown: boolean): void {
    const text = part('recording-sound', HTMLElement);
    text.hidden = !shown;
    this.#language.write(text, key);
  }

  #saySeal(key: MessageKey, fillings: Fillings = {}): void {
    this.#language.write(part('sealing-text', HTMLElement), key, fillings);
  }
}
