// Programs see these frames: line and column of each step are those of codex-cli's own (captured:
// code_mode/content_frames), so nothing here may move. The first line is its line 69.
((put) => { "use strict";
  const { apply } = Reflect;
  const iterating = Symbol.iterator;
  globalThis.content = function content(value) {
    const found =
      typeof value === "string" ? undefined : value?.[iterating];
    if (typeof found !== "function") {
      return put(value);
    }
    //
    // How it is gone through is asked once: what was found is what is used.
    //
    const iterable = { [iterating]: () => apply(found, value, []) };
    for (const block of iterable) {
      put(block);
    }
  };
})
