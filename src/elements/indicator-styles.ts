/**
 * What matters is said with `!important`: inside a shadow tree that outranks the page's own rules, for the host and
 * its parts, too. Colours lose their transparency on the way in. Whatever a page finds all the same is noticed by
 * visibility-watch.ts; this only keeps honest pages from tripping over it.
 */
export const INDICATOR_STYLES = `
:host {
  display: inline-block !important;
  max-inline-size: 100%;
  box-sizing: border-box;
  vertical-align: middle;
  text-align: start;
  -webkit-user-select: none;
  user-select: none;
}
.plate {
  --surface: var(--bauta-indicator-surface, #0a1110);
  --text: var(--bauta-indicator-text, #e9f1ef);
  --signal: var(--bauta-indicator-signal, #ff8b80);
  display: inline-grid !important;
  grid-template-columns: auto 1fr;
  align-items: center;
  gap: 0.25em 0.6em;
  box-sizing: border-box;
  padding: 0.45em 0.95em 0.45em 0.75em;
  border: 1px solid color-mix(in srgb, var(--text) 28%, var(--surface));
  border-radius: var(--bauta-indicator-radius, 999px);
  font: var(--bauta-indicator-font, 500 0.875rem/1.4 system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif);
  letter-spacing: 0.005em;
  color: #e9f1ef !important;
  background: #0a1110 !important;
  visibility: inherit !important;
}
.dot {
  inline-size: 0.7em;
  block-size: 0.7em;
  /* Whole pixels keep a small ring round. */
  inline-size: round(0.7em, 2px);
  block-size: round(0.7em, 2px);
  border-radius: 50%;
  border: 0.14em solid currentcolor;
  box-sizing: border-box;
  opacity: 0.65;
}
.label, .sign {
  color: inherit !important;
  visibility: inherit !important;
  opacity: 1 !important;
  overflow-wrap: anywhere;
}
.sign { display: none; grid-column: 1 / -1; white-space: pre-line; }
@supports (color: rgb(from red r g b / 1)) {
  .plate {
    color: rgb(from var(--text) r g b / 1) !important;
    background: rgb(from var(--surface) r g b / 1) !important;
  }
}
.plate[data-state='on'] .dot, .plate[data-state='covered'] .dot {
  opacity: 1;
  border-color: var(--signal);
  background: var(--signal);
  box-shadow: 0 0 0 0.22em color-mix(in srgb, var(--signal) 30%, transparent);
}
.plate[data-state='covered'] .dot { background: none; }
:host([kiosk]) { display: block !important; }
:host([kiosk]) .plate {
  display: grid !important;
  gap: 0.5em 0.75em;
  padding: 1em 1.25em;
  border-radius: var(--bauta-indicator-radius, 14px);
  font-size: clamp(1.05rem, 2.4vw, 1.5rem);
}
:host([kiosk]) .label { font-weight: 650; }
:host([kiosk]) .sign:not(:empty) { display: block; padding-block-start: 0.5em; border-block-start: 1px solid color-mix(in srgb, var(--text) 28%, var(--surface)); }
@media (forced-colors: active) {
  .plate { border-color: CanvasText; }
  .plate[data-state='on'] .dot { background: CanvasText; forced-color-adjust: none; }
}
`;
