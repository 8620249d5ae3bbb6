// What cells of js_repl may import, and how files become modules of their realm (captured: js_repl/imports).

import fs from "node:fs";
import { builtinModules, createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";

const DENIED = ["process", "child_process", "worker_threads"];
const BUILTIN = new Set(builtinModules);
const MISSING = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"];

const unsupported = (specifier, why) => new Error(`Unsupported import specifier "${specifier}" in js_repl. ${why}`);
const isUrl = (specifier) => specifier.startsWith("file:") && URL.canParse(specifier);
const isPath = (specifier) => specifier.trim() === specifier && (/^\.{0,2}[\\/]/.test(specifier) || isUrl(specifier));
const isName = (specifier) =>
  specifier !== "" && specifier.trim() === specifier && !/^[\\/]|^\.{1,2}\/|^[a-z][a-z\d+.-]*:|\\/i.test(specifier);

function file(specifier, from) {
  const failed = (verb, error) =>
    error?.code === "ENOENT"
      ? new Error(`Module not found: ${specifier}`)
      : new Error(`Failed to ${verb} module "${specifier}": ${error.message}`);
  let found;
  try {
    const base = from && path.isAbsolute(from) ? path.dirname(from) : process.cwd();
    found = fs.realpathSync.native(isUrl(specifier) ? fileURLToPath(specifier) : path.resolve(base, specifier));
  } catch (error) {
    throw failed("resolve", error);
  }
  if (!fs.statSync(found).isFile()) throw unsupported(specifier, "Directory imports are not supported.");
  if (![".js", ".mjs"].includes(path.extname(found).toLowerCase())) {
    throw unsupported(specifier, "Only .js and .mjs files are supported.");
  }
  return found;
}

export function loader(context, cwd) {
  const folders = (process.env.CODEX_JS_REPL_NODE_MODULE_DIRS ?? "").split(path.delimiter).filter((one) => one.trim());
  const bases = new Set([
    ...folders.map((one) => path.resolve(one.trim())).map((one) => (path.basename(one) === "node_modules" ? path.dirname(one) : one)),
    cwd,
  ]);
  const files = new Map();
  const runs = new Map();

  function installed(name) {
    let problem;
    for (const base of bases) {
      try {
        const found = createRequire(path.join(base, "cell.cjs")).resolve(name, { conditions: new Set(["node", "import"]) });
        const inside = path.relative(path.join(fs.realpathSync.native(base), "node_modules"), fs.realpathSync.native(found));
        if (inside && !inside.startsWith("..") && !path.isAbsolute(inside)) return found;
      } catch (error) {
        if (!MISSING.includes(error?.code)) problem ??= error;
      }
    }
    throw problem ?? new Error(`Module not found: ${name}`);
  }

  // What a specifier stands for: a file of this realm, or something of Node's.
  function resolved(specifier, from) {
    const name = specifier.replace(/^node:/, "");
    if (specifier.startsWith("node:") || BUILTIN.has(specifier)) {
      if (DENIED.includes(name)) throw new Error(`Importing module "${specifier}" is not allowed in js_repl`);
      return { native: `node:${name}`, told: `node:${name}` };
    }
    if (isPath(specifier)) {
      const found = file(specifier, from);
      return { file: found, told: pathToFileURL(found).href };
    }
    if (isName(specifier)) return { native: pathToFileURL(installed(specifier)).href, told: specifier };
    const why = 'Use a package name like "lodash" or "@scope/pkg", or a relative/absolute/file:// .js/.mjs path.';
    throw unsupported(specifier, why);
  }

  function describe(meta, identifier, main) {
    Object.assign(meta, {
      url: pathToFileURL(identifier).href,
      filename: identifier,
      dirname: path.dirname(identifier),
      main,
      resolve: (specifier) => resolved(specifier, identifier).told,
    });
  }

  async function linked(found) {
    let module = files.get(found);
    if (!module) {
      module = new vm.SourceTextModule(fs.readFileSync(found, "utf8"), {
        context,
        identifier: found,
        initializeImportMeta: (meta) => describe(meta, found, false),
        importModuleDynamically: (specifier, referrer) => dynamic(specifier, referrer?.identifier),
      });
      files.set(found, module);
    }
    if (module.status === "unlinked") {
      await module.link((specifier, { identifier }) => {
        const other = resolved(specifier, identifier).file;
        if (other) return linked(other);
        throw new Error(
          `Static import "${specifier}" is not supported from js_repl local files. Use await import("${specifier}") instead.`,
        );
      });
    }
    return module;
  }

  async function dynamic(specifier, from) {
    const { native, file: found } = resolved(specifier, from);
    if (native) return import(native);
    const module = await linked(found);
    if (!runs.has(found)) runs.set(found, module.evaluate());
    await runs.get(found);
    return module.namespace;
  }

  const synthetic = (exports) =>
    new vm.SyntheticModule(
      Object.keys(exports),
      function () {
        for (const [name, value] of Object.entries(exports)) this.setExport(name, value);
      },
      { context },
    );

  // Files are read anew by each cell.
  const forget = () => [files, runs].forEach((each) => each.clear());
  return { describe, dynamic, synthetic, forget };
}
