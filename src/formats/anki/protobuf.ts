/** Fields of a protobuf message by number; a number for a varint, bytes for the rest that has a length. */
export type Message = Map<number, (number | Uint8Array)[]>

/**
 * The fields of a message in protobuf's wire format, https://protobuf.dev/programming-guides/encoding. Fixed-width fields,
 * which nothing here asks for, are passed over. Throws a RangeError for bytes that are no message.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const message: Message = new Map()
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('not a protobuf message')
  }
  const skip = (length: number) => {
    at += length
    if (at > bytes.length) throw new RangeError('not a protobuf message')
  }
  while (at < bytes.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    const values = message.get(field) ?? []
    message.set(field, values)
    switch (tag % 8) {
      case 0:
        values.push(varint())
        break
      case 1:
        skip(8)
        break
      case 2: {
        const length = varint()
        skip(length)
        values.push(bytes.subarray(at - length, at))
        break
      }
      case 5:
        skip(4)
        break
      default:
        throw new RangeError('not a protobuf message')
    }
  }
  return message
}

/** The last varint of a field, as protobuf has it; 0 when there is none. */
export function numberIn(message: Message, field: number): number {
  const value = message.get(field)?.at(-1)
  return typeof value === 'number' ? value : 0
}

/** The last string of a field; empty when there is none. */
export function textIn(message: Message, field: number): string {
  const value = message.get(field)?.at(-1)
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : ''
}
