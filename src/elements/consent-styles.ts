/**
 * The look of `<bauta-consent>`. An app sets the custom properties below on the element, or styles its parts: `panel`,
 * `heading`, `lead`, `purpose`, `biometric`, `alternative`, `rows`, `choices`, `choice`, `problem`, `answers`, `button`,
 * `answer`, `withdraw`, `link`, `state`, `summary`, `policy`, `close`, `about`. Every pair of text and ground has a contrast of at least 4.5 : 1
 * in both colour schemes.
 */
export const CONSENT_STYLES = `
:host {
  --_surface: var(--bauta-surface, light-dark(#ffffff, #151e1d));
  --_wash: var(--bauta-wash, light-dark(#e3efed, #17302d));
  --_ink: var(--bauta-ink, light-dark(#12201e, #e9f1ef));
  --_ink-soft: var(--bauta-ink-soft, light-dark(#4b5b58, #a5b6b2));
  --_line: var(--bauta-line, light-dark(#d6dfdc, #2a3735));
  --_line-strong: var(--bauta-line-strong, light-dark(#7a8b87, #72847f));
  --_accent: var(--bauta-accent, light-dark(#0b5f5b, #7fd4c5));
  --_on-accent: var(--bauta-on-accent, light-dark(#ffffff, #06211e));
  --_signal: var(--bauta-signal, light-dark(#b3261e, #ff9389));
  --_radius: var(--bauta-radius, 8px);
  --_heading: var(--bauta-heading-font, inherit);
  display: block;
  container-type: inline-size;
  color-scheme: light dark;
  color: var(--_ink);
  font: 1rem/1.6 var(--bauta-font, system-ui, sans-serif);
  overflow-wrap: anywhere;
}
:host([hidden]) { display: none; }
*, ::before, ::after { box-sizing: border-box; }
h2, h3, h4, p, dl, dd, ul, fieldset, legend { margin: 0; padding: 0; }
h2, h3, h4 { font-family: var(--_heading); font-weight: 600; line-height: 1.35; text-wrap: balance; }
h2 { font-size: 1.25rem; }
h3 { font-size: 1.0625rem; }
h4 { font-size: 1rem; }
[tabindex='-1']:focus { outline: none; }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.hint, [part='lead'], [part='about'] { color: var(--_ink-soft); font-size: 0.875rem; line-height: 1.5; }
.problem { color: var(--_signal); font-size: 0.875rem; font-weight: 600; }
.problem:empty { display: none; }
.code { font-weight: 400; }

[part='panel'], form, .standing { display: grid; gap: 1rem; }
.head { display: grid; gap: 0.375rem; justify-items: start; }
[part~='purpose'] { display: grid; gap: 0.625rem; padding-block-start: 1rem; border-block-start: 1px solid var(--_line); }
[part='biometric'] { display: grid; gap: 0.75rem; padding: 1rem; border: 2px solid var(--_line-strong); border-radius: var(--_radius); }
[part='biometric'] > p { font-size: 0.9375rem; }

dl { display: grid; gap: 0.375rem; }
dl > div { display: grid; gap: 0 1rem; }
dt { color: var(--_ink-soft); font-size: 0.8125rem; line-height: 1.6; }
dd { font-size: 0.9375rem; line-height: 1.5; }
@container (min-width: 30rem) {
  dl > div { grid-template-columns: 6.5rem minmax(0, 1fr); align-items: baseline; }
  dd { grid-column: 2; }
}

fieldset { border: 0; min-inline-size: 0; }
legend { font-weight: 600; }
fieldset > .hint { margin-block-end: 0.25rem; }
fieldset > .problem { margin-block-start: 0.25rem; }
.options { display: grid; grid-auto-flow: row; gap: 0.5rem; margin-block-start: 0.25rem; }
[part~='purpose'] .options { grid-template-columns: 1fr 1fr; }
@container (min-width: 30rem) {
  .options { grid-auto-flow: column; grid-auto-columns: 1fr; }
}
[part='choice'] {
  display: flex; align-items: center; gap: 0.625rem; min-block-size: 2.75rem; padding: 0.375rem 0.75rem;
  border: 1px solid var(--_line-strong); border-radius: var(--_radius); line-height: 1.3; cursor: pointer;
}
[part='choice']:hover { background: var(--_wash); }
[part='choice']:has(:checked) { border-color: var(--_accent); background: var(--_wash); box-shadow: inset 0 0 0 1px var(--_accent); }
[part='choice']:has(:focus-visible) { outline: 3px solid var(--_accent); outline-offset: 2px; }
[part='choice'] :focus-visible { outline: none; }
input { flex: none; inline-size: 1.125rem; block-size: 1.125rem; margin: 0; accent-color: var(--_accent); }

button {
  min-block-size: 2.75rem; padding: 0.375rem 1rem; border: 1px solid var(--_line-strong); border-radius: var(--_radius);
  background: transparent; color: var(--_ink); font: inherit; font-size: 0.9375rem; font-weight: 600; line-height: 1.25; cursor: pointer;
}
button:hover { background: var(--_wash); }
button[aria-disabled='true'] { cursor: progress; }
[part='answers'] { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; }
/* Both answers look alike: neither is the one that anybody would like better. */
[part~='answer'] { min-block-size: 3rem; padding-inline: 0.5rem; border: 2px solid var(--_accent); color: var(--_accent); font-size: 1rem; }
[part~='answer']:hover { background: var(--_accent); color: var(--_on-accent); }
[part~='withdraw'] { border-color: var(--_signal); color: var(--_signal); }
[part~='link'] { min-block-size: 2rem; padding: 0; border: 0; color: var(--_accent); text-decoration: underline; text-underline-offset: 0.2em; }
[part~='link']:hover { background: none; text-decoration-thickness: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem; }

[part='state'] { font-weight: 600; }
[part='summary'] { display: grid; list-style: none; }
[part='summary'] li { display: flex; justify-content: space-between; gap: 1rem; padding-block: 0.375rem; border-block-start: 1px solid var(--_line); font-size: 0.9375rem; }
[part='summary'] b { flex: none; font-weight: 600; }
[part='summary'] [data-answer='given'] b { color: var(--_accent); }
[part='about'] { display: grid; gap: 0.5rem; padding-block-start: 1rem; border-block-start: 1px solid var(--_line); }
[part='about'] dd { font-size: 0.875rem; }

dialog {
  inline-size: min(44rem, 100vw - 2rem); max-block-size: calc(100dvh - 2rem); padding: 0 1.25rem 1.25rem; overflow-y: auto;
  border: 1px solid var(--_line); border-radius: calc(var(--_radius) * 1.5); background: var(--_surface); color: var(--_ink);
  container-type: inline-size;
}
dialog[open] { display: grid; gap: 1rem; }
dialog section { display: grid; gap: 0.375rem; }
dialog p { font-size: 0.9375rem; }
dialog::backdrop { background: #0a1110b3; }
.policy-head {
  position: sticky; inset-block-start: 0; display: flex; align-items: center; justify-content: space-between; gap: 1rem;
  margin-inline: -1.25rem; padding: 0.75rem 1.25rem; border-block-end: 1px solid var(--_line); background: var(--_surface);
}
@media (forced-colors: active) {
  [part='choice']:has(:checked) { outline: 3px solid Highlight; }
}
`;
