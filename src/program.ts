import { fileURLToPath } from 'node:url'
import { version } from '../package.json'

/** Set by scripts/build.js: a hash of all sources, so that a program and its server know whether they are one. */
declare const ROTE_BUILD: string

/** What this program is and where its files are. */
export interface Program {
  version: string
  build: string
  /** The embedded server's entry, as built. */
  server: string
  /** The worker thread that reads documents, as built. */
  extractor: string
  /** The worker thread that scales pictures, as built. */
  painter: string
  /** What starts another of this program, as built. */
  executable: string
  /** The prepared data directory for a first run, a gzipped tar. */
  template: string
  /** The SQL migrations. */
  migrations: string
}

// src/ and dist/ are both one step below the package, so the same path is right from either
const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

export const program: Program = {
  version,
  build: ROTE_BUILD,
  server: file('dist/server.js'),
  extractor: file('dist/extractor.js'),
  painter: file('dist/painter.js'),
  executable: file('bin/rote.js'),
  template: file('dist/template.tar.gz'),
  migrations: file('drizzle'),
}
