/** What constants decide that these measurements are for: the quality gate, protection under a key, search, grouping. */
import { cropFace } from '../../../src/core/face-alignment.ts';
import { COMPARISON_THRESHOLD } from '../../../src/core/comparison-threshold.ts';
import type { QualityReport } from '../../../src/core/features-protocol.ts';
import type { Box, Point } from '../../../src/core/geometry.ts';
import { groupTemplates } from '../../../src/features/album-groups.ts';
import { VECTOR_LENGTH } from '../../../src/features/embedder.ts';
import { TemplateSet } from '../../../src/features/packed-search.ts';
import { decodePicture } from '../../../src/features/picture-decoder.ts';
import { judgeQuality } from '../../../src/features/quality-gate.ts';
import { TEMPLATE_WORDS, TemplateProtector } from '../../../src/features/template-protection.ts';
import { answerCalls, fetchPicture } from './answer-calls.ts';
import { bytesIn, textOf } from './base64.ts';

interface SeenFace {
  readonly box: Box;
  readonly confidence: number;
  readonly keypoints: readonly Point[];
}

answerCalls({
  load(): void {
    // Nothing: no model is needed.
  },
  /** What the gate says of the faces that were seen in a picture. */
  async judge(url: string, faces: readonly SeenFace[]): Promise<{ reports: QualityReport[]; ms: number }> {
    const pixels = await decodePicture(await fetchPicture(url));
    let ms = 0;
    const reports = faces.map((face) => {
      const crop = cropFace(pixels, face, faces.length - 1);
      if (crop === null) throw new Error('a face that was cut out before cannot be now');
      const startMs = performance.now();
      const report = judgeQuality(crop);
      ms += performance.now() - startMs;
      return report;
    });
    return { reports, ms };
  },
  /** Protected templates of vectors under a key that the seed names, and what the library compares them by. */
  async protect(vectors: string, keySeed: number): Promise<{ bits: string; words: number; matchThreshold: number; msEach: number }> {
    const all = new Float32Array(bytesIn(vectors).buffer);
    const count = all.length / VECTOR_LENGTH;
    const protector = await TemplateProtector.open(await keyOf(keySeed));
    const bits = new Uint32Array(count * TEMPLATE_WORDS);
    const startMs = performance.now();
    for (let i = 0; i < count; i++) bits.set(protector.protect(all.slice(i * VECTOR_LENGTH, (i + 1) * VECTOR_LENGTH)), i * TEMPLATE_WORDS);
    const msEach = (performance.now() - startMs) / Math.max(1, count);
    protector.close();
    return { bits: textOf(bits), words: TEMPLATE_WORDS, matchThreshold: COMPARISON_THRESHOLD.score, msEach };
  },
  /** Milliseconds of single searches among so many templates: coins, and as many probes. */
  timeSearch(count: number, probes: number): number[] {
    const set = new TemplateSet(TEMPLATE_WORDS);
    const coins = (): Uint32Array => crypto.getRandomValues(new Uint32Array(TEMPLATE_WORDS));
    for (let i = 0; i < count; i++) set.put(String(i), coins());
    const times: number[] = [];
    for (let i = 0; i < probes; i++) {
      const probe = coins();
      const startMs = performance.now();
      set.search(probe, 5);
      times.push(performance.now() - startMs);
    }
    set.clear();
    return times;
  },
  /** Groups templates as an album does that has them all at once: the number of each one's group. */
  async group(bits: string): Promise<{ groups: number[]; ms: number }> {
    const words = new Uint32Array(bytesIn(bits).buffer);
    const templateIds = Array.from({ length: words.length / TEMPLATE_WORDS }, (_, i) => String(i));
    const startMs = performance.now();
    const grouped = await groupTemplates({ count: templateIds.length, wordsPerTemplate: TEMPLATE_WORDS, words, templateIds }, { requestId: 'all', standing: [], apart: [] });
    const ms = performance.now() - startMs;
    const groups = new Array<number>(templateIds.length);
    for (const [group, members] of grouped.entries()) for (const member of members) groups[Number(member)] = group;
    return { groups, ms };
  },
});

/** A key as a gallery's, but the same in every run. */
async function keyOf(seed: number): Promise<CryptoKey> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`evaluation key ${seed}`)));
  return crypto.subtle.importKey('raw', bytes, 'AES-CTR', false, ['encrypt']);
}
