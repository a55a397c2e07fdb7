// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), read as strictly as the node reads them.

import { Broken, base64, hex, joined, readBase64, readUtf8, same, sha256, utf8 } from "./bytes.js";

const DASH = "\u2014 ";
const ED25519 = 1;

/** The key of a log, written `name+8 hex digits+base64`: its name, its id, and the 32 bytes of the public key. Throws Broken. */
export async function readKey(text) {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (!name) throw new Broken("not a key: it reads name+8 hex digits+base64");
  const key = readBase64(encoded);
  const found = (await sha256(utf8(`${name}\n`), key)).slice(0, 4);
  if (key.length !== 33 || key[0] !== ED25519 || hex(found) !== id) throw new Broken("not an Ed25519 key, or its id is another's");
  return { name, id: found, public: key.slice(1) };
}

/** A note's text and its signatures. Throws Broken. */
export function readNote(bytes) {
  const whole = readUtf8(bytes);
  const cut = whole.lastIndexOf("\n\n");
  // eslint-disable-next-line no-control-regex
  if (cut < 1 || !whole.endsWith("\n") || cut + 2 >= whole.length || /[\x00-\x09\x0b-\x1f]/.test(whole)) throw new Broken("not a signed note");
  const signatures = whole
    .slice(cut + 2, -1)
    .split("\n")
    .map((line) => {
      const [, name, encoded] = /^\u2014 ([^\s+]+) (.+)$/.exec(line) ?? [];
      const value = name ? readBase64(encoded) : new Uint8Array();
      if (value.length < 5) throw new Broken("not a signature line");
      return { name, id: value.slice(0, 4), value: value.slice(4) };
    });
  const text = whole.slice(0, cut + 1);
  const again = signatures.map((one) => `${DASH}${one.name} ${base64(joined(one.id, one.value))}\n`).join("");
  if (`${text}\n${again}` !== whole) throw new Broken("not a signed note");
  return { text, signatures };
}

/** Whether a key signed a note: true or false, null where the browser has no Ed25519. Throws Broken where the key's signature is not in it. */
export async function signed(note, key) {
  const mine = note.signatures.filter((one) => one.name === key.name && same(one.id, key.id));
  if (mine.length !== 1) throw new Broken("this key did not sign the checkpoint");
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.public, "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
  return crypto.subtle.verify("Ed25519", imported, mine[0].value, utf8(note.text));
}

/** What a checkpoint says: the log's origin, its size and its root. Throws Broken. */
export function readCheckpoint(text) {
  const lines = text.split("\n");
  const [origin, size, root] = lines;
  if (lines.length < 4 || lines.slice(0, -1).some((line) => !line) || !/^(0|[1-9][0-9]{0,15})$/.test(size)) throw new Broken("not a checkpoint");
  const bytes = readBase64(root);
  if (bytes.length !== 32) throw new Broken("not a checkpoint: its root has a wrong length");
  return { origin, size: Number(size), root: bytes };
}
