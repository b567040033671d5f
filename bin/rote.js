#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { run } from './load.js'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const { exports: rote, keep } = run(`${dist}/main.cjs`, readFileSync(`${dist}/build-id`, 'utf8'))

// A reader that has had enough, such as `head`, is no error. Commands notice by their own writes.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

process.exitCode = await rote.main(process.argv.slice(2), rote.processWorld())
keep()
// a connection to a server that hangs would keep the process; all output has been written by now
if (process.exitCode === 130) process.exit()
