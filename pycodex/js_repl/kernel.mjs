// The kernel of js_repl: runs cells one after the other in one realm and keeps what they declare. A line of JSON comes
// in for each cell and goes out for its end; what a cell wants from outside (a tool, an image shown) goes the same way.
//
// A cell is a module. The names that earlier ones declared stand at its beginning with the values they had: what a
// cell changes is seen by the next, not by functions of those before (captured: js_repl/bindings).

import { AsyncLocalStorage } from "node:async_hooks";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { inspect } from "node:util";
import vm from "node:vm";

import { codex } from "./codex.mjs";
import { loader } from "./loading.mjs";
import { rewrite } from "./rewriting.mjs";

const running = new AsyncLocalStorage();
const waiting = new Map();
const cwd = process.cwd();
const tmpDir = process.env.CODEX_JS_TMP_DIR || cwd;
let names = new Map(); // what has been declared, and how
let values = {};
let cells = 0;
let current = null;

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const ask = (message) =>
  new Promise((resolve, reject) => {
    waiting.set(message.id, { resolve, reject });
    say(message);
  });

const realm = vm.createContext({});
Object.assign(realm, {
  globalThis: realm, global: realm, Buffer, console, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController,
  AbortSignal, structuredClone, fetch, Headers, Request, Response, performance, crypto, setTimeout, clearTimeout,
  setInterval, clearInterval, queueMicrotask, setImmediate, clearImmediate,
  atob: (text) => Buffer.from(text, "base64").toString("binary"),
  btoa: (text) => Buffer.from(text, "binary").toString("base64"),
});
const load = loader(realm, cwd);
const helpers = codex({ cwd, homeDir: process.env.HOME ?? null, tmpDir, running, ask });

const words = (args) =>
  args.map((arg) => (typeof arg === "string" ? arg : inspect(arg, { depth: 4, colors: false }))).join(" ");
const told = (error) => (error && error.message ? error.message : String(error));

async function run(id, source) {
  const cell = { id, tasks: new Set() };
  const lines = [];
  const write = (...args) => void lines.push(words(args));
  const reached = new Set();
  let module;
  let begun = false;
  let declared = new Map();
  const before = realm.console;
  load.forget();
  try {
    const made = rewrite(source, names);
    declared = made.declared;
    Object.assign(realm, { codex: helpers, tmpDir });
    realm.console = { ...before, log: write, info: write, warn: write, error: write, debug: write };
    await running.run(cell, async () => {
      const identifier = path.join(cwd, `.codex_js_repl_cell_${cells++}.mjs`);
      module = new vm.SourceTextModule(made.source, {
        context: realm,
        identifier,
        initializeImportMeta: (meta) => load.describe(meta, identifier, true),
        importModuleDynamically: (specifier, referrer) => load.dynamic(specifier, referrer?.identifier),
      });
      const hooks = { begin: () => void (begun = true), reach: (...found) => found.forEach((name) => reached.add(name)) };
      const given = { [made.hooks]: hooks, "@prev": values };
      await module.link((specifier) => {
        const exports = given[specifier];
        if (!exports) {
          throw new Error(
            `Top-level static import "${specifier}" is not supported in js_repl. Use await import("${specifier}") instead.`,
          );
        }
        return load.synthetic(exports);
      });
      await module.evaluate();
      const results = await Promise.all(cell.tasks);
      const failed = results.find(({ error, seen }) => error && !seen());
      if (failed) throw failed.error.value;
    });
    keep(module, declared, () => true);
    return { id, output: lines.join("\n") };
  } catch (error) {
    if (begun) keep(module, declared, (name, kind, value) => reached.has(name) || (kind === "lexical" ? true : value !== undefined && kind === "var"));
    return { id, error: told(error) };
  } finally {
    realm.console = before;
  }
}

// Takes over the values of the names that a cell declared, as far as they came to be.
function keep(module, declared, counts) {
  const next = {};
  for (const [name, how] of new Map([...names, ...declared])) {
    const own = declared.has(name);
    try {
      const value = module.namespace[name];
      if (own && !counts(name, how.kind, value)) continue;
      next[name] = value;
      names.set(name, how);
    } catch {
      // It was never initialised.
    }
  }
  for (const name of names.keys()) if (!(name in next)) names.delete(name);
  values = next;
}

function die(kind, error) {
  if (current) {
    const reason = `js_repl kernel ${kind}: ${error?.message ? String(error.message) : String(error)}; kernel reset. Catch or handle async errors (including Promise rejections and EventEmitter 'error' events) to avoid kernel termination.`;
    fs.writeSync(1, `${JSON.stringify({ type: "end", id: current, error: reason })}\n`);
  }
  process.exit(1);
}
process.on("uncaughtException", (error) => die("uncaught exception", error));
process.on("unhandledRejection", (error) => die("unhandled rejection", error));

let queue = Promise.resolve();
createInterface({ input: process.stdin, crlfDelay: Infinity })
  .on("line", (line) => {
    const { type, id, source, value, error } = JSON.parse(line);
    if (type === "run") {
      queue = queue.then(async () => {
        current = id;
        const ended = await run(id, source);
        current = null;
        say({ type: "end", ...ended });
      });
    } else {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) resolve(value);
      else reject(new Error(error));
    }
  })
  .on("close", () => process.exit(0));
