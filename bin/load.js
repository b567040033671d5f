import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

/**
 * Runs a CommonJS bundle that is compiled once and then kept beside its source: compiling is half of what a short command
 * does. Where the folder cannot be written to, or what was kept is of another build or another Node, it is compiled
 * again. (From Node 22.1 on there is module.enableCompileCache for that.)
 *
 * @param {string} file the bundle; for a dynamic import it calls `load`
 * @param {string} build which build it is: V8 itself looks only at the length of a source
 * @returns {{ exports: any, keep: () => void }} what the bundle exports; `keep` keeps what had to be compiled
 */
export function run(file, build) {
  const code = `(function(exports,require,module,__filename,__dirname,load){${readFileSync(file, 'utf8')}\n})`
  const kept = `${file}.${build}-${process.version}-${process.arch}`
  const script = compiled(code, file, readIfThere(kept))
  const module = { exports: {} }
  const load = (/** @type {string} */ name) => import(name)
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file), load)

  return {
    exports: module.exports,
    keep() {
      if (script.cachedDataRejected === false) return
      try {
        writeFileSync(`${kept}.${process.pid}`, script.createCachedData())
        renameSync(`${kept}.${process.pid}`, kept)
      } catch {
        // somebody else's folder, or a full disk
      }
    },
  }
}

/**
 * @param {string} code
 * @param {string} filename
 * @param {Buffer | undefined} cachedData
 */
function compiled(code, filename, cachedData) {
  const script = cachedData && new Script(code, { filename, cachedData })
  if (script && !script.cachedDataRejected) return script
  // all functions, and not just those that the command of today calls
  setFlagsFromString('--no-lazy')
  const whole = new Script(code, { filename })
  setFlagsFromString('--lazy')
  return whole
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
