import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import type { ShownCase } from './shown-case.ts';
import { mediaTime } from './times.ts';

/** What the player asks of its page. */
export interface PlayerListeners {
  /** Another frame is shown, or another place was sought. */
  onTime(timeUs: number): void;
  /** To the next or previous event. */
  onMoment(towards: 'next' | 'previous'): void;
}

/** Plays a redacted recording: the browser's video element behind a bar that steps frame by frame. */
export class Player {
  readonly #language: Language;
  readonly #listeners: PlayerListeners;
  readonly #video = part('video', HTMLVideoElement);
  readonly #seek = part('seek', HTMLInputElement);
  readonly #play = part('play', HTMLButtonElement);
  readonly #speed = part('speed', HTMLSelectElement);
  #url: string | null = null;
  #durationUs = 0;
  #frameUs = 1e6 / 30;

  constructor(language: Language, listeners: PlayerListeners) {
    this.#language = language;
    this.#listeners = listeners;
    const video = this.#video;
    for (const type of ['play', 'pause', 'ended']) video.addEventListener(type, () => { this.#name(); });
    for (const type of ['seeked', 'loadeddata', 'timeupdate']) video.addEventListener(type, () => { this.#tell(); });
    video.addEventListener('loadeddata', () => { video.playbackRate = Number(this.#speed.value); });
    this.#eachFrame();
    this.#play.addEventListener('click', () => { this.#toggle(); });
    this.#seek.addEventListener('input', () => { this.seek(this.#seek.valueAsNumber); });
    this.#speed.addEventListener('change', () => { video.playbackRate = Number(this.#speed.value); });
    const press = (id: string, act: () => void): void => { part(id, HTMLButtonElement).addEventListener('click', act); };
    press('frame-back', () => { this.#step(-1); });
    press('frame-on', () => { this.#step(1); });
    press('event-back', () => { listeners.onMoment('previous'); });
    press('event-on', () => { listeners.onMoment('next'); });
    part('player', HTMLElement).addEventListener('keydown', (event) => { this.#key(event); });
    language.follow(() => { this.#name(); this.#tell(); });
  }

  get timeUs(): number {
    return Math.round(this.#video.currentTime * 1e6);
  }

  /** Shows the media of a case, from its start; null shows nothing. */
  load(shown: ShownCase | null): void {
    const video = this.#video;
    video.pause();
    video.hidden = shown === null;
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = shown === null ? null : URL.createObjectURL(shown.media);
    if (this.#url === null) video.removeAttribute('src');
    else video.src = this.#url;
    // Sound is in it only where its person agreed to that.
    video.muted = shown?.manifest?.audio.policy !== 'kept';
    video.load();
    this.#durationUs = shown?.timeline.durationUs ?? 0;
    const frames = shown?.manifest?.media.frames ?? 0;
    this.#frameUs = frames > 1 ? this.#durationUs / frames : 1e6 / 30;
    this.#seek.max = String(this.#durationUs);
    this.#tell();
  }

  pause(): void {
    this.#video.pause();
  }

  seek(timeUs: number): void {
    // The end itself shows nothing in some browsers.
    const last = Math.max(0, this.#durationUs - this.#frameUs / 2);
    this.#video.currentTime = Math.min(Math.max(0, timeUs), last) / 1e6;
    this.#tell();
  }

  #toggle(): void {
    if (this.#video.paused) this.#video.play().catch(reportError);
    else this.#video.pause();
  }

  #step(frames: number): void {
    this.#video.pause();
    this.seek(this.timeUs + frames * this.#frameUs);
  }

  /** Letters would be typed into a field. */
  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target instanceof HTMLSelectElement) return;
    const act: Readonly<Record<string, () => void>> = {
      k: () => { this.#toggle(); },
      ',': () => { this.#step(-1); },
      '.': () => { this.#step(1); },
      '[': () => { this.#listeners.onMoment('previous'); },
      ']': () => { this.#listeners.onMoment('next'); },
    };
    const chosen = Object.hasOwn(act, event.key) ? act[event.key] : undefined;
    if (chosen === undefined) return;
    event.preventDefault();
    chosen();
  }

  #eachFrame(): void {
    if (!('requestVideoFrameCallback' in this.#video)) return;
    this.#video.requestVideoFrameCallback(() => {
      this.#tell();
      this.#eachFrame();
    });
  }

  #tell(): void {
    const { timeUs } = this;
    this.#seek.value = String(timeUs);
    const text = `${mediaTime(timeUs)} / ${mediaTime(this.#durationUs)}`;
    this.#seek.setAttribute('aria-valuetext', text);
    part('clock', HTMLElement).textContent = text;
    this.#listeners.onTime(timeUs);
  }

  #name(): void {
    this.#language.write(this.#play, this.#video.paused ? 'vPlay' : 'vPause');
  }
}
