// What a page sends one after the other, since each needs what the one before has brought.

let queue = Promise.resolve();
let underway = 0;

/** Once everything before is done; `failed` is told when the line broke. */
export function inTurn(deed, failed) {
  underway += 1;
  queue = queue.then(deed).catch(failed).finally(() => { underway -= 1; });
  return queue;
}

/** When everything up to now is done. */
export const settled = () => queue;

/** A form leaves with what its turns have brought: until then its submission waits. */
export function leaveInTurn(form, left) {
  let isWaiting = false;
  form.addEventListener("submit", (event) => {
    if (!underway) { left(); return; }
    event.preventDefault();
    const { submitter } = event;
    if (!isWaiting) queue.then(() => { isWaiting = false; form.requestSubmit(submitter); });
    isWaiting = true;
  });
}
