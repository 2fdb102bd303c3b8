#!/usr/bin/env node
// Finds a Chromium for the tests, the benchmark and the soak run, and says with which arguments to start it.
// As a command it prints the path, and on a Debian-like machine it installs the distribution's package when there is none.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { argv, env, exit, getuid, platform, stderr, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';

const VARIABLES = ['BAUTA_CHROMIUM', 'CHROME_PATH'];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Features that are switched off. Of several such switches the last one counts, so Playwright's own are repeated here. Ours are the first two: every
 * window of a headless browser draws the popup of its address bar, in a renderer of its own, which nobody sees and which costs more than most pages here.
 */
const DISABLED_FEATURES = [
  'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup',
  'AimEnabled', 'AvoidCorsURLLoaderRestartOnRedirect', 'AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable', 'HttpsUpgrades', 'LensOverlay', 'MediaRouter', 'NetworkTimeServiceQuerying', 'OptimizationHints', 'PaintHolding',
  'PreconnectToSearch', 'ThirdPartyStoragePartitioning',
];

/** Arguments for every headless start: quiet, no background traffic, and able to run as root in a container. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--headless=new',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${DISABLED_FEATURES.join(',')}`,
];

/** Arguments that answer the camera prompt with yes and put a synthetic camera behind it. */
export const FAKE_CAMERA_ARGS = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];

/** Puts a film behind the synthetic camera. @param {string} path absolute, of an .mjpeg or .y4m file. */
export const fakeCameraFile = (path) => `--use-file-for-fake-video-capture=${path}`;

/**
 * For tests of what pages do, not of how fast. A page of theirs lives for seconds, in a profile of its own that keeps no compiled code: V8 spent more time on
 * optimising WebAssembly for it than it won. The models run all the same, as compiled at first, until they have run for long.
 */
export const SHORT_LIVED_ARGS = ['--js-flags=--wasm-tiering-budget=1000000000'];

/**
 * Arguments for WebGPU in software. The last two put the rest of the browser's graphics on the GPU process as well:
 * without them video frames cannot be imported and canvases with a WebGPU context come out empty.
 */
export const SOFTWARE_WEBGPU_ARGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--ignore-gpu-blocklist',
  '--use-gl=angle',
  '--use-angle=swiftshader',
];

/**
 * All arguments for one start.
 * @param {{ camera?: boolean | string, extra?: readonly string[] }} [options] `camera`: `true` (default) for Chromium's own
 *   test picture, `false` for none, or the absolute path of an .mjpeg or .y4m file that plays in a loop.
 * @returns {string[]}
 */
export function chromiumArgs({ camera = true, extra = [] } = {}) {
  const cameraArgs = camera === false ? [] : [...FAKE_CAMERA_ARGS];
  if (typeof camera === 'string') cameraArgs.push(fakeCameraFile(camera));
  return [...CHROMIUM_ARGS, ...cameraArgs, ...extra];
}

/**
 * Launch options for Playwright.
 * @param {Parameters<typeof chromiumArgs>[0]} [options]
 * @returns {{ executablePath: string, args: string[] }}
 */
export function chromiumLaunchOptions(options) {
  return { executablePath: requireChromium(), args: chromiumArgs(options) };
}

/**
 * Looks for an executable: environment variable, PATH, Playwright's own. Installs nothing.
 * @returns {string | null} an absolute path, or null
 * @throws {Error} when a variable names something that cannot be run: a wrong setting must not be passed over
 */
export function findChromium() {
  for (const variable of VARIABLES) {
    const path = env[variable];
    if (path === undefined || path === '') continue;
    if (!isExecutable(path)) throw new Error(`${variable} is "${path}", which is not an executable file. Correct or unset it.`);
    return path;
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  return playwrightChromium();
}

/**
 * Like findChromium, but an absent browser is an error that says what to do.
 * @returns {string}
 */
export function requireChromium() {
  const path = findChromium();
  if (path === null) throw new Error(INSTRUCTION);
  return path;
}

/**
 * Finds a Chromium or installs one where that can be done without asking.
 * @param {(line: string) => void} [log]
 * @returns {string}
 */
export function provideChromium(log = () => {}) {
  const found = findChromium();
  if (found !== null) return found;
  if (!canInstall()) throw new Error(INSTRUCTION);
  log('no Chromium found: installing the Debian package');
  const steps = [
    ['apt-get', 'update'],
    ['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'],
  ];
  for (const [command, ...args] of steps) {
    const done = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } });
    if (done.status !== 0) throw new Error(`"${command} ${args.join(' ')}" failed.\n${INSTRUCTION}`);
  }
  return requireChromium();
}

const INSTRUCTION = [
  'No Chromium found. Do one of these and try again:',
  '  - install Chromium or Google Chrome so that it is on PATH (Debian, as root: apt-get install chromium)',
  '  - npx playwright install chromium',
  `  - set ${VARIABLES[0]} to the path of the executable`,
].join('\n');

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // absent or not permitted: either way not usable
  }
}

function playwrightChromium() {
  let playwright;
  try {
    playwright = createRequire(import.meta.url)('playwright-core');
  } catch {
    return null; // set-up may ask before anything is installed
  }
  const path = playwright.chromium.executablePath();
  return path && existsSync(path) ? path : null;
}

function canInstall() {
  if (platform !== 'linux' || getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  // Ubuntu's package of this name is only a pointer to a snap, which a container cannot run.
  return existsSync('/etc/os-release') && !/^ID=ubuntu$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  try {
    stdout.write(`${provideChromium((line) => stderr.write(`${line}\n`))}\n`);
  } catch (error) {
    stderr.write(`${error.message}\n`);
    exit(3);
  }
}
