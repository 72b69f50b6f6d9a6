declare module 'swagger-client' {
  /** The part that the differential test and the benches use; the package has no types of its own. */
  const SwaggerClient: {
    buildRequest(options: Readonly<Record<string, unknown>>): unknown;
    execute(options: Readonly<Record<string, unknown>>): Promise<{ readonly body: unknown }>;
    resolve(options: Readonly<Record<string, unknown>>): Promise<{ readonly spec: unknown }>;
  };
  // eslint-disable-next-line no-restricted-syntax -- how the package exports it
  export default SwaggerClient;
}
