const __codexContentItems = globalThis.__codexContentItems;
const __codexRuntime = globalThis.__codexRuntime;
delete globalThis.__codexRuntime;
Object.defineProperty(globalThis, '__codexContentItems', { value: __codexContentItems, enumerable: false, writable: false });
(() => {
  const silent = { log() {}, info() {}, warn() {}, error() {}, debug() {} };
  for (const [name, value] of Object.entries({ ...__codexRuntime, console: Object.freeze(silent) })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: true, writable: false });
  }
})();
