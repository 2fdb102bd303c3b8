#!/usr/bin/env node
// Verifies an exported audit log offline: node bin/verify-audit.mjs FILE [--key KEY-ID] [--against FILE]... [--json]
import { readFileSync } from 'node:fs';
import { argv, stderr, stdout } from 'node:process';
import { verifyAuditFile } from '../dist/audit.js';

process.exitCode = await verifyAuditFile(argv.slice(2), {
  readFile: (path) => readFileSync(path, 'utf8'),
  say: (line) => void stdout.write(`${line}\n`),
  complain: (line) => void stderr.write(`${line}\n`),
});
