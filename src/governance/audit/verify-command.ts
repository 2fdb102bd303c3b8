import { readHeads } from './export.ts';
import { describeVerdict } from './verdict-lines.ts';
import { verifyAuditExport } from './verify-export.ts';

/** What the command-line verifier needs of its surroundings. */
export interface CommandSurroundings {
  /** Reads a text file as UTF-8. @throws when it cannot. */
  readonly readFile: (path: string) => string;
  /** Takes one line for standard output. */
  readonly say: (line: string) => void;
  /** Takes one line for standard error. */
  readonly complain: (line: string) => void;
}

const USAGE = `usage: bauta-verify-audit FILE [--key KEY-ID] [--against FILE]... [--json]

Verifies an audit log that was exported by bauta, without network.
  --key KEY-ID     the key that must have signed (64 hexadecimal digits)
  --against FILE   an earlier export, or a single signed head, that was kept elsewhere; may be given several times
  --json           the verdict as JSON
exit status: 0 intact, 1 not intact, 2 the file is no export, or the command was called wrongly`;

/**
 * The command-line verifier. @param args what stands after the command's name.
 * @returns the exit status.
 */
export async function verifyAuditFile(args: readonly string[], { readFile, say, complain }: CommandSurroundings): Promise<0 | 1 | 2> {
  const parsed = parseArguments(args);
  if (parsed === 'help') {
    say(USAGE);
    return 0;
  }
  if (typeof parsed === 'string') {
    complain(parsed);
    complain(USAGE);
    return 2;
  }
  try {
    const heads = parsed.against.flatMap((path) => readHeads(readFile(path)));
    const verdict = await verifyAuditExport(readFile(parsed.file), { heads, ...(parsed.keyId === null ? {} : { keyId: parsed.keyId }) });
    if (parsed.json) say(JSON.stringify(verdict));
    else describeVerdict(verdict).forEach(say);
    return verdict.intact ? 0 : 1;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return 2;
  }
}

interface Arguments {
  readonly file: string;
  readonly keyId: string | null;
  readonly against: readonly string[];
  readonly json: boolean;
}

/** The arguments, or 'help', or what is wrong with them. */
function parseArguments(args: readonly string[]): Arguments | string {
  const files: string[] = [];
  const against: string[] = [];
  let keyId: string | null = null;
  let json = false;
  const rest = [...args];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--help' || argument === '-h') return 'help';
    if (argument === '--json') json = true;
    else if (argument === '--key' || argument === '--against') {
      const value = rest.shift();
      if (value === undefined) return `${argument} needs a value`;
      if (argument === '--against') against.push(value);
      else if (/^[0-9a-f]{64}$/.test(value)) keyId = value;
      else return '--key must be 64 lower-case hexadecimal digits';
    } else if (argument.startsWith('-')) return `unknown option ${argument}`;
    else files.push(argument);
  }
  const [file] = files;
  return file !== undefined && files.length === 1 ? { file, keyId, against, json } : 'name one file';
}
