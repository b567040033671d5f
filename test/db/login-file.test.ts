import { basename, dirname } from 'node:path'
import { expect, test } from 'vitest'
import { loginFile } from '../../src/db/login-file.ts'

const fileOf = (databaseUrl: string | null) => loginFile({ home: '/home/ada/rote', databaseUrl })

test('a database has one file, whoever connects to it and however that is written', () => {
  const same = [
    'postgresql://localhost/rote',
    'postgres://ada:secret@localhost:5432/rote',
    'postgresql://bert@localhost:5432/rote?sslmode=require',
    'postgresql:///rote?host=localhost&port=5432',
    'postgresql://rote@localhost',
  ]
  expect(new Set(same.map(fileOf)).size).toBe(1)
  expect(fileOf(same[1] ?? '')).not.toContain('secret')
})

test('other databases have others, and none is outside its folder', () => {
  const others = [
    null,
    'postgresql://localhost/rote',
    'postgresql://localhost/other',
    'postgresql://localhost:5433/rote',
    'postgresql://elsewhere/rote',
    'postgresql:///rote?host=/run/postgresql',
    'postgresql://localhost/..%2F..%2Frote',
  ].map(fileOf)
  expect(new Set(others).size).toBe(others.length)
  expect(others.filter((path) => dirname(path) !== '/home/ada/rote/logins')).toEqual([])
  expect(others.filter((path) => /[/\\:]/.test(basename(path)))).toEqual([])
})
