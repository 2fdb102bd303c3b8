import type { FaceReport, FacesReport, LoadProgress, RedactedPicture, RedactedTrack } from 'bauta';
import { part } from './dom.ts';
import { drawFaceBoxes } from './face-boxes.ts';
import type { Failure } from './failure.ts';
import type { Language } from './language.ts';
import type { MessageKey } from './messages/en.ts';

const MEGABYTE = 1_000_000;

/** What is said of the picture beside the indicator, which speaks for the camera itself. */
export type StageState = 'stageOff' | 'stageLoading' | 'stageCamera' | 'stageFile' | 'stagePaused' | 'stageUnseen' | 'stagePicture';

/** What is on the stage. */
export type Scene = 'idle' | 'loading' | 'failure' | 'live' | 'picture';

/** The place where a redacted picture is seen, and only a redacted one: it takes tracks and bitmaps of the library alone. */
export class Stage {
  readonly #language: Language;
  readonly #screen = part('screen', HTMLElement);
  readonly #video = part('video', HTMLVideoElement);
  readonly #picture = part('picture', HTMLCanvasElement);
  readonly #boxes = part('boxes', HTMLCanvasElement);
  readonly #whole = part('whole', HTMLElement);
  readonly #note = part('stage-note', HTMLElement);
  readonly #bar = part('loading-bar', HTMLProgressElement);
  #faces: FacesReport | null = null;
  #boxesShown = false;
  #own: number | null = null;

  constructor(language: Language) {
    this.#language = language;
    this.#video.addEventListener('resize', () => {
      this.#shape(this.#video.videoWidth, this.#video.videoHeight);
    });
    new ResizeObserver(() => {
      this.#drawBoxes();
    }).observe(this.#screen);
    this.#enter('idle');
  }

  /** The video element that plays the redacted track, or the canvas that holds the redacted picture; null when there is none. */
  get shown(): HTMLVideoElement | HTMLCanvasElement | null {
    if (!this.#video.hidden) return this.#video;
    return this.#picture.hidden ? null : this.#picture;
  }

  get screen(): HTMLElement {
    return this.#screen;
  }

  showIdle(): void {
    this.#enter('idle');
  }

  /** @param asksPermission adds that the browser may be asking for it. */
  showLoading(asksPermission: boolean): void {
    this.#enter('loading');
    part('cancel', HTMLButtonElement).focus({ preventScroll: true });
    this.bringIntoView();
    part('loading-hint', HTMLElement).hidden = !asksPermission;
    this.#bar.removeAttribute('value');
    this.#language.write(part('loading-text', HTMLElement), null);
  }

  /** Nothing is captured while its sign is out of sight; of a stage taller than the window the sign is what has to be seen. */
  bringIntoView(): void {
    for (const id of ['stage', 'indicator']) part(id, HTMLElement).scrollIntoView({ block: 'nearest' });
  }

  showProgress(what: 'clip' | 'models' | 'picture', { loadedBytes, totalBytes }: LoadProgress): void {
    const text = part('loading-text', HTMLElement);
    if (what !== 'clip' && loadedBytes >= totalBytes) {
      this.#bar.removeAttribute('value');
      this.#language.write(text, what === 'picture' ? 'loadingPicture' : 'loadingWarmUp');
      return;
    }
    this.#bar.max = Math.max(1, totalBytes);
    this.#bar.value = loadedBytes;
    this.#language.write(text, what === 'clip' ? 'loadingClip' : 'loadingModels', {
      done: this.#language.number(loadedBytes / MEGABYTE, 1),
      total: this.#language.number(totalBytes / MEGABYTE, 1),
    });
  }

  showFailure({ title, text, code }: Failure, clipHelps: boolean): void {
    this.#enter('failure');
    this.#language.write(part('failure-title', HTMLElement), title);
    this.#language.write(part('failure-text', HTMLElement), text);
    this.#language.write(part('failure-code', HTMLElement), code === null ? null : 'errorCode', { code: code ?? '' });
    part('try-clip', HTMLButtonElement).hidden = !clipHelps;
  }

  showTrack(track: RedactedTrack, fromCamera: boolean): void {
    this.#enter('live');
    this.setState(fromCamera ? 'stageCamera' : 'stageFile');
    this.#video.srcObject = new MediaStream([track]);
  }

  setState(text: StageState): void {
    this.#language.write(part('stage-state', HTMLElement), text);
  }

  /** Takes the picture's bitmap and closes it. */
  showPicture({ bitmap, faces, whole }: RedactedPicture): void {
    const { width, height } = bitmap;
    this.#enter('picture');
    this.#picture.width = width;
    this.#picture.height = height;
    this.#picture.getContext('2d')?.drawImage(bitmap, 0, 0);
    bitmap.close();
    this.#shape(width, height);
    this.#language.write(this.#note, whole === null ? 'pictureFaces' : 'pictureWhole', { count: faces.length });
    this.#note.hidden = false;
    this.showFaces({ timestampUs: 0, width, height, faces, whole });
  }

  /** Nothing is shown, and why. */
  showUnseen(note: MessageKey): void {
    this.#enter('idle');
    this.#language.write(this.#note, note);
    this.#note.hidden = false;
  }

  showFaces(report: FacesReport): void {
    this.#faces = report;
    const { whole } = report;
    const reason = (): string => (whole === null ? '' : this.#language.text(`whole_${whole}`));
    this.#language.write(this.#whole, whole === null ? null : 'wholeCovered', { reason });
    this.#drawBoxes();
  }

  set boxesShown(shown: boolean) {
    this.#boxesShown = shown;
    this.#drawBoxes();
  }

  /** The track that the person says is theirs; its box stands out. */
  set own(trackId: number | null) {
    this.#own = trackId;
    this.#drawBoxes();
  }

  #drawBoxes(): void {
    const drawn = this.#boxesShown && this.shown !== null;
    this.#boxes.hidden = !drawn;
    if (drawn) drawFaceBoxes(this.#boxes, this.#faces, { own: this.#own, labelOf: (face) => this.#labelOf(face) });
  }

  #labelOf({ trackId, state }: FaceReport): string {
    if (trackId === this.#own) return `${String(trackId)} · ${this.#language.text('fFaceMine')}`;
    return `${String(trackId)} · ${this.#language.text(`track_${state}`)}`;
  }

  #shape(width: number, height: number): void {
    if (width > 1 && height > 1) this.#screen.style.setProperty('--shape', `${String(width)} / ${String(height)}`);
  }

  #enter(scene: Scene): void {
    this.#screen.dataset['scene'] = scene;
    for (const name of ['idle', 'loading', 'failure'] as const) part(name, HTMLElement).hidden = name !== scene;
    this.#video.hidden = scene !== 'live';
    this.#picture.hidden = scene !== 'picture';
    this.#note.hidden = true;
    this.#boxes.hidden = true;
    this.#language.write(this.#whole, null);
    this.setState(scene === 'loading' ? 'stageLoading' : scene === 'picture' ? 'stagePicture' : 'stageOff');
    this.#faces = null;
    this.#own = null;
    // What was shown must not come back with the next scene.
    this.#video.srcObject = null;
    this.#picture.width = 0;
    if (scene !== 'live' && scene !== 'picture') this.#screen.style.removeProperty('--shape');
  }
}
