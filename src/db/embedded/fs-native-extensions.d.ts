declare module 'fs-native-extensions' {
  const native: {
    /** True when the lock on the whole file was granted, false when another descriptor has it. */
    tryLock(descriptor: number): boolean
  }
  export default native
}
