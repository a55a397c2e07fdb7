// Proof files of `comity log prove` and of the log's pages, checked step by step as `comity log check` does it (comity/ledger/proof.py).

import { Broken, canonical, hex, readBase64, readUtf8, same, sha256, utf8 } from "./bytes.js";
import { climb, leafHash } from "./merkle.js";
import { readCheckpoint, readKey, readNote, signed } from "./note.js";

const SALT = 16;
const ENTRY = utf8("comity/entry/v1:");
const OBJECT = utf8("comity/object/v1:");

/** The fields of a proof in the order in which they are written. */
const ENTRY_FIELDS = ["index", "salt", "entry", "path", "checkpoint"];
const OBJECT_FIELDS = ["object", "salt", "position", "path", "log"];

function opened(said, names) {
  const right = said && typeof said === "object" && !Array.isArray(said) && Object.keys(said).join() === names.join();
  if (!right) throw new Broken("not a proof");
  return Object.fromEntries(names.map((name) => [name, field(name, said[name])]));
}

function field(name, value) {
  if (name === "log") return opened(value, ENTRY_FIELDS);
  if (name === "index" || name === "position") {
    if (!Number.isSafeInteger(value) || value < 0) throw new Broken(`not a proof: its ${name} is no number`);
    return value;
  }
  if (name === "path") return Array.isArray(value) ? value.map((part) => field("hash", part)) : field("hash", null);
  if (typeof value !== "string") throw new Broken("not a proof");
  return readBase64(value);
}

/** A proof file: that an entry is in a log, or, with `object`, that an object was part of an entry. Throws Broken. */
export function readProof(bytes) {
  const text = readUtf8(bytes);
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Broken("not a proof: not JSON");
  }
  // Written again it must be the same to the byte: no space, no field twice, no escape that need not be.
  if (`${JSON.stringify(said)}\n` !== text) throw new Broken("not a proof: it differs from what its own contents would be written as");
  return said && "log" in said ? opened(said, OBJECT_FIELDS) : { log: opened(said, ENTRY_FIELDS) };
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
    const { log } = proof;
    step("form", "yes");

    at = "signature";
    const note = readNote(log.checkpoint);
    const valid = await signed(note, await readKey(key));
    if (valid === false) throw new Broken("the checkpoint's signature is wrong");
    const checkpoint = readCheckpoint(note.text);
    step("signature", valid === null ? "unknown" : "yes");

    at = "entry";
    const said = readUtf8(log.entry);
    const entry = JSON.parse(said);
    if (canonical(entry) !== said || log.salt.length !== SALT) throw new Broken("the entry is not in canonical form");
    const leaf = await leafHash(await sha256(ENTRY, log.salt, log.entry));
    step("entry", "yes");

    at = "path";
    const results = await climb(leaf, log.index, checkpoint.size, log.path);
    if (!same(results.at(-1) ?? leaf, checkpoint.root)) throw new Broken("the path does not lead to the root");
    step("path", "yes");

    if (proof.object) {
      at = "object";
      if (!/^[0-9a-f]{64}$/.test(entry.root) || proof.salt.length !== SALT) throw new Broken("the entry has no objects");
      const object = await leafHash(await sha256(OBJECT, proof.salt, proof.object));
      const up = await climb(object, proof.position, entry.count, proof.path);
      if (hex(up.at(-1) ?? object) !== entry.root) throw new Broken("the object is not part of the entry");
      step("object", "yes");
    }
    return {
      index: log.index,
      entry: said,
      salt: hex(log.salt),
      leaf: hex(leaf),
      results: results.map(hex),
      path: log.path.map(hex),
      root: hex(checkpoint.root),
      size: checkpoint.size,
      origin: checkpoint.origin,
      checkpoint: readUtf8(log.checkpoint),
      object: proof.object ? hex(proof.object) : null,
      signed: valid === true,
    };
  } catch {
    step(at, "no");
    return null;
  }
}
