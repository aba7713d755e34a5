// Checks a proof in the reader's own browser: the same as "python -m ledger verify-proof". The bytes
// of a record, the tree of RFC 6962 and the chain of seals are described in ledger/seals/proofs.py.
const FORMAT = "ledger-proof-2";
const FORMAT_1 = "ledger-proof-1";
const HASH = /^[0-9a-f]{64}$/;

class ProofError extends Error {}

// What a proof has: every field, no other, each of its type. A "?" means that it may be null.
const HOLD = { source: "text", target: "text", minutes: "number", expires: "number?" };
const PART = {
  hold: "number", part: "number", settled: "number", remaining: "number", state: "text", expires: "number?",
};
const ENTRY = {
  line: "number", account: "text", amount: "number", version: "number", balance: "number", recorded: "number",
};
const ACCOUNT = {
  account: "text", status: "text", name: "text", floor: "number?", ceiling: "number?", soft_floor: "number?",
  soft_ceiling: "number?", version: "number", opened: "number?",
};
const PERIOD = { ends_on: "text", closed: "number" };
const RECORD = {
  id: "number", key: "text", digest: "text", action: "text", kind: "text", memo: "text", effective: "text",
  recorded: "number", actor: "text", reference: "text", entry_count: "number?", reverses: "number?",
  override_actor: "text?", override_reason: "text?", hold: [HOLD, "?"], part: [PART, "?"],
  entries: [[ENTRY]], account: [ACCOUNT, "?"], period: [PERIOD, "?"],
};
const SEAL = { number: "number", previous: "text", size: "number", root: "text", horizon: "number", sealed: "number" };
const PROOF = { transaction: RECORD, position: "number", path: [["text"]], seal: SEAL };

function checkShape(shape, value, name) {
  if (Array.isArray(shape)) {
    const [inner, mayBeNull] = shape;
    if (mayBeNull === "?") {
      if (value !== null) checkShape(inner, value, name);
    } else {
      if (!Array.isArray(value)) throw new ProofError(`“${name}” is not a list.`);
      for (const item of value) checkShape(inner[0], item, name);
    }
  } else if (typeof shape === "object") {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    const names = Object.keys(shape);
    if (!isObject || Object.keys(value).length !== names.length || !names.every((one) => Object.hasOwn(value, one))) {
      throw new ProofError(`“${name}” does not have the fields that belong there.`);
    }
    for (const one of names) checkShape(shape[one], value[one], one);
  } else {
    if (value === null && shape.endsWith("?")) return;
    if (shape.startsWith("number") && !Number.isSafeInteger(value)) {
      throw new ProofError(`“${name}” is not a whole number.`);
    }
    if (shape.startsWith("text") && typeof value !== "string") throw new ProofError(`“${name}” is not a text.`);
    if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new ProofError(`“${name}” is not a whole text.`);
  }
}

function readProof(text) {
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    throw new ProofError("This file cannot be read. Choose the file with the name proof-….json as it was downloaded.");
  }
  const form = typeof content === "object" && content !== null ? content.format : undefined;
  if (form !== FORMAT && form !== FORMAT_1) {
    throw new ProofError("This file is not a proof. Choose the file that was downloaded from the page of a transaction.");
  }
  const { format, seal_hash: named, ...proof } = content;
  if (form === FORMAT_1 && typeof proof.transaction === "object" && proof.transaction !== null) {
    proof.transaction = { ...proof.transaction, account: null, period: null };
  }
  checkShape(PROOF, proof, "the proof");
  return { proof, named };
}

const encoder = new TextEncoder();

function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

// A field after its length; nothing at all has a length that no field has.
function framed(field) {
  if (field === null) return Uint8Array.of(255, 255, 255, 255);
  const data = field instanceof Uint8Array ? field : encoder.encode(String(field));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, data.length);
  return joined([length, data]);
}

function fromHex(text) {
  if (!HASH.test(text)) throw new ProofError(`“${text.slice(0, 80)}” is not a SHA-256 in lower-case hexadecimal.`);
  return Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(parts)));
}

const node = (left, right) => sha256(Uint8Array.of(1), left, right);

function fieldsOf(record) {
  const fields = [record.id, record.key, fromHex(record.digest), record.action, record.kind, record.memo];
  fields.push(record.effective, record.recorded, record.actor, record.reference, record.entry_count);
  fields.push(record.reverses, record.override_actor, record.override_reason);
  const { hold, part, account, period } = record;
  if (hold) fields.push("hold", hold.source, hold.target, hold.minutes, hold.expires);
  else fields.push(null);
  if (part) fields.push("part", part.hold, part.part, part.settled, part.remaining, part.state, part.expires);
  else fields.push(null);
  fields.push(record.entries.length);
  for (const one of record.entries) {
    fields.push(one.line, one.account, one.amount, one.version, one.balance, one.recorded);
  }
  if (account) {
    fields.push("account", account.account, account.status, account.name, account.floor, account.ceiling);
    fields.push(account.soft_floor, account.soft_ceiling, account.version, account.opened);
  }
  if (period) fields.push("period", period.ends_on, period.closed);
  return fields;
}

function leafOf(record) {
  const version = record.account === null && record.period === null ? 1 : 2;
  return sha256(Uint8Array.of(0, version), ...fieldsOf(record).map(framed));
}

function fingerprintOf(seal) {
  const fields = [fromHex(seal.previous), seal.number, seal.size, fromHex(seal.root), seal.horizon, seal.sealed];
  return sha256(Uint8Array.of(2, 1), ...fields.map(framed));
}

async function rootFrom(leaf, position, size, path) {
  if (position < 0 || position >= size) throw new ProofError("The position of the record lies outside the seal.");
  let [root, here, last] = [leaf, position, size - 1];
  for (const beside of path) {
    if (last === 0) throw new ProofError("The path in the file is longer than the seal allows.");
    if (here % 2 === 1 || here === last) {
      root = await node(beside, root);
      while (here % 2 === 0 && here > 0) [here, last] = [Math.floor(here / 2), Math.floor(last / 2)];
    } else {
      root = await node(root, beside);
    }
    [here, last] = [Math.floor(here / 2), Math.floor(last / 2)];
  }
  if (last) throw new ProofError("The path in the file is shorter than the seal needs.");
  return root;
}

// Checks the text of a proof, against a fingerprint if one is given; throws ProofError with the reason.
async function checkProof(text, given) {
  const { proof, named } = readProof(text);
  const { transaction: record, seal } = proof;
  const fingerprint = toHex(await fingerprintOf(seal));
  if (fingerprint !== named) {
    throw new ProofError("The seal in the file was altered: its facts do not give the fingerprint that it names.");
  }
  const root = await rootFrom(await leafOf(record), proof.position, seal.size, proof.path.map(fromHex));
  if (toHex(root) !== seal.root) {
    throw new ProofError("The record in the file is not what was sealed: it does not lead to the seal.");
  }
  if (given && !HASH.test(given)) {
    throw new ProofError("That is not a fingerprint. It has 64 figures and letters from a to f; copy it whole.");
  }
  if (given && given !== fingerprint) {
    throw new ProofError(
      `The file belongs to a seal with the fingerprint ${fingerprint}, which is not the one you gave. Check that you`
      + ` compare with seal ${seal.number}. If you do, this record was not sealed by the network whose fingerprint you keep.`,
    );
  }
  return { record, seal, fingerprint, position: proof.position };
}

function instant(microseconds) {
  return new Date(microseconds / 1000).toISOString().replace("T", " ").slice(0, 19) + " UTC";
}

function factsOf({ record, seal, fingerprint, position }) {
  const facts = [
    ["Record", `No ${record.id}, ${record.action} (${record.kind})${record.memo ? `: ${record.memo}` : ""}`],
    ["Date", record.effective],
    ["Recorded", instant(record.recorded)],
    ["By", record.actor],
    ["Reference", record.reference],
  ];
  for (const one of record.entries) {
    facts.push([one.account, `${one.amount > 0 ? "+" : ""}${one.amount} minutes, balance ${one.balance} minutes`]);
  }
  if (record.hold) facts.push(["Held", `${record.hold.minutes} minutes of ${record.hold.source} for ${record.hold.target}`]);
  if (record.reverses !== null) facts.push(["Reverses", `No ${record.reverses}`]);
  if (record.account) facts.push(["Account", `${record.account.account} is ${record.account.status}`]);
  if (record.period) facts.push(["Books closed through", record.period.ends_on]);
  facts.push(["Seal", `No ${seal.number} of ${instant(seal.sealed)}; this is record ${position + 1} of ${seal.size} in it`]);
  facts.push(["Fingerprint", fingerprint]);
  return facts.filter(([, value]) => value !== "");
}

function show(result, isProven, words, facts) {
  const box = document.createElement("div");
  box.className = isProven ? result.dataset.proven : result.dataset.refused;
  const title = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = words[0];
  title.append(strong, ` ${words[1]}`);
  const list = document.createElement("dl");
  list.className = "facts";
  for (const [term, value] of facts) {
    const row = document.createElement("div");
    const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
    [dt.textContent, dd.textContent] = [term, value];
    row.append(dt, dd);
    list.append(row);
  }
  box.append(title, ...(facts.length ? [list] : []));
  result.replaceChildren(box);
}

function start() {
  const result = document.getElementById("proof-result");
  const note = document.getElementById("proof-without-script");
  if (!globalThis.crypto?.subtle) {
    const words = "This page was opened without https, where browsers do not work out SHA-256. Open it by https, or use the command below.";
    show(result, false, ["Not possible here.", words], []);
    return;
  }
  note.textContent = "The same check is a command, which needs Python, this project’s folder “ledger”, and no network:";
  document.getElementById("check-proof").hidden = false;
  const [file, seal] = [document.getElementById("proof-file"), document.getElementById("proof-seal")];
  document.getElementById("proof-check").addEventListener("click", async () => {
    if (!file.files.length) {
      show(result, false, ["Nothing to check.", "Choose the file with the proof first."], []);
      return;
    }
    const given = seal.value.trim().toLowerCase();
    try {
      const outcome = await checkProof(await file.files[0].text(), given);
      const words = given
        ? ["Proven.", "The record is exactly what was sealed, and the fingerprint is the one you gave."]
        : ["The file fits together.", "Compare the fingerprint below with the one that you keep elsewhere; only then is it a proof."];
      show(result, true, words, factsOf(outcome));
    } catch (error) {
      const reason = error instanceof ProofError ? error.message : "This file cannot be read as a proof.";
      show(result, false, ["This proves nothing.", reason], []);
    }
  });
}

start();
