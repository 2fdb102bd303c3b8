import type { SoundToRecord } from 'bauta/recording';
import type { Consent } from './consent.ts';
import { part } from './dom.ts';

/** Whether sound is recorded, too: off until somebody switches it on, and offered only where they have agreed to sound apart from the picture. */
export class SoundSwitch {
  readonly #consent: Consent;
  readonly #box = part('with-sound', HTMLInputElement);
  #track: MediaStreamTrack | null = null;

  /** @param onOff sound was recorded, and is not wanted any more. */
  constructor(consent: Consent, onOff: () => void) {
    this.#consent = consent;
    this.#box.addEventListener('change', () => {
      if (!this.#box.checked && this.#track !== null) onOff();
    });
  }

  /** @param canRecord there is a picture to record, and consent to that. */
  async offer(canRecord: boolean): Promise<void> {
    const offered = canRecord && (await this.#consent.grant('sound-recording')) !== null;
    part('sound-switch', HTMLElement).hidden = !offered;
    if (!offered) this.#box.checked = false;
  }

  /** True while it is switched on. */
  get isOn(): boolean {
    return this.#box.checked;
  }

  /** Opens the microphone, which is asked for here and nowhere else. Null where sound is not wanted, or not agreed to. @throws DOMException where it is refused. */
  async open(): Promise<SoundToRecord | null> {
    const grant = this.isOn ? await this.#consent.grant('sound-recording') : null;
    if (grant === null) return null;
    const [track] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks();
    if (track === undefined) return null;
    this.#track = track;
    return { track, grant };
  }

  /** Lets go of the microphone and switches off: the next recording asks again. Idempotent. */
  close(): void {
    this.#track?.stop();
    this.#track = null;
    this.#box.checked = false;
  }
}
