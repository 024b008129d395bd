// What the browser keeps between visits, in IndexedDB: `lists` (anchor, trust list, status lists) and `scans`.

const NAME = "etrust-check", VERSION = 1;
let opened = null;

function open() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("lists");
      request.result.createObjectStore("scans", { keyPath: "text" });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

async function run(store, mode, work) {
  const transaction = (await open()).transaction(store, mode);
  const request = work(transaction.objectStore(store));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request?.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

export const get = (store, key) => run(store, "readonly", (objects) => objects.get(key));
export const all = (store) => run(store, "readonly", (objects) => objects.getAll());
export const put = (store, value, key) => run(store, "readwrite", (objects) => objects.put(value, key));
export const remove = (store, key) => run(store, "readwrite", (objects) => objects.delete(key));
export const keys = (store) => run(store, "readonly", (objects) => objects.getAllKeys());
