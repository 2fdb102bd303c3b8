import type { FaceReport, FacesReport, Point, Size } from 'bauta';

const DASHES = { confirmed: [], tentative: [6, 4], lost: [2, 4] } as const;

/** How faces are marked. */
export interface FaceMarks {
  /** The track that the person says is theirs. */
  readonly own: number | null;
  /** Words for a face, in the language of the page. */
  labelOf(face: FaceReport): string;
}

/**
 * Draws where faces were covered, on a canvas that lies over the redacted picture.
 * @param report null wipes the canvas.
 */
export function drawFaceBoxes(canvas: HTMLCanvasElement, report: FacesReport | null, marks: FaceMarks): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = devicePixelRatio;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const context = canvas.getContext('2d');
  if (context === null || report === null || report.whole !== null) return;
  const { scale, left, top } = fitInside(report, { width, height });
  context.scale(density, density);
  context.font = '600 12px system-ui, sans-serif';
  context.textBaseline = 'top';
  for (const face of report.faces) {
    const x = left + face.box.x * scale;
    const y = top + face.box.y * scale;
    const label = marks.labelOf(face);
    const own = face.trackId === marks.own;
    // A dark line under the light one: it has to be seen on any picture.
    for (const [colour, lineWidth] of [['#06110fcc', own ? 7 : 4], [own ? '#ffffff' : '#8fe0d1', own ? 4 : 2]] as const) {
      context.setLineDash(colour === '#06110fcc' ? [] : DASHES[face.state]);
      context.strokeStyle = colour;
      context.lineWidth = lineWidth;
      context.strokeRect(x, y, face.box.width * scale, face.box.height * scale);
    }
    const labelY = Math.max(0, y - 19);
    context.fillStyle = own ? '#ffffff' : '#06110fd9';
    context.fillRect(x - 1, labelY, context.measureText(label).width + 10, 18);
    context.fillStyle = own ? '#06110f' : '#e6fbf6';
    context.fillText(label, x + 4, labelY + 3);
  }
}

/** The point of the picture under a point of the element that shows all of it. */
export function pictureAt(picture: Size, element: Element, { clientX, clientY }: MouseEvent): Point {
  const place = element.getBoundingClientRect();
  const { scale, left, top } = fitInside(picture, place);
  return { x: (clientX - place.left - left) / scale, y: (clientY - place.top - top) / scale };
}

/** How a picture lies in a box that shows all of it (`object-fit: contain`). */
export function fitInside(picture: Size, box: Size): { scale: number; left: number; top: number } {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  return { scale, left: (box.width - picture.width * scale) / 2, top: (box.height - picture.height * scale) / 2 };
}
