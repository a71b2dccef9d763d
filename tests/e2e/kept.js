// What the page's origin keeps in the browser, as JSON.
(async () => {
  // An empty page has no origin.
  if (location.protocol !== "http:") return "";
  const all = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const kept = [document.cookie, window.name, { ...localStorage }, { ...sessionStorage }];
  for (const { name } of await indexedDB.databases()) {
    const database = await all(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const values = database.transaction(store).objectStore(store);
      kept.push([name, store, await all(values.getAllKeys()), await all(values.getAll())]);
    }
    database.close();
  }
  for (const name of window.caches ? await caches.keys() : []) {
    kept.push([name, (await (await caches.open(name)).keys()).map(({ url }) => url)]);
  }
  return JSON.stringify(kept);
})()
