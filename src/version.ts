/** The package's version; a test holds it to `package.json`, which no program can import both from the sources and from the build. */
export const VERSION = '0.1.0';
