import { part } from '../dom.ts';
import type { Language } from '../language.ts';
import { makeFact } from './make.ts';
import type { ShownCase } from './shown-case.ts';
import { mediaTime, moment } from './times.ts';

/** What is proved of the media: the signed manifest, and whether it is theirs. */
export class ManifestPanel {
  readonly #language: Language;
  #case: ShownCase | null = null;

  constructor(language: Language) {
    this.#language = language;
    language.follow(() => { this.#draw(); });
  }

  show(shown: ShownCase | null): void {
    this.#case = shown;
    this.#draw();
  }

  #draw(): void {
    const shown = this.#case;
    const language = this.#language;
    const [verdict, proof] = [part('manifest-verdict', HTMLElement), part('case-proof', HTMLElement)];
    const valid = shown?.manifestVerdict.valid === true && shown.manifest !== null;
    for (const element of [verdict, proof]) element.dataset['tone'] = valid ? 'good' : 'bad';
    language.write(proof, shown === null ? null : valid ? 'vProofGood' : 'vProofNone');
    language.write(verdict, shown === null ? null : valid ? 'vManifestGood' : 'vManifestNone');
    const manifest = shown?.manifest ?? null;
    if (manifest === null) {
      part('manifest', HTMLElement).replaceChildren();
      return;
    }
    const { media, covers, styles, settings, selfTests } = manifest;
    const sum = (of: (second: (typeof covers)[number]) => number): string => language.number(covers.reduce((total, second) => total + of(second), 0));
    part('manifest', HTMLElement).replaceChildren(
      makeFact(language.text('vManifestMade'), moment(language, manifest.madeAt)),
      makeFact(language.text('vManifestMedia'), `${media.width} × ${media.height} · ${mediaTime(media.durationUs)} · ${language.text('vFrames', { count: media.frames })}`),
      makeFact(language.text('vManifestCover'), [...new Set(styles.map(({ method }) => language.text(`method_${method}`)))].join(', ')),
      makeFact(language.text('vManifestRegions'), language.text('vManifestRegionsText', { regions: sum(({ regions }) => regions), whole: sum(({ wholeFrames }) => wholeFrames) })),
      makeFact(language.text('vManifestSound'), language.text(manifest.audio.policy === 'kept' ? 'vManifestSoundKept' : 'vManifestSoundDropped')),
      makeFact(language.text('vManifestEngine'), settings.engine),
      makeFact(language.text('log_self-test'), language.text('vManifestTests', { passed: selfTests.reduce((total, { passed }) => total + passed, 0), failed: selfTests.reduce((total, { failed }) => total + failed, 0) })),
      makeFact('SHA-256', media.sha256),
      makeFact(language.text('receipt_key'), manifest.proof.keyId),
    );
  }
}
