/** The port for what an exchange signs: assertions, signed tickets, hashed secrets. Only `io/signer.ts` knows how. */

export type SignatureAlgorithm = 'RS256' | 'RS512' | 'PS256' | 'ES256' | 'HS256';

export interface Signer {
  /** SHA-256 of the text's UTF-8 bytes. */
  sha256(text: string): Uint8Array;
  /**
   * Signs as JWA says (RFC 7518 §3).
   * @param key PEM, or `<RSAKeyValue>` XML, of a private key; for HS256 the secret itself
   * @throws EverbearerError `configuration_missing` where the key can't be read or does not fit the algorithm
   */
  sign(algorithm: SignatureAlgorithm, key: string, text: string): Uint8Array;
}
