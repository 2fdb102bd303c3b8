import type { Box } from 'bauta';

/** A face in a photo, as the album knows it. */
export interface FacePlace {
  readonly pictureId: string;
  readonly box: Box;
  readonly rotationDeg: number;
}

/** Side of a tile, pixels of the picture that is drawn. */
const SIDE = 208;
/** How much of the photo shows around a face, in sides of its box. */
const AROUND = 2.1;

/**
 * Draws faces from the person's own files, with a frame around each. A photo is decoded when a tile of it comes into view, once for
 * all of its tiles, one photo at a time, and let go of at once.
 */
export class TilePainter {
  readonly #fileOf: (pictureId: string) => Blob | null;
  readonly #places = new WeakMap<Element, FacePlace>();
  readonly #waiting = new Map<string, Set<HTMLCanvasElement>>();
  readonly #watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) this.#want(target as HTMLCanvasElement);
  }, { rootMargin: '200px' });
  #painting = false;

  /** @param fileOf null where the page does not have the photo any more. */
  constructor(fileOf: (pictureId: string) => Blob | null) {
    this.#fileOf = fileOf;
  }

  /** A canvas that draws itself when it comes into view. */
  tile(place: FacePlace): HTMLCanvasElement {
    const canvas = document.createElement('canvas');
    canvas.width = SIDE;
    canvas.height = SIDE;
    canvas.setAttribute('aria-hidden', 'true'); // The control beside it says which face this is.
    this.#places.set(canvas, place);
    this.#watch.observe(canvas);
    return canvas;
  }

  /** It is not needed any more. */
  drop(canvas: HTMLCanvasElement): void {
    this.#watch.unobserve(canvas);
    canvas.width = 0;
  }

  #want(canvas: HTMLCanvasElement): void {
    const place = this.#places.get(canvas);
    if (place === undefined || this.#fileOf(place.pictureId) === null) return;
    this.#watch.unobserve(canvas);
    const waiting = this.#waiting.get(place.pictureId) ?? new Set();
    this.#waiting.set(place.pictureId, waiting.add(canvas));
    if (!this.#painting) this.#paintAll().catch(reportError);
  }

  async #paintAll(): Promise<void> {
    this.#painting = true;
    try {
      for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
        const [pictureId, canvases] = next;
        this.#waiting.delete(pictureId);
        const file = this.#fileOf(pictureId);
        if (file !== null) await this.#paint(file, canvases);
      }
    } finally {
      this.#painting = false;
    }
  }

  async #paint(file: Blob, canvases: ReadonlySet<HTMLCanvasElement>): Promise<void> {
    const photo = await createImageBitmap(file);
    try {
      for (const canvas of canvases) {
        const place = this.#places.get(canvas);
        if (place !== undefined && canvas.width > 0) drawFace(canvas, photo, place);
      }
    } finally {
      photo.close();
    }
  }
}

function drawFace(canvas: HTMLCanvasElement, photo: ImageBitmap, { box, rotationDeg }: FacePlace): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const side = Math.min(Math.max(box.width, box.height) * AROUND, photo.width, photo.height);
  const left = Math.max(0, Math.min(middle.x - side / 2, photo.width - side));
  const top = Math.max(0, Math.min(middle.y - side / 2, photo.height - side));
  context.drawImage(photo, left, top, side, side, 0, 0, SIDE, SIDE);
  const scale = SIDE / side;
  context.translate((middle.x - left) * scale, (middle.y - top) * scale);
  context.rotate((rotationDeg * Math.PI) / 180);
  // A dark line under the light one: it has to be seen on any photo.
  for (const [colour, width] of [['#06110fcc', 6], ['#8fe0d1', 3]] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect((-box.width / 2) * scale, (-box.height / 2) * scale, box.width * scale, box.height * scale);
  }
  context.resetTransform();
  canvas.dataset['drawn'] = '';
}
