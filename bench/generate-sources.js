// Reading the sources of `rote generate`: what a long PDF costs, and whether the program answers meanwhile.
import { spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import PDFDocument from 'pdfkit'
import { alone, figure } from './support/report.js'

const root = join(import.meta.dirname, '..')
const PEAK_MEMORY = pathToFileURL(join(import.meta.dirname, 'support/peak-memory.js')).href
/** A real book, where there is one beside the repository. */
const BOOK = join(root, '../shared/data/pdf/freeculture.pdf')

/** @type {import('./support/report.js').Benchmark} */
export async function generateSources() {
  const folder = mkdtempSync(join(tmpdir(), 'rote-bench-'))
  try {
    const program = await bundle(folder)
    const middling = await makePdf(folder, 600)
    const long = await makePdf(folder, 2000)
    const read = (/** @type {string[]} */ ...args) => run(program, args)
    const usual = await read(middling)
    const stopped = await read(middling, '300')
    const most = await read(long)
    const rows = [
      figure('PDF of 600 pages', usual.ms / 1000, 's'),
      figure(`longest silence of an 80 ms timer meanwhile, ${usual.ticks} ticks`, usual.gap, 'ms', 200),
      figure('Ctrl-C in the middle of it, until it has an answer', stopped.answered, 'ms', 200),
      figure(
        `PDF of 2,000 pages, ${(most.characters / 1e6).toFixed(1)} million characters`,
        most.ms / 1000,
        's',
      ),
      figure('all of the process at the most', most.megabytes, 'MB', 300),
    ]
    if (!existsSync(BOOK)) return rows
    const book = await read(BOOK)
    return [
      ...rows,
      figure('a real book of 352 pages', book.ms / 1000, 's'),
      figure('all of the process at the most', book.megabytes, 'MB', 300),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The reader as a program, which takes the thread's file from the build.
 * @param {string} folder
 */
async function bundle(folder) {
  const outfile = join(folder, 'read-source.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'support/read-source.js')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    define: {
      ROTE_BUILD: '"bench"',
      'import.meta.url': JSON.stringify(pathToFileURL(join(root, 'dist/main.cjs')).href),
    },
  })
  return outfile
}

const SENTENCE = 'Of all the facts in this book this one is the most remarkable so far, and it has a number. '

/**
 * A PDF with 3,200 characters on each page.
 * @param {string} folder
 * @param {number} pages
 */
async function makePdf(folder, pages) {
  const path = join(folder, `${pages}.pdf`)
  const document = new PDFDocument({ autoFirstPage: false })
  const file = document.pipe(createWriteStream(path))
  for (let page = 1; page <= pages; page++) {
    document.addPage({ margin: 40 }).fontSize(9)
    for (let line = 0; line < 36; line++) {
      document.text(`${page * 36 + line} ${SENTENCE}`, 40, 40 + line * 14, { lineBreak: false })
    }
    document.text(`A Book of Facts    ${page}`, 40, 700, { lineBreak: false })
    if (page % 100 === 0) await new Promise(setImmediate)
  }
  document.end()
  await finished(file)
  return path
}

/**
 * Runs the reader. `megabytes` is the most memory that its process ever had.
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{ ms: number, ticks: number, gap: number, answered: number, characters: number, megabytes: number }>}
 */
function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', PEAK_MEMORY, program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    const texts = ['', '', '', '']
    for (const descriptor of [1, 2, 3]) {
      child.stdio[descriptor]?.on('data', (text) => {
        texts[descriptor] += text
      })
    }
    child.on('error', reject).on('close', (code) => {
      const [, stdout = '', stderr, kilobytes] = texts
      if (code === 0) resolve({ ...JSON.parse(stdout), megabytes: Number(kilobytes) / 1024 })
      else reject(new Error(`${args.join(' ')}: exit ${code}\n${stderr}`))
    })
  })
}

await alone(import.meta.url, generateSources)
