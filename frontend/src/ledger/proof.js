// Proof files of `comity log prove` and of the log's pages, checked step by step as `comity log check` does it (comity/ledger/proof.py).

import { Broken, canonical, hex, readBase64, readUtf8, same, sha256, utf8 } from "./bytes.js";
import { climb, leafHash } from "./merkle.js";
import { readCheckpoint, readKey, readNote, signed } from "./note.js";

const SALT = 16;
const ENTRY = utf8("comity/entry/v1:");
const OBJECT = utf8("comity/object/v1:");

const FIRST = "c2sp.org/tlog-proof@v1";

/** The fields of what opens a leaf, and of what opens an object's place in its batch, in the order in which they are written. */
const ENTRY_FIELDS = ["salt", "entry"];
const OBJECT_FIELDS = ["hash", "salt", "position", "path"];

function opened(said, names) {
  const right = said && typeof said === "object" && !Array.isArray(said) && Object.keys(said).join() === names.join();
  if (!right) throw new Broken("not a proof");
  return Object.fromEntries(names.map((name) => [name, field(name, said[name])]));
}

function field(name, value) {
  if (name === "object") return opened(value, OBJECT_FIELDS);
  if (name === "position") {
    if (!Number.isSafeInteger(value) || value < 0) throw new Broken("not a proof: its position is no number");
    return value;
  }
  if (name === "path") return Array.isArray(value) ? value.map((part) => field("hash", part)) : field("hash", null);
  if (typeof value !== "string") throw new Broken("not a proof");
  return readBase64(value);
}

/** A proof file (C2SP tlog-proof): that an entry is in a log, or, with `object`, that an object was part of an entry. Throws Broken. */
export function readProof(bytes) {
  const text = readUtf8(bytes);
  const cut = text.indexOf("\n\n");
  const [first, extra, index, ...path] = text.slice(0, Math.max(cut, 0)).split("\n");
  const number = /^index (0|[1-9][0-9]{0,15})$/.exec(index ?? "")?.[1];
  if (first !== FIRST || !extra?.startsWith("extra ") || number === undefined || path.length > 63) throw new Broken("not a proof");
  const json = readUtf8(readBase64(extra.slice("extra ".length)));
  let said;
  try {
    said = JSON.parse(json);
  } catch {
    throw new Broken("not a proof: not JSON");
  }
  // Written again it must be the same to the byte: no space, no field twice, no escape that need not be.
  if (JSON.stringify(said) !== json) throw new Broken("not a proof: it differs from what its own contents would be written as");
  const names = said && "object" in said ? [...ENTRY_FIELDS, "object"] : ENTRY_FIELDS;
  return { ...opened(said, names), index: Number(number), path: path.map(readBase64), checkpoint: utf8(text.slice(cut + 2)) };
}

/**
 * Check a proof file against a log's key. `step(name, outcome)` is told each step as it is done: `form`, `signature`, `entry`, `path`, and
 * for an object `object`; the outcome is "yes", "no", or for a signature that this browser cannot check "unknown". Gives what was worked
 * out, or null as soon as a step fails.
 */
export async function verify(bytes, key, step) {
  let at = "form";
  try {
    const proof = readProof(bytes);
    step("form", "yes");

    at = "signature";
    const note = readNote(proof.checkpoint);
    const valid = await signed(note, await readKey(key));
    if (valid === false) throw new Broken("the checkpoint's signature is wrong");
    const checkpoint = readCheckpoint(note.text);
    step("signature", valid === null ? "unknown" : "yes");

    at = "entry";
    const said = readUtf8(proof.entry);
    const entry = JSON.parse(said);
    if (canonical(entry) !== said || proof.salt.length !== SALT) throw new Broken("the entry is not in canonical form");
    const leaf = await leafHash(await sha256(ENTRY, proof.salt, proof.entry));
    step("entry", "yes");

    at = "path";
    const results = await climb(leaf, proof.index, checkpoint.size, proof.path);
    if (!same(results.at(-1) ?? leaf, checkpoint.root)) throw new Broken("the path does not lead to the root");
    step("path", "yes");

    const { object } = proof;
    if (object) {
      at = "object";
      if (!/^[0-9a-f]{64}$/.test(entry.root) || object.salt.length !== SALT) throw new Broken("the entry has no objects");
      const below = await leafHash(await sha256(OBJECT, object.salt, object.hash));
      const up = await climb(below, object.position, entry.count, object.path);
      if (hex(up.at(-1) ?? below) !== entry.root) throw new Broken("the object is not part of the entry");
      step("object", "yes");
    }
    return {
      index: proof.index,
      entry: said,
      salt: hex(proof.salt),
      leaf: hex(leaf),
      results: results.map(hex),
      path: proof.path.map(hex),
      root: hex(checkpoint.root),
      size: checkpoint.size,
      origin: checkpoint.origin,
      checkpoint: readUtf8(proof.checkpoint),
      object: object ? hex(object.hash) : null,
      signed: valid === true,
    };
  } catch {
    step(at, "no");
    return null;
  }
}
