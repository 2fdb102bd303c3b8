import type { Consent } from '../consent.ts';
import { part } from '../dom.ts';
import type { MessageKey } from '../messages/en.ts';
import { saveFile } from '../save-file.ts';
import { BoxesPanel } from './boxes-panel.ts';
import type { DeskContext } from './desk-context.ts';
import { FindingsPanel } from './findings-panel.ts';
import { HoldsPanel } from './holds-panel.ts';
import { ManifestPanel } from './manifest-panel.ts';
import { Marks } from './marks.ts';
import { momentFrom, momentsOf, type Moment } from './moments.ts';
import { Player } from './player.ts';
import { SharePanel } from './share-panel.ts';
import type { ShownCase } from './shown-case.ts';
import { mediaTime, moment } from './times.ts';
import { Timeline } from './timeline.ts';
import { UnmaskPanel } from './unmask-panel.ts';

/** What whoever is signed in may do to the case. */
export interface CaseRights {
  readonly ask: boolean;
  readonly hold: boolean;
  readonly share: boolean;
}

/** A case on the table: picture, time line, and everything that is said of it. */
export class CaseView {
  readonly #context: DeskContext;
  readonly #player: Player;
  readonly #marks: Marks;
  readonly #timeline: Timeline;
  readonly #boxes: BoxesPanel;
  readonly #findings: FindingsPanel;
  readonly #unmask: UnmaskPanel;
  readonly #holds: HoldsPanel;
  readonly #manifest: ManifestPanel;
  readonly #share: SharePanel;
  #case: ShownCase | null = null;
  #from: 'desk' | 'bundle' = 'desk';
  #rights: CaseRights = { ask: false, hold: false, share: false };
  #moments: readonly Moment[] = [];

  /** @param consent of the person at this browser, under which is shared. */
  constructor(context: DeskContext, consent: Consent) {
    const { language, toast, attempt } = context;
    this.#context = context;
    this.#marks = new Marks(language);
    this.#timeline = new Timeline(language, (timeUs) => { this.#player.seek(timeUs); });
    const player = { timeUs: () => this.#player.timeUs, pause: () => { this.#player.pause(); }, seek: (timeUs: number) => { this.#player.seek(timeUs); } };
    this.#boxes = new BoxesPanel(language, {
      ...player,
      attempt,
      onChange: (boxes) => {
        this.#marks.boxes = boxes;
        this.#timeline.boxes = boxes;
        this.#moments = this.#case === null ? [] : momentsOf(this.#case, boxes);
      },
      onAdded: () => { toast.say('vBoxAdded'); },
    });
    this.#findings = new FindingsPanel(language, { attempt, onNoted: () => { toast.say('vNoted'); }, onDecided: () => { toast.say('vDecided'); } });
    this.#unmask = new UnmaskPanel(context, player);
    this.#holds = new HoldsPanel(context);
    this.#manifest = new ManifestPanel(language);
    this.#share = new SharePanel(context, consent, player.seek);
    this.#player = new Player(language, {
      onTime: (timeUs) => { this.#at(timeUs); },
      onMoment: (towards) => { this.#go(towards); },
    });
    part('findings', HTMLButtonElement).addEventListener('click', () => { attempt(() => this.#saveFindings()); });
    this.idle('vIdleTitle', 'vIdleText');
    language.follow(() => { this.#title(); });
  }

  /** The recording on the table; null: none, or a bundle. */
  get recordingId(): string | null {
    return this.#from === 'desk' ? (this.#case?.item.recordingId ?? null) : null;
  }

  /** Puts a case on the table. */
  async open(shown: ShownCase, from: 'desk' | 'bundle', rights: CaseRights): Promise<void> {
    this.#from = from;
    this.#rights = rights;
    this.#case = shown;
    const screen = part('screen', HTMLElement);
    screen.dataset['scene'] = 'picture';
    screen.style.setProperty('--shape', `${shown.item.width} / ${shown.item.height}`);
    part('player-idle', HTMLElement).hidden = true;
    part('deck', HTMLElement).hidden = false;
    part('case-panels', HTMLElement).hidden = false;
    part('findings', HTMLButtonElement).hidden = from !== 'bundle';
    this.#player.load(shown);
    this.#marks.show(shown);
    this.#timeline.show(shown);
    this.#manifest.show(shown);
    this.#title();
    await this.refresh();
    part('case-title', HTMLElement).focus();
  }

  /** What is said of the case may have changed. */
  async refresh(): Promise<void> {
    const shown = this.#case;
    const here = this.#from === 'desk';
    this.#share.show(shown, here && this.#rights.share);
    await Promise.all([
      this.#boxes.show(shown),
      this.#findings.show(shown),
      this.#unmask.show(shown, here && this.#rights.ask),
      this.#holds.show(shown, here && this.#rights.hold),
    ]);
  }

  /** The table is empty, and why. */
  idle(title: MessageKey, text: MessageKey): void {
    const { language, attempt } = this.#context;
    this.#case = null;
    part('screen', HTMLElement).dataset['scene'] = 'idle';
    part('screen', HTMLElement).style.removeProperty('--shape');
    language.write(part('idle-title', HTMLElement), title);
    language.write(part('idle-text', HTMLElement), text);
    part('player-idle', HTMLElement).hidden = false;
    part('deck', HTMLElement).hidden = true;
    part('case-panels', HTMLElement).hidden = true;
    this.#player.load(null);
    this.#marks.show(null);
    this.#timeline.show(null);
    this.#manifest.show(null);
    this.#title();
    attempt(() => this.refresh());
  }

  #at(timeUs: number): void {
    this.#marks.at(timeUs);
    this.#timeline.at(timeUs);
    this.#unmask.at(timeUs);
  }

  #go(towards: 'next' | 'previous'): void {
    const to = momentFrom(this.#moments, this.#player.timeUs, towards);
    const { language } = this.#context;
    this.#player.pause();
    if (to !== null) this.#player.seek(to.timeUs);
    language.write(part('announcer', HTMLElement), to === null ? 'vNoMoment' : `vMoment_${to.kind}`, to === null ? {} : { time: mediaTime(to.timeUs) });
  }

  #title(): void {
    const { language } = this.#context;
    const item = this.#case?.item;
    const text = item === undefined ? language.text('vCase') : language.text(this.#from === 'desk' ? 'vCaseOf' : 'vCaseBundle', { when: moment(language, item.createdAt) });
    part('case-title', HTMLElement).textContent = text;
  }

  /** This browser keeps nothing of a bundle: whoever reviewed it takes what they found along. */
  async #saveFindings(): Promise<void> {
    const shown = this.#case;
    if (shown === null) return;
    const [boxes, notes, decision] = await Promise.all([shown.boxes(), shown.notes(), shown.decision()]);
    const findings = { recordingId: shown.item.recordingId, manifestId: shown.manifest?.manifestId ?? null, boxes, notes, decision };
    saveFile(new Blob([JSON.stringify(findings, null, 2)], { type: 'application/json' }), `${this.#context.language.text('vFindingsFile')}.json`);
  }
}
