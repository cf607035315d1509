/** The source address of a slot, as an option of net.connect: the addresses are taken in turn; none leaves it to the system. */
export function localAddressOf(addresses: readonly string[], slot: number): { localAddress?: string } {
  const localAddress = addresses[slot % addresses.length];
  return localAddress === undefined ? {} : { localAddress };
}
