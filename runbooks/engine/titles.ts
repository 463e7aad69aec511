/** `contain` as its heading reads: `Contain`. */
export function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
