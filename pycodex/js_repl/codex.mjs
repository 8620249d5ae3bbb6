// What a cell of js_repl has as `codex`: tools to call, and images to show. Its words are codex-cli's (captured:
// js_repl/images, js_repl/tools).

const plain = (value) => Boolean(value) && typeof value === "object" && !Array.isArray(value);
const fail = (text) => {
  throw new Error(`codex.emitImage ${text}`);
};

const level = (detail) => {
  if (detail == null) return null;
  if (typeof detail !== "string" || !detail) fail("expected detail to be a non-empty string");
  if (detail !== "original") fail('only supports detail "original"; omit detail for default behavior');
  return detail;
};
const checked = (url) => {
  if (typeof url !== "string" || !url) fail("expected a non-empty image_url");
  if (!/^data:/i.test(url)) fail("only accepts data URLs");
  return url;
};
const encoded = (mime, data) => `data:${mime};base64,${data}`;
const item = ({ image_url, detail }) => ({ url: checked(image_url), detail: level(detail) });

// The one image among parts of which none may be a text; `known` turns a part into an image, or says that it is a text.
const single = (parts, known) => {
  const found = parts.map(known);
  if (found.includes("text")) fail("does not accept mixed text and image content");
  if (found.length !== 1) fail("expected exactly one image");
  return found[0];
};
const ofContent = (parts) =>
  single(parts, (part) => {
    if (!plain(part) || typeof part.type !== "string") fail("received malformed content items");
    if (part.type === "input_image") return item(part);
    if (part.type === "input_text" || part.type === "output_text") return "text";
    return fail(`does not support content item type "${part.type}"`);
  });
const ofParts = (parts) => {
  if (Array.isArray(parts)) return ofContent(parts);
  throw new TypeError("Cannot read properties of null (reading 'textCount')"); // codex-cli's own slip
};
const ofText = (text) => single(text ? ["text"] : [], (part) => part);
const ofOutput = (output) => {
  if (typeof output === "string") return ofText(output);
  return Array.isArray(output) ? ofContent(output) : fail("received an unsupported tool output shape");
};
const ofServer = (result) => {
  if (typeof result === "string") return ofText(result);
  if (!plain(result)) fail("received an unsupported MCP result");
  if ("Err" in result) return ofText(typeof result.Err === "string" ? result.Err : "");
  if (!("Ok" in result)) fail("received an unsupported MCP result");
  if (!plain(result.Ok) || !Array.isArray(result.Ok.content)) fail("received malformed MCP content");
  return single(result.Ok.content, (part) => {
    if (!plain(part) || typeof part.type !== "string") fail("received malformed MCP content");
    if (part.type === "text") return "text";
    if (part.type !== "image") fail(`does not support MCP content type "${part.type}"`);
    const { data, mimeType = part.mime_type } = part;
    if (typeof data !== "string" || !data) fail("expected MCP image data");
    const mime = typeof mimeType === "string" && mimeType ? mimeType : "application/octet-stream";
    return { url: /^data:/i.test(data) ? data : encoded(mime, data), detail: null };
  });
};
const ofBytes = ({ bytes, mimeType, detail }) => {
  const view =
    bytes instanceof ArrayBuffer ? new Uint8Array(bytes)
    : ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : fail("expected bytes to be Buffer, Uint8Array, ArrayBuffer, or ArrayBufferView");
  const asked = level(detail);
  if (!view.byteLength) fail("expected non-empty bytes");
  if (typeof mimeType !== "string" || !mimeType) fail("expected a non-empty mimeType");
  return { url: encoded(mimeType, Buffer.from(view).toString("base64")), detail: asked };
};
const OUTPUTS = ["function_call_output", "custom_tool_call_output"];

function image(value) {
  if (typeof value === "string") return { url: checked(value), detail: null };
  if (Array.isArray(value)) return ofContent(value);
  if (!plain(value)) return fail("received an unsupported value");
  if (value.type === "input_image") return item(value);
  if ("bytes" in value) return ofBytes(value);
  if (value.type === "message") return ofParts(value.content);
  if (OUTPUTS.includes(value.type)) return ofOutput(value.output);
  if (value.type === "mcp_tool_call_output") return ofServer(value.result);
  if ("output" in value) return ofOutput(value.output);
  if ("content" in value) return ofParts(value.content);
  return fail("received an unsupported value");
}

export function codex({ cwd, homeDir, tmpDir, running, ask }) {
  let calls = 0;
  let images = 0;
  const cell = () => {
    const found = running.getStore();
    if (!found) throw new Error("js_repl exec context not found");
    return found;
  };
  return {
    cwd,
    homeDir,
    tmpDir,
    async tool(name, args) {
      const { id } = cell();
      if (typeof name !== "string" || !name) throw new Error("codex.tool expects a tool name string");
      const given = typeof args === "string" ? args : args === undefined ? "{}" : JSON.stringify(args);
      return ask({ type: "call", id: `${id}-tool-${calls++}`, tool: name, arguments: given });
    },
    // What a cell does not wait for is waited for at its end, and fails it unless somebody looks at the failure.
    emitImage(value) {
      let seen = false;
      const work = (async () => {
        const { id, tasks } = cell();
        const shown = (async () => {
          const found = image(await value);
          await ask({ type: "image", id: `${id}-emit-image-${images++}`, ...found });
        })();
        tasks.add(shown.then(() => ({}), (value) => ({ error: { value }, seen: () => seen })));
        return shown;
      })();
      work.catch(() => {});
      const looked = (method) => (...args) => {
        seen = true;
        return work[method](...args);
      };
      return { then: looked("then"), catch: looked("catch"), finally: looked("finally") };
    },
  };
}
