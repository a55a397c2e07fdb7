// The path from a leaf to the root of an RFC 6962 tree, by the algorithm of RFC 9162 section 2.1.3.2.

import { Broken, joined, sha256 } from "./bytes.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The hash of a leaf with these contents. */
export const leafHash = (data) => sha256(LEAF, data);

/** Every hash on the way from a leaf up, the last one the root that the path leads to. Throws Broken for a path of the wrong length. */
export async function climb(leaf, index, size, path) {
  if (!(index >= 0 && index < size)) throw new Broken("no such leaf in a tree of this size");
  // Numbers of JavaScript are exact up to 2^53, and have no shifts beyond 2^31: halves instead.
  const half = (number) => Math.floor(number / 2);
  const odd = (number) => number % 2 === 1;
  const results = [];
  let [node, last, running] = [index, size - 1, leaf];
  for (const part of path) {
    if (part.length !== 32) throw new Broken("a hash of the path has a wrong length");
    if (last === 0) throw new Broken("the path is too long");
    if (odd(node) || node === last) {
      running = await sha256(joined(NODE, part, running));
      while (!odd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      running = await sha256(joined(NODE, running, part));
    }
    [node, last] = [half(node), half(last)];
    results.push(running);
  }
  if (last !== 0) throw new Broken("the path is too short");
  return results;
}
