declare module 'node-sqlite3-wasm' {
  type Value = string | number | bigint | Uint8Array | null
  interface Statement {
    iterate(values?: Value[]): IterableIterator<Record<string, Value>>
    run(values?: Value[]): unknown
    finalize(): void
    readonly isFinalized: boolean
  }
  export class Database {
    constructor(file: string, options?: { fileMustExist?: boolean; readOnly?: boolean })
    exec(sql: string): void
    run(sql: string, values?: Value[]): unknown
    get(sql: string, values?: Value[]): Record<string, Value> | null
    prepare(sql: string): Statement
    close(): void
    readonly isOpen: boolean
  }
}
