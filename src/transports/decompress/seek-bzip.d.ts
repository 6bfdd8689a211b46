declare module 'seek-bzip' {
  /** Typed where it is used: the package has no types of its own. */
  const Bunzip: unknown;
  export default Bunzip;
}
