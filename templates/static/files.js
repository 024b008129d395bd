// The file page: a file dropped anywhere on the page, or chosen, is sent at once; one that is too large is not sent at all.

const form = document.getElementById("file-form");
const input = document.getElementById("file");
const word = form.querySelector(".file-word");
const drop = form.querySelector(".drop");

function send() {
  const file = input.files[0];
  if (!file) return;
  if (file.size > Number(form.dataset.limit) * 1024 * 1024) {
    word.textContent = form.dataset.tooLarge;
    input.value = "";
    return;
  }
  word.textContent = form.dataset.reading;
  form.requestSubmit();
}

input.addEventListener("change", send);
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (!event.dataTransfer.files.length) return;
  const files = new DataTransfer();
  files.items.add(event.dataTransfer.files[0]);
  input.files = files.files;
  send();
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    document.querySelectorAll("details").forEach((each) => { each.open = true; });
    print();
  });
}
