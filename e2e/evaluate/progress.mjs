/** Without a terminal one line in this time is enough. */
const PLAIN_EVERY_MS = 15_000;

/**
 * Progress on one line of a terminal, or now and then a line of its own.
 * @param {import('node:tty').WriteStream} stream
 */
export function openProgress(stream) {
  let shown = '';
  let lastMs = 0;
  const clear = () => {
    if (shown !== '' && stream.isTTY) stream.write(`\r${' '.repeat(shown.length)}\r`);
    shown = '';
  };
  return {
    /** @param {string} text */
    progress(text) {
      if (stream.isTTY) {
        clear();
        shown = text;
        stream.write(text);
      } else if (Date.now() - lastMs >= PLAIN_EVERY_MS) {
        lastMs = Date.now();
        stream.write(`${text}\n`);
      }
    },
    /** @param {string} line */
    log(line) {
      clear();
      stream.write(`${line}\n`);
    },
    done: clear,
  };
}
