/**
 * What this device keeps: the pack, the node's trust data, the device's key, receipts. One IndexedDB database.
 */

const NAME = "luzheng-officer";
/** 2: outcomes of stops. */
const VERSION = 2;
/** Stands in another store of the browser: when it is there and the database is not, the browser has cleared the database. */
const MARK = "luzheng-pack-installed";

let opened = null;

function open() {
  if (!opened) {
    opened = new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = (event) => {
        if (event.oldVersion < 1) {
          request.result.createObjectStore("facts");
          request.result.createObjectStore("receipts", { keyPath: "sequence" });
        }
        if (event.oldVersion < 2) request.result.createObjectStore("outcomes", { keyPath: "number", autoIncrement: true });
      };
      request.onsuccess = () => {
        // A page of a later version waits for this one to let go.
        request.result.onversionchange = () => { request.result.close(); opened = null; };
        // Another tab or the browser may want it gone; then it is opened again next time.
        request.result.onclose = () => { opened = null; };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
    opened.catch(() => { opened = null; });
  }
  return opened;
}

/** Runs `work` in one transaction over the named stores; what it returns is there when the transaction is durable. */
async function within(stores, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode);
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
    work(transaction, (value) => { result = value; });
  });
}

/** @param {string} name @returns {Promise<any>} a fact, or undefined */
export function fact(name) {
  return within(["facts"], "readonly", (transaction, give) => {
    const request = transaction.objectStore("facts").get(name);
    request.onsuccess = () => give(request.result);
  });
}

/** Sets several facts at once. @param {object} facts */
export function setFacts(facts) {
  return within(["facts"], "readwrite", (transaction) => {
    Object.keys(facts).forEach((name) => transaction.objectStore("facts").put(facts[name], name));
  });
}

/** Stores a receipt and the device's new last digest together: none is shown that could be lost or doubled. */
export function addReceipt(receipt, device) {
  return within(["facts", "receipts"], "readwrite", (transaction) => {
    transaction.objectStore("receipts").add(receipt);
    transaction.objectStore("facts").put(device, "device");
  });
}

/** @returns {Promise<object[]>} all receipts, oldest first */
export function receipts() {
  return within(["receipts"], "readonly", (transaction, give) => {
    const request = transaction.objectStore("receipts").getAll();
    request.onsuccess = () => give(request.result);
  });
}

/** Puts receipts back, changed (uploaded, countersigned). */
export function putReceipts(list) {
  return within(["receipts"], "readwrite", (transaction) => {
    list.forEach((one) => transaction.objectStore("receipts").put(one));
  });
}

/** Stores the outcome of a stop; the store numbers them in the order in which they were recorded. */
export function addOutcome(outcome) {
  return within(["outcomes"], "readwrite", (transaction) => { transaction.objectStore("outcomes").add(outcome); });
}

/** @returns {Promise<object[]>} all outcomes, oldest first */
export function outcomes() {
  return within(["outcomes"], "readonly", (transaction, give) => {
    const request = transaction.objectStore("outcomes").getAll();
    request.onsuccess = () => give(request.result);
  });
}

/** Puts outcomes back, changed (uploaded). */
export function putOutcomes(list) {
  return within(["outcomes"], "readwrite", (transaction) => {
    list.forEach((one) => transaction.objectStore("outcomes").put(one));
  });
}

/** Says elsewhere that a pack is installed. */
export function mark(number) {
  try {
    if (number === null) localStorage.removeItem(MARK);
    else localStorage.setItem(MARK, String(number));
  } catch (error) {
    // Without the mark a lost pack looks like one that was never installed; the page asks for it either way.
  }
}

/** @returns {boolean} was a pack installed in this browser, as far as it knows? */
export function marked() {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch (error) {
    return false;
  }
}
