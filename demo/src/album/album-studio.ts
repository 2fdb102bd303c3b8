import { FacePrivacyError } from 'bauta';
import { openFaceAlbum, type FaceAlbum } from 'bauta/album';
import type { FaceFeatures } from 'bauta/features';
import type { Consent } from '../consent.ts';
import { part } from '../dom.ts';
import { describeFailure } from '../failure.ts';
import { FeaturesDesk } from '../features-desk.ts';
import type { Language } from '../language.ts';
import type { MessageKey } from '../messages/en.ts';
import { ModelLoading } from '../model-loading.ts';
import type { PageFrame, Workplace } from '../page.ts';
import { ReceiptCard } from '../receipt-card.ts';
import { GroupList } from './group-list.ts';
import { Intake } from './intake.ts';
import { fetchSamples, photoOf, type Photo } from './photo.ts';

const ALBUM = 'demo';

/** Joins the choice of photos, the album, and the groups that come of it. */
export class AlbumStudio implements Workplace {
  readonly #language: Language;
  readonly #consent: Consent;
  readonly #frame: PageFrame;
  readonly #desk: FeaturesDesk<FaceAlbum>;
  readonly #loading: ModelLoading;
  readonly #intake: Intake;
  readonly #groups: GroupList;
  readonly #receipt: ReceiptCard;
  /** The files of this visit: what faces are drawn from. */
  readonly #files = new Map<string, File>();
  #busy: AbortController | null = null;

  constructor(language: Language, consent: Consent, frame: PageFrame) {
    this.#language = language;
    this.#consent = consent;
    this.#frame = frame;
    this.#loading = new ModelLoading(language);
    this.#receipt = new ReceiptCard(language);
    this.#intake = new Intake(language, {
      onRead: (files) => { this.#read(files).catch(reportError); },
      onStop: () => { this.#busy?.abort(); },
      takeSamples: fetchSamples,
      onFailure: (error) => { this.#fail(error); },
    });
    this.#groups = new GroupList(language, {
      fileOf: (pictureId) => this.#files.get(pictureId) ?? null,
      onMerge: (groupIds) => { this.#correct('aMerged', (album) => mergeAll(album, groupIds)).catch(reportError); },
      onSplit: (groupId, faceIds) => { this.#correct('aSplitDone', (album) => album.split(groupId, faceIds)).catch(reportError); },
    });
    this.#desk = new FeaturesDesk({
      openStore: async (features) => {
        const album = await openFaceAlbum(features, { name: ALBUM });
        album.addEventListener('change', () => { this.#show(); });
        album.addEventListener('closed', ({ detail: { cause } }) => {
          // Erased in another tab: the one that comes after it is opened. Where consent has ended there is none.
          if (cause !== null) this.#desk.reopenStore().then(() => { this.#show(); }).catch(reportError);
        });
        return album;
      },
      onProgress: (progress) => { this.#loading.show(progress); },
      onOpen: (features) => {
        language.write(part('erased-note', HTMLElement), null);
        features.addEventListener('error', ({ detail }) => { this.#fail(detail); });
        features.addEventListener('incident', ({ detail }) => { this.#fail(detail); });
      },
      onClosed: (features) => { this.#ended(features); },
    });
    part('erase', HTMLButtonElement).addEventListener('click', () => { this.#erase().catch(reportError); });
    language.follow(() => { this.#count(); });
  }

  resume(): void {
    this.#open().catch((error: unknown) => {
      this.#loading.hide();
      this.#fail(error);
    });
  }

  /** The features end by themselves with the grant, and erase the album then: they are not closed from here. */
  stop(): Promise<void> {
    this.#busy?.abort();
    this.#files.clear();
    this.#intake.forget();
    this.#intake.open = false;
    this.#groups.show(null);
    this.#receipt.clear();
    this.#say(null);
    return Promise.resolve();
  }

  async #open(): Promise<void> {
    const grant = await this.#consent.grant('album-grouping');
    if (grant === null) return;
    await this.#desk.open(grant);
    this.#loading.hide();
    if (this.#busy === null) this.#intake.open = this.#desk.store !== null;
    this.#show();
  }

  #ended(features: FaceFeatures): void {
    if (features.grant.signal.aborted) this.#language.write(part('erased-note', HTMLElement), 'aErased');
    this.#intake.open = false;
    this.#show();
  }

  async #read(files: readonly File[]): Promise<void> {
    const album = this.#desk.store;
    if (album === null || this.#busy !== null) return;
    const busy = new AbortController();
    this.#busy = busy;
    this.#receipt.clear();
    this.#say(null);
    this.#intake.begin();
    let left = 0;
    try {
      const photos: Photo[] = [];
      for (const file of files) photos.push(await photoOf(file));
      for (const { pictureId, file } of photos) this.#files.set(pictureId, file);
      try {
        const report = await album.add(
          photos.map(({ pictureId, file }) => ({ pictureId, picture: file, mayBeGrouped: true })),
          { signal: busy.signal, onProgress: (progress) => { this.#intake.progress(progress); } },
        );
        this.#intake.done(report, (pictureId) => this.#files.get(pictureId)?.name ?? pictureId);
      } catch (error) {
        if (!(error instanceof FacePrivacyError) || error.code !== 'ERR_ABORTED') throw error;
        left = await this.#stopped(album, photos);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = null;
      this.#intake.end(left);
      this.#intake.open = this.#desk.store !== null;
      this.#show();
    }
  }

  /** What was read until then is grouped all the same. */
  async #stopped(album: FaceAlbum, photos: readonly Photo[]): Promise<number> {
    await album.group();
    const read = new Set(album.pictures().map(({ pictureId }) => pictureId));
    const left = photos.filter(({ pictureId }) => !read.has(pictureId)).length;
    this.#intake.stopped(left);
    return left;
  }

  async #correct(told: MessageKey, change: (album: FaceAlbum) => Promise<void>): Promise<void> {
    const album = this.#desk.store;
    if (album === null) return;
    try {
      await change(album);
      this.#groups.unmark();
      this.#frame.announce(told);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #erase(): Promise<void> {
    const album = this.#desk.store;
    if (album === null) return;
    this.#busy?.abort();
    try {
      const receipt = await album.erase();
      await this.#desk.reopenStore();
      this.#intake.forget();
      this.#files.clear();
      this.#say('aErasedTitle', 'aErasedText');
      await this.#receipt.show(receipt);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#show();
    }
  }

  #show(): void {
    this.#groups.show(this.#desk.store);
    this.#count();
  }

  #count(): void {
    const album = this.#desk.store;
    const say = (id: string, count: number | undefined): void => {
      part(id, HTMLElement).textContent = count === undefined ? '–' : this.#language.number(count);
    };
    say('count-pictures', album?.pictures().length);
    say('count-faces', album?.faces().length);
    say('count-groups', album?.groups().length);
    part('erase', HTMLButtonElement).setAttribute('aria-disabled', String(album === null));
  }

  #say(title: MessageKey | null, text: MessageKey | null = null): void {
    part('result', HTMLElement).hidden = title === null;
    part('result', HTMLElement).dataset['tone'] = 'plain';
    this.#language.write(part('result-title', HTMLElement), title);
    this.#language.write(part('result-text', HTMLElement), text);
  }

  #fail(error: unknown): void {
    const { code, title, text } = describeFailure(error);
    this.#say(title, text);
    part('result', HTMLElement).dataset['tone'] = 'bad';
    if (code === 'ERR_CONSENT_WITHDRAWN' || code === 'ERR_CONSENT_EXPIRED') this.#frame.follow();
  }
}

async function mergeAll(album: FaceAlbum, [first, ...others]: readonly string[]): Promise<void> {
  if (first === undefined) return;
  for (const other of others) await album.merge(first, other);
}
