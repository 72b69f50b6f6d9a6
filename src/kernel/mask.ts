/** How a secret is shown: the last four characters of one of 12 or more, nothing of a shorter one. */
export function mask(secret: string): string {
  return secret.length >= 12 ? `…${secret.slice(-4)}` : '…';
}
