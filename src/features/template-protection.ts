import { FacePrivacyError } from '../core/errors.ts';
import type { SealedTemplate } from '../core/features-protocol.ts';
import { VECTOR_LENGTH, type FaceVector } from './embedder.ts';

/** Bits of a protected template. */
export const TEMPLATE_BITS = 1024;
/** The same in 32-bit words. */
export const TEMPLATE_WORDS = TEMPLATE_BITS / 32;
/** Version of layout and projection. Templates of another version are refused. */
export const TEMPLATE_VERSION = 1;

/**
 * Width of a quantisation cell in units of Euclidean distance between vectors. Two vectors further apart than about this have
 * templates as different as those of strangers, whatever the distance: so much and no more is told of it. Numbers in
 * docs/decisions/0009-template-protection.md.
 */
export const CELL_WIDTH = 1.0;

/** Length of the plaintext: version, two bytes for the number of bits, a byte of nothing, then the bits. */
const HEADER_BYTES = 4;
const PLAIN_BYTES = HEADER_BYTES + TEMPLATE_BITS / 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A sum of four bytes has this mean and this standard deviation. */
const FOUR_BYTES_MEAN = 510;
const FOUR_BYTES_DEVIATION = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/** Bits of a protected template, {@link TEMPLATE_WORDS} words. */
export type TemplateBits = Uint32Array<ArrayBuffer>;

/**
 * Protects feature vectors in the sense of ISO/IEC 24745: bit i says in which of two alternating kinds of cells (`CELL_WIDTH`
 * wide) the vector's keyed random projection falls (Boufounos and Rane, "Secure binary embeddings for privacy preserving
 * nearest neighbors", WIFS 2011). Templates under one key are compared as they are; under two keys they have nothing in common,
 * and without the key a template is a string of fair coins. The projection is drawn from the keystream of a key that cannot be
 * exported, and exists only in the memory of this object.
 */
export class TemplateProtector {
  /** Row by row, {@link TEMPLATE_BITS} x {@link VECTOR_LENGTH}, in cells per unit of the vector. */
  readonly #projection: Float32Array;
  /** Where the cells of each row begin, 0 to 2 cells. */
  readonly #offsets: Float32Array;

  private constructor(projection: Float32Array, offsets: Float32Array) {
    this.#projection = projection;
    this.#offsets = offsets;
  }

  /**
   * Draws the projection of a key: always the same.
   * @param key AES-CTR, usage `encrypt`.
   * @param cellWidth for measurements; everything that is kept uses the default.
   */
  static async open(key: CryptoKey, cellWidth = CELL_WIDTH): Promise<TemplateProtector> {
    const weights = TEMPLATE_BITS * VECTOR_LENGTH;
    const length = (weights + TEMPLATE_BITS) * 4;
    // The version is part of the counter: another version is another projection.
    const counter = new Uint8Array(16);
    counter[0] = TEMPLATE_VERSION;
    const stream = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, key, new Uint8Array(length)));
    const projection = new Float32Array(weights);
    const offsets = new Float32Array(TEMPLATE_BITS);
    // Sums of bytes are whole numbers: no two engines differ in them, and projections of 128 of them are as good as Gaussian.
    const scale = 1 / (FOUR_BYTES_DEVIATION * cellWidth);
    for (let i = 0, at = 0; i < weights; i++, at += 4) {
      projection[i] = (stream[at]! + stream[at + 1]! + stream[at + 2]! + stream[at + 3]! - FOUR_BYTES_MEAN) * scale;
    }
    const view = new DataView(stream.buffer, weights * 4);
    for (let row = 0; row < TEMPLATE_BITS; row++) offsets[row] = view.getUint32(row * 4) / 2 ** 31;
    stream.fill(0);
    return new TemplateProtector(projection, offsets);
  }

  /**
   * The protected template of a vector. Borrows it; the caller overwrites it.
   * @throws FacePrivacyError ERR_TEMPLATE_INVALID for a vector of another length or with numbers that are not finite.
   */
  protect(vector: FaceVector): TemplateBits {
    if (vector.length !== VECTOR_LENGTH || !vector.every(Number.isFinite)) {
      throw new FacePrivacyError('ERR_TEMPLATE_INVALID', `A feature vector has ${VECTOR_LENGTH} finite numbers.`, { details: { field: 'vector', length: vector.length } });
    }
    const bits = new Uint32Array(TEMPLATE_WORDS);
    for (let row = 0, at = 0; row < TEMPLATE_BITS; row++) {
      let place = this.#offsets[row]!;
      for (let i = 0; i < VECTOR_LENGTH; i++, at++) place += this.#projection[at]! * vector[i]!;
      if (Math.floor(place) & 1) bits[row >>> 5]! |= 1 << (row & 31);
    }
    return bits;
  }

  /** Overwrites the projection; the object is of no use from then on. */
  close(): void {
    this.#projection.fill(0);
    this.#offsets.fill(0);
  }
}

/** What a sealed template is bound to: a change of any of it, and it does not open. */
export type TemplateBinding = Pick<SealedTemplate, 'templateId' | 'galleryId' | 'expiresAt'>;

/** Encrypts a template for keeping, bound to gallery, id, version and expiry. */
export async function sealTemplate(bits: TemplateBits, binding: TemplateBinding, sealing: CryptoKey): Promise<SealedTemplate> {
  const plain = new Uint8Array(PLAIN_BYTES);
  const view = new DataView(plain.buffer);
  view.setUint8(0, TEMPLATE_VERSION);
  view.setUint16(1, TEMPLATE_BITS);
  bits.forEach((word, i) => { view.setUint32(HEADER_BYTES + i * 4, word); });
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const { templateId, galleryId, expiresAt } = binding;
  const row = { templateId, galleryId, expiresAt, version: TEMPLATE_VERSION, iv };
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: boundTo(row) }, sealing, plain));
  plain.fill(0);
  return { ...row, ciphertext };
}

/**
 * Opens a template that was kept.
 * @throws FacePrivacyError ERR_TEMPLATE_INVALID with `details.field` for one of another gallery, version or length;
 * ERR_VAULT_INTEGRITY when anything of the row was changed, or the key is another.
 */
export async function openTemplate(row: SealedTemplate, galleryId: string, sealing: CryptoKey): Promise<TemplateBits> {
  const { templateId } = row;
  const invalid = (field: string, what: string): FacePrivacyError =>
    new FacePrivacyError('ERR_TEMPLATE_INVALID', `Template ${templateId} cannot be used here: ${what}. The person has to enrol anew.`, { details: { field, templateId } });
  if (row.galleryId !== galleryId) throw invalid('galleryId', 'it belongs to another gallery');
  if (row.version !== TEMPLATE_VERSION) throw invalid('version', `it has version ${String(row.version)}, not ${TEMPLATE_VERSION}`);
  if (row.ciphertext.length !== PLAIN_BYTES + TAG_BYTES) throw invalid('length', `it has ${row.ciphertext.length} bytes, not ${PLAIN_BYTES + TAG_BYTES}`);
  let plain: Uint8Array<ArrayBuffer>;
  try {
    plain = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: row.iv, additionalData: boundTo(row) }, sealing, row.ciphertext));
  } catch (cause) {
    throw new FacePrivacyError('ERR_VAULT_INTEGRITY', `Template ${templateId} was changed after it was stored; the person has to enrol anew.`, { cause, details: { templateId } });
  }
  const view = new DataView(plain.buffer);
  if (view.getUint8(0) !== TEMPLATE_VERSION || view.getUint16(1) !== TEMPLATE_BITS) throw invalid('version', 'it has another layout');
  const bits = Uint32Array.from({ length: TEMPLATE_WORDS }, (_, i) => view.getUint32(HEADER_BYTES + i * 4));
  plain.fill(0);
  return bits;
}

function boundTo({ galleryId, templateId, version, expiresAt }: Omit<SealedTemplate, 'iv' | 'ciphertext'>): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(['bauta-template', version, galleryId, templateId, expiresAt]));
}
