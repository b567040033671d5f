#!/usr/bin/env node
import { main, processWorld } from '../dist/main.js'

// A reader that has had enough, such as `head`, is no error. Commands notice by their own writes.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

process.exitCode = await main(process.argv.slice(2), processWorld())
