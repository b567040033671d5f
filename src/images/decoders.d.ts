// What decoders made for browsers need, as far as we use it, and one that has no types.

declare class ImageData {
  constructor(data: Uint8ClampedArray, width: number, height: number)
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

declare namespace WebAssembly {
  class Module {
    private readonly compiled: unknown
  }
  function compile(bytes: Uint8Array): Promise<Module>
}

declare module 'omggif' {
  export class GifReader {
    constructor(bytes: Uint8Array)
    readonly width: number
    readonly height: number
    frameInfo(frame: number): {
      x: number
      y: number
      width: number
      height: number
      data_offset: number
    }
    decodeAndBlitFrameRGBA(frame: number, pixels: Uint8ClampedArray): void
  }
}
