// Copy buttons: <button data-copy="id of a field" data-done="Copied">. The clipboard API exists on secure pages only.

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    button.textContent = (await copied(field)) ? button.dataset.done : label;
    setTimeout(() => {
      button.textContent = label;
    }, 2_000);
  });
}

async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}
