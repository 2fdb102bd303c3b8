import { FacePrivacyError } from '../core/errors.ts';
import type { SealedTemplate } from '../core/features-protocol.ts';
import { VECTOR_LENGTH, type FaceVector } from './embedder.ts';

/** Orthogonal bases that a vector is projected on, and phases in which each coordinate is quantised. */
const BASES = 4;
const PHASES = 4;
const ROWS = BASES * VECTOR_LENGTH;
/** Bits of a protected template. */
export const TEMPLATE_BITS = ROWS * PHASES;
/** The same in 32-bit words. */
export const TEMPLATE_WORDS = TEMPLATE_BITS / 32;
/** Version of layout and projection. Templates of another version are refused. */
export const TEMPLATE_VERSION = 1;

/**
 * Width of a quantisation cell, in units of a coordinate of the vector times the square root of their number. Coordinates a whole cell
 * apart have opposite bits, those two cells apart the same ones again: what lies further apart than that cannot be told from what lies
 * nearer. Numbers in docs/decisions/0010-template-protection.md.
 */
export const CELL_WIDTH = 1.5;

/** Length of the plaintext: version, two bytes for the number of bits, a byte of nothing, then the bits. */
const HEADER_BYTES = 4;
const PLAIN_BYTES = HEADER_BYTES + TEMPLATE_BITS / 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Mean of a sum of four bytes. */
const FOUR_BYTES_MEAN = 510;

/** Bits of a protected template, {@link TEMPLATE_WORDS} words. */
export type TemplateBits = Uint32Array<ArrayBuffer>;

/**
 * Protects feature vectors in the sense of ISO/IEC 24745. A vector is turned by secret orthogonal bases; of each coordinate, four bits
 * say in which of two alternating kinds of cells it falls, each with the cells begun a quarter further on, from a secret beginning
 * (universal quantisation: Boufounos and Rane, "Secure binary embeddings for privacy preserving nearest neighbors", WIFS 2011; orthogonal
 * bases and even phases take most of the noise out of the distance). Templates under one key are compared as they are; under two
 * keys they have nothing in common, and without the key a template tells nothing, because every beginning is as likely. The bases are
 * drawn from the keystream of a key that cannot be exported, and exist only in the memory of this object.
 */
export class TemplateProtector {
  /** Row by row, {@link ROWS} x {@link VECTOR_LENGTH}, in cells per unit. */
  readonly #projection: Float64Array;
  /** Where the cells of each row begin, 0 to 2 cells. */
  readonly #offsets: Float64Array;

  private constructor(projection: Float64Array, offsets: Float64Array) {
    this.#projection = projection;
    this.#offsets = offsets;
  }

  /**
   * Draws the projection of a key: always the same.
   * @param key AES-CTR, usage `encrypt`.
   */
  static async open(key: CryptoKey): Promise<TemplateProtector> {
    const weights = ROWS * VECTOR_LENGTH;
    // The version is part of the counter: another version is another projection.
    const counter = new Uint8Array(16);
    counter[0] = TEMPLATE_VERSION;
    const stream = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 64 }, key, new Uint8Array((weights + ROWS) * 4)));
    const projection = new Float64Array(weights);
    // Sums of bytes are whole numbers, and what follows is exact in IEEE 754: no two engines differ. Their sum is as good as Gaussian.
    for (let i = 0, at = 0; i < weights; i++, at += 4) projection[i] = stream[at]! + stream[at + 1]! + stream[at + 2]! + stream[at + 3]! - FOUR_BYTES_MEAN;
    const scale = Math.sqrt(VECTOR_LENGTH) / CELL_WIDTH;
    for (let base = 0; base < BASES; base++) orthogonalise(projection.subarray(base * VECTOR_LENGTH ** 2, (base + 1) * VECTOR_LENGTH ** 2), scale);
    const view = new DataView(stream.buffer, weights * 4);
    const offsets = Float64Array.from({ length: ROWS }, (_, row) => view.getUint32(row * 4) / 2 ** 31);
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
    for (let row = 0, at = 0; row < ROWS; row++) {
      let place = this.#offsets[row]!;
      for (let i = 0; i < VECTOR_LENGTH; i++, at++) place += this.#projection[at]! * vector[i]!;
      for (let phase = 0; phase < PHASES; phase++) {
        const bit = row * PHASES + phase;
        if (Math.floor(place + phase / PHASES) & 1) bits[bit >>> 5]! |= 1 << (bit & 31);
      }
    }
    return bits;
  }

  /** Overwrites the projection; the object is of no use from then on. */
  close(): void {
    this.#projection.fill(0);
    this.#offsets.fill(0);
  }
}

/** Makes the rows of a square matrix orthogonal and all of one length (modified Gram-Schmidt), in place. */
function orthogonalise(matrix: Float64Array, length: number): void {
  const n = VECTOR_LENGTH;
  for (let row = 0; row < matrix.length; row += n) {
    for (let before = 0; before < row; before += n) {
      let along = 0;
      for (let i = 0; i < n; i++) along += matrix[row + i]! * matrix[before + i]!;
      along /= length * length;
      for (let i = 0; i < n; i++) matrix[row + i]! -= along * matrix[before + i]!;
    }
    let square = 0;
    for (let i = 0; i < n; i++) square += matrix[row + i]! ** 2;
    const factor = length / Math.sqrt(square);
    for (let i = 0; i < n; i++) matrix[row + i]! *= factor;
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
