/** The port for secrets at rest: AES-256-GCM under a named key, bound to the record and field that it stands in. */

/** An encrypted value as it is stored. */
export interface Sealed {
  /** Ciphertext with its 16-byte tag at the end, base64. */
  readonly ct: string;
  /** 12-byte nonce, base64. */
  readonly iv: string;
  /** Id of the key that sealed it. */
  readonly kid: string;
}

export interface Cipher {
  /**
   * Encrypts under the active key.
   * @param binding record id and field, e.g. `['integration:5f…', 'authentication']`: additional data, so that a value copied elsewhere does not open
   */
  seal(plaintext: string, binding: readonly string[]): Sealed;
  /**
   * Decrypts.
   * @throws EverbearerError `key_unknown` where the key id is not in the key file; `configuration_missing` where the tag does not fit
   */
  open(sealed: Sealed, binding: readonly string[]): string;
  /**
   * A keyed fingerprint (HMAC-SHA-256, base64url, first 16 bytes) of values that must be compared but not stored.
   * The parts are length-prefixed, so `['a','bc']` and `['ab','c']` differ.
   */
  fingerprint(parts: readonly string[]): string;
}
