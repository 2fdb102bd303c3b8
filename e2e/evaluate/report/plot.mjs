// Charts as SVG, each complete in itself: white ground, words in the system's sans serif.

const COLOURS = ['#1f5fbf', '#c8501e', '#2b8a3e', '#8a3ffc', '#b8860b', '#555555'];
const FRAME = { left: 64, right: 20, top: 62, bottom: 56 };
const GREY = '#d8d8d8';

const escaped = (/** @type {unknown} */ text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const text = (/** @type {number} */ x, /** @type {number} */ y, /** @type {unknown} */ words, extra = '') => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${extra}>${escaped(words)}</text>`;
const line = (/** @type {number} */ x1, /** @type {number} */ y1, /** @type {number} */ x2, /** @type {number} */ y2, stroke = GREY, extra = '') =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${stroke}" ${extra}/>`;
const rect = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ width, /** @type {number} */ height, /** @type {string} */ fill) =>
  `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0, width).toFixed(1)}" height="${Math.max(0, height).toFixed(1)}" fill="${fill}"/>`;
const percent = (/** @type {number} */ share) => `${Number((100 * share).toFixed(1))} %`;

function svg(/** @type {number} */ width, /** @type {number} */ height, /** @type {string} */ title, /** @type {readonly string[]} */ parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    rect(0, 0, width, height, '#ffffff'),
    text(FRAME.left, 20, title, 'font-size="15" font-weight="600"'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function legend(/** @type {readonly string[]} */ names, /** @type {number} */ y) {
  let x = FRAME.left;
  return names.map((name, i) => {
    const entry = rect(x, y - 9, 10, 10, COLOURS[i % COLOURS.length] ?? '#000') + text(x + 14, y, name);
    x += 34 + name.length * 6.6;
    return entry;
  });
}

/**
 * Lines over a share on each axis; a point may be marked.
 * @param {{ title: string, x: string, y: string, most: number, aim?: number, lines: readonly { name: string, points: readonly { x: number, y: number, label?: string }[] }[] }} chart
 *   `most`: end of the x axis; `aim`: a line across at this x.
 */
export function lineChart({ title, x: xName, y: yName, most, aim, lines }) {
  const [width, height] = [760, 460];
  const [w, h] = [width - FRAME.left - FRAME.right, height - FRAME.top - FRAME.bottom];
  const px = (/** @type {number} */ x) => FRAME.left + (Math.min(x, most) / most) * w;
  const py = (/** @type {number} */ y) => FRAME.top + (1 - y) * h;
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  return svg(width, height, title, [
    ...ticks.flatMap((tick) => [line(FRAME.left, py(tick), width - FRAME.right, py(tick)), text(FRAME.left - 8, py(tick) + 4, percent(tick), 'text-anchor="end"')]),
    ...ticks.flatMap((tick) => [line(px(tick * most), py(0), px(tick * most), py(1)), text(px(tick * most), py(0) + 16, percent(tick * most), 'text-anchor="middle"')]),
    ...(aim === undefined ? [] : [line(px(aim), py(0), px(aim), py(1), '#000000', 'stroke-dasharray="5 4"')]),
    ...lines.map(({ points }, i) => {
      const colour = COLOURS[i % COLOURS.length];
      const inside = points.filter(({ x }) => x <= most);
      const path = inside.map(({ x, y }) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ');
      const dots = inside.map(({ x, y, label }) => `<circle cx="${px(x).toFixed(1)}" cy="${py(y).toFixed(1)}" r="${label === undefined ? 2.5 : 5}" fill="${colour}"/>${label === undefined ? '' : text(px(x) + 8, py(y) - 6, label)}`);
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}`;
    }),
    ...legend(lines.map(({ name }) => name), 38),
    text(FRAME.left + w / 2, height - 14, xName, 'text-anchor="middle"'),
    text(-(FRAME.top + h / 2), 16, yName, 'text-anchor="middle" transform="rotate(-90)"'),
  ]);
}

/**
 * Upright bars side by side in groups; an aim is a line over its group.
 * @param {{ title: string, y: string, series: readonly string[], groups: readonly { name: string, note?: string, aim?: number, values: readonly (number | null)[] }[] }} chart shares
 */
export function barChart({ title, y: yName, series, groups }) {
  const [width, height] = [760, 400];
  const [w, h] = [width - FRAME.left - FRAME.right, height - FRAME.top - FRAME.bottom];
  const py = (/** @type {number} */ y) => FRAME.top + (1 - y) * h;
  const step = w / Math.max(1, groups.length);
  const bar = (step * 0.76) / Math.max(1, series.length);
  return svg(width, height, title, [
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((tick) => [line(FRAME.left, py(tick), width - FRAME.right, py(tick)), text(FRAME.left - 8, py(tick) + 4, percent(tick), 'text-anchor="end"')]),
    ...groups.flatMap(({ name, note, aim, values }, g) => {
      const left = FRAME.left + g * step + step * 0.12;
      return [
        ...values.map((value, i) => {
          if (value === null) return '';
          const x = left + i * bar;
          return rect(x, py(value), bar - 2, py(0) - py(value), COLOURS[i % COLOURS.length] ?? '#000') + text(x + bar / 2 - 1, py(value) - 4, (100 * value).toFixed(0), 'text-anchor="middle" font-size="10"');
        }),
        aim === undefined ? '' : line(left - 4, py(aim), left + step * 0.76 + 4, py(aim), '#000000', 'stroke-width="2" stroke-dasharray="5 4"'),
        text(left + step * 0.38, py(0) + 16, name, 'text-anchor="middle"'),
        note === undefined ? '' : text(left + step * 0.38, py(0) + 31, note, 'text-anchor="middle" font-size="10" fill="#555555"'),
      ];
    }),
    ...legend(series, 38),
    text(-(FRAME.top + h / 2), 16, yName, 'text-anchor="middle" transform="rotate(-90)"'),
  ]);
}

/**
 * Lying bars, one row of bars each; for many names.
 * @param {{ title: string, x: string, series: readonly string[], aim?: number, rows: readonly { name: string, values: readonly number[] }[] }} chart shares
 */
export function rowChart({ title, x: xName, series, aim, rows }) {
  const width = 760;
  const left = 260;
  const pitch = 14 * series.length + 8;
  const height = FRAME.top + rows.length * pitch + FRAME.bottom;
  const greatest = Math.max(aim ?? 0, 0.001, ...rows.flatMap(({ values }) => values));
  const most = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 1].find((end) => end >= greatest) ?? 1;
  const w = width - left - 70;
  const px = (/** @type {number} */ x) => left + (x / most) * w;
  const bottom = FRAME.top + rows.length * pitch;
  return svg(width, height, title, [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((part) => [line(px(part * most), FRAME.top, px(part * most), bottom), text(px(part * most), bottom + 16, `${Number((100 * part * most).toFixed(3))} %`, 'text-anchor="middle"')]),
    ...rows.flatMap(({ name, values }, row) => {
      const y = FRAME.top + row * pitch + 4;
      return [
        text(left - 8, y + pitch / 2, name, 'text-anchor="end" font-size="11"'),
        ...values.map((value, i) => rect(left, y + i * 14, Math.max(1, px(value) - left), 12, COLOURS[i % COLOURS.length] ?? '#000') + text(px(value) + 5, y + i * 14 + 10, `${Number((100 * value).toFixed(2))} %`, 'font-size="10"')),
      ];
    }),
    ...(aim === undefined ? [] : [line(px(aim), FRAME.top, px(aim), bottom, '#000000', 'stroke-dasharray="5 4"')]),
    ...legend(series, 38),
    text(left + w / 2, height - 14, xName, 'text-anchor="middle"'),
  ]);
}

/**
 * Marks along time, one strip each: where something was and how much of it.
 * @param {{ title: string, x: string, rows: readonly { name: string, length: number, marks: ReadonlyMap<number, number> }[] }} chart `marks`: share by place, 0 to 1.
 */
export function stripChart({ title, x: xName, rows }) {
  const width = 900;
  const left = 260;
  const pitch = 26;
  const w = width - left - FRAME.right;
  const height = FRAME.top + rows.length * pitch + FRAME.bottom;
  return svg(width, height, title, [
    ...rows.flatMap(({ name, length, marks }, row) => {
      const y = FRAME.top + row * pitch;
      const step = w / Math.max(1, length);
      return [
        text(left - 8, y + 14, name, 'text-anchor="end" font-size="11"'),
        rect(left, y, w, pitch - 6, '#eef2ee'),
        ...[...marks].map(([at, share]) => rect(left + at * step, y + (1 - share) * (pitch - 6), Math.max(1, step), share * (pitch - 6), '#b00020')),
      ];
    }),
    text(left + w / 2, height - 14, xName, 'text-anchor="middle"'),
  ]);
}
